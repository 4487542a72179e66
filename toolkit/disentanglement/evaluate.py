"""Many scores on one member: tables made once, work shared out over cores, refusals kept apart."""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from toolkit.disentanglement.blocks import MemberData, blocks_of, work
from toolkit.disentanglement.inputs import label
from toolkit.disentanglement.predictor.dci import Learnt, dci_of
from toolkit.disentanglement.protocol import Preset
from toolkit.disentanglement.record import ScoreResult
from toolkit.disentanglement.sampler import Random, Sampler
from toolkit.disentanglement.table import SCORES
from toolkit.errors import UnknownNameError
from toolkit.execution import Done, Execute, serial

# parameters of scores that the material fills in; all others are options
GIVEN = {"codes", "factors", "seed", "table", "sampler", "log_variance", "samples"} | {
    "nmi",
    "information",
    "images",
    "rates",
}


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """Results by score; for each that could not be computed, the sentence that says why."""

    results: Mapping[str, ScoreResult]
    refused: Mapping[str, str]

    def flat(self) -> dict[str, float]:
        """Every value under `score/value`, sorted.

        >>> found = ScoreResult(values={"mig": 0.5})
        >>> Evaluation(results={"mig": found}, refused={}).flat()
        {'mig/mig': 0.5}
        """
        return {
            f"{name}/{value}": float(number)
            for name, result in sorted(self.results.items())
            for value, number in sorted(result.values.items())
        }


def material_for(preset: Preset, sampler: Sampler, *, seed: int) -> MemberData:
    """Draw the images a protocol asks for, and their codes."""
    images = sampler.draw(preset.train + preset.test, Random(seed))
    return MemberData(
        codes=sampler.codes(images),
        factors=sampler.factors_of(images),
        sampler=sampler,
        test=preset.test,
    )


def evaluate(
    material: MemberData,
    scores: Mapping[str, Mapping[str, Any]],
    *,
    seed: int,
    execute: Execute = serial,
) -> Evaluation:
    """Compute scores of one member.

    >>> grid = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> evaluate(MemberData(codes=grid * 1.0, factors=grid), {"mig": {}}, seed=0).flat()
    {'mig/mig': 1.0}

    Arguments:
        material: what is known of the member.
        scores: options of each score by name; `PRESETS[...].scores` is such a table.
        seed: of all scores.
        execute: where the work runs; results do not depend on it.

    Raises:
        UnknownNameError: no score, or no option of it, has this name.
    """
    for name, options in scores.items():
        check_options(name, options)
    blocks = blocks_of(material, scores, seed=seed)
    answers: dict[int, Any] = {}
    for position, event in execute(work, blocks):
        if isinstance(event, Done):
            answers[position] = event.value
    results: dict[str, ScoreResult] = {}
    refused: dict[str, str] = {}
    pieces: dict[str, dict[int, Learnt]] = {}
    for position in range(len(blocks)):
        for name, answer in answers[position].items():
            if isinstance(answer, ScoreResult):
                results[name] = answer
            elif isinstance(answer, dict):
                pieces.setdefault(name, {}).update(answer)
            else:
                refused[name] = answer
    for name in pieces.keys() - refused.keys():
        data = label(material.codes, np.asarray(material.factors))
        learnt = [pieces[name][factor] for factor in data.kept]
        results[name] = dci_of(learnt, kept=data.kept, notes=data.notes)
    return Evaluation(results=dict(sorted(results.items())), refused=dict(sorted(refused.items())))


def check_options(name: str, options: Mapping[str, Any]) -> None:
    """Refuse an unknown score, or an option it does not have.

    >>> check_options("mig", {"bins": 20})
    """
    if name not in SCORES:
        raise UnknownNameError("score", name, SCORES)
    known = set(inspect.signature(SCORES[name].compute).parameters) - GIVEN
    for option in options:
        if option not in known:
            raise UnknownNameError(f"option of the score {name}", option, known)

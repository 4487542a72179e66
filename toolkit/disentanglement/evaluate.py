"""Many scores on one member: tables made once, work shared out over cores, refusals kept apart."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from toolkit.disentanglement.blocks import BlockResult, blocks_of, work
from toolkit.disentanglement.inputs import label
from toolkit.disentanglement.member import MemberData
from toolkit.disentanglement.record import ScoreResult
from toolkit.disentanglement.settings import ScoreSettings
from toolkit.disentanglement.table import SCORES
from toolkit.errors import ToolkitError, UnknownNameError
from toolkit.execution import Done, Execute, serial


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


def evaluate(
    member: MemberData,
    scores: Mapping[str, ScoreSettings],
    *,
    seed: int,
    execute: Execute = serial,
) -> Evaluation:
    """Compute scores of one member.

    >>> from toolkit.disentanglement.table import score_settings
    >>> grid = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> member = MemberData(codes=grid * 1.0, factors=grid)
    >>> evaluate(member, {"mig": score_settings("mig", bins=10)}, seed=0).flat()
    {'mig/mig': 1.0}

    Arguments:
        member: what is known of it.
        scores: settings of each score by name; `PRESETS[...].scores` is such a table.
        seed: of all scores.
        execute: where the work runs; results do not depend on it.

    Raises:
        UnknownNameError: no score has this name.
    """
    for name in scores:
        if name not in SCORES:
            raise UnknownNameError("score", name, SCORES)
    blocks = blocks_of(member, scores, seed=seed)
    finished: dict[int, BlockResult] = {}
    for position, event in execute(work, blocks):
        if isinstance(event, Done):
            finished[position] = event.value
    results: dict[str, ScoreResult] = {}
    refused: dict[str, str] = {}
    contributions: dict[str, dict[int, object]] = {}
    for position in range(len(blocks)):
        results |= finished[position].results
        refused |= finished[position].refused
        for name, of_factor in finished[position].contributions.items():
            contributions.setdefault(name, {}).update(of_factor)
    for name in contributions.keys() - refused.keys():
        by_factor = SCORES[name].by_factor
        if by_factor is None:
            continue
        data = label(member.codes, np.asarray(member.factors))
        try:
            results[name] = by_factor.combine(
                [contributions[name][factor] for factor in data.kept],
                kept=data.kept,
                notes=data.notes,
            )
        except ToolkitError as error:
            refused[name] = str(error)
    return Evaluation(results=dict(sorted(results.items())), refused=dict(sorted(refused.items())))

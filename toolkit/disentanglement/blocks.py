"""The work of many scores on one member, in blocks that share tables and can run apart."""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Num

from toolkit.disentanglement.information.infomec import normalised_table
from toolkit.disentanglement.information.posterior_entropy import entropy_table
from toolkit.disentanglement.information.table import information_table
from toolkit.disentanglement.predictor.dci import Learnt, learn
from toolkit.disentanglement.predictor.train_test import Split, label_and_part
from toolkit.disentanglement.record import Array, Score, Table
from toolkit.disentanglement.sampler import Sampler
from toolkit.disentanglement.table import SCORES
from toolkit.errors import ToolkitError

BY_FACTOR = "dci"  # so much longer than the others that its factors are shared out
TABLES: dict[Table, Callable[..., Any]] = {
    "counts": information_table,
    "normalised": normalised_table,
    "entropies": entropy_table,
}
# options that belong to the reading of a table, not to its making
READING = ("least_variance",)


@dataclass(frozen=True, kw_only=True)
class MemberData:
    """What is known of one member.

    Arguments:
        codes: (n, d), means of the posteriors or symbols.
        factors: (n, k), indices of values; None where there are none.
        log_variance: (n, d), natural logarithm; None for deterministic codes.
        nmi: (d, k), of channels with factors, from posteriors.
        information: (d,), bits of each channel, from posteriors.
        sampler: draws images by factors from the whole data; None draws from the rows.
        test: so many last rows are kept for predictors to be asked about; None leaves each
            score's own `split`, 0 asks about the rows learnt from.
    """

    codes: Num[Array, "n d"]
    factors: Num[Array, "n k"] | None = None
    log_variance: Num[Array, "n d"] | None = None
    nmi: Num[Array, "d k"] | None = None
    information: Num[Array, " d"] | None = None
    sampler: Sampler | None = None
    test: int | None = None

    @property
    def rows(self) -> int:
        """How many rows are not kept for asking."""
        return len(self.codes) - (self.test or 0)


@dataclass(frozen=True)
class Block:
    """Scores that read one table, or one factor's part of a long score."""

    material: MemberData
    scores: Mapping[str, Mapping[str, Any]]
    seed: int
    factor: int | None = None


def blocks_of(
    material: MemberData, scores: Mapping[str, Mapping[str, Any]], *, seed: int
) -> list[Block]:
    """Part the work; long work first, so that no core is left with it at the end.

    Only blocks that draw images carry the sampler, whose table of codes may be large.
    """
    still = replace(material, sampler=None)
    groups: dict[str, dict[str, Mapping[str, Any]]] = {}
    blocks = []
    for name, options in scores.items():
        if name == BY_FACTOR and material.factors is not None:
            count = [len(np.unique(column)) for column in np.asarray(material.factors).T]
            varying = [k for k in range(len(count)) if count[k] > 1]
            order = sorted(varying, key=lambda k: -count[k]) or [0]
            blocks += [Block(still, {name: options}, seed, factor=k) for k in order]
        else:
            groups.setdefault(SCORES[name].table or name, {})[name] = options
    samples = {key: any(SCORES[name].samples for name in groups[key]) for key in groups}
    return blocks + [
        Block(material if samples[key] else still, groups[key], seed)
        for key in sorted(groups, key=lambda k: not samples[k])
    ]


def work(block: Block) -> Generator[str, None, dict[str, Any]]:
    """Compute a block: yields the names of finished scores, returns what each answered.

    An answer is a result, the part of it for one factor, or the sentence that refuses it.
    """
    answers: dict[str, Any] = {}
    tables: dict[str, Any] = {}
    for name, options in block.scores.items():
        try:
            if block.factor is not None:
                answers[name] = _one_factor(block, block.factor, options)
            else:
                answers[name] = _one_score(block, name, options, tables)
        except ToolkitError as error:
            answers[name] = str(error)
        yield name
    return answers


def _split(material: MemberData, options: Mapping[str, Any]) -> Split:
    chosen: Split = options.get("split", "held_out")
    if "split" in options or material.test is None:
        return chosen
    return material.test or "in_sample"


def _one_factor(block: Block, factor: int, options: Mapping[str, Any]) -> dict[int, Learnt]:
    material = block.material
    codes, factors = material.codes, np.asarray(material.factors)
    rest = {key: value for key, value in options.items() if key != "split"}
    data, parts = label_and_part(codes, factors, split=_split(material, options), seed=block.seed)
    place = data.kept.index(factor)
    learner = rest.pop("learner", "boosted")
    return {
        factor: learn(
            data.codes,
            data.factors[:, place],
            parts=parts,
            learner=learner,
            seed=block.seed,
            **rest,
        )
    }


def _one_score(
    block: Block, name: str, options: Mapping[str, Any], tables: dict[str, Any]
) -> object:
    material, score = block.material, SCORES[name]
    _refuse_what_is_missing(name, score, material)
    given: dict[str, Any] = dict(options)
    codes, factors = material.codes, material.factors
    rows = slice(None if score.learns or score.samples else material.rows)
    if score.learns:
        given["split"] = _split(material, options)
    if score.samples:
        given["sampler"] = material.sampler
    if "posteriors" in score.needs and material.log_variance is not None:
        given["log_variance"] = material.log_variance[rows]
    if "nmi" in score.needs:
        given["nmi"] = material.nmi
    if name == "channel_bits":
        given["information"] = material.information
    codes, factors = codes[rows], None if factors is None else np.asarray(factors)[rows]
    if score.table is not None:
        making = {key: value for key, value in given.items() if key not in READING}
        key = repr(sorted((k, v) for k, v in making.items() if k != "log_variance"))
        if key not in tables:
            needs_seed = {} if score.table == "counts" else {"seed": block.seed}
            tables[key] = TABLES[score.table](codes, factors, **needs_seed, **making)
        given["table"] = tables[key]
    return score.compute(codes, factors, seed=block.seed, **given)


def _refuse_what_is_missing(name: str, score: Score, material: MemberData) -> None:
    lacking = {
        "factors": material.factors is None,
        "posteriors": material.log_variance is None,
        "nmi": material.nmi is None,
        "models": True,
    }
    needed = {
        "factors": "factors with known values",
        "posteriors": "log-variances of posteriors",
        "nmi": "NMI of channels with factors, from posteriors",
        "models": "several members at once",
    }
    for need in needed:
        if need in score.needs and lacking[need]:
            raise ToolkitError(
                f"the score {name} needs {needed[need]}, which this member does not offer. "
                "Leave it out of `scores`, or provide them."
            )

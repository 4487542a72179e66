"""The work of many scores on one member, in blocks that share tables and can run apart."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from toolkit.disentanglement.member import MemberData
from toolkit.disentanglement.predictor.train_test import PredictorSettings
from toolkit.disentanglement.record import ScoreResult, Takes
from toolkit.disentanglement.settings import ScoreSettings
from toolkit.disentanglement.table import SCORES
from toolkit.errors import ToolkitError

NEEDED = {
    Takes.FACTORS: "factors with known values",
    Takes.POSTERIORS: "log-variances of posteriors",
    Takes.NMI: "NMI of channels with factors, from posteriors",
    Takes.MEMBERS: "several members at once",
}


@dataclass(frozen=True)
class Block:
    """Scores that read one table, or one factor's part of a long score."""

    member: MemberData
    scores: Mapping[str, ScoreSettings]
    seed: int
    factor: int | None = None


@dataclass(frozen=True)
class BlockResult:
    """What a block computed, by the names of its scores.

    Arguments:
        results: whole results.
        contributions: of the block's factor to scores that are computed by factor.
        refused: sentences that say why a score cannot be computed.
    """

    results: dict[str, ScoreResult] = field(default_factory=dict)
    contributions: dict[str, dict[int, object]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)


def blocks_of(member: MemberData, scores: Mapping[str, ScoreSettings], *, seed: int) -> list[Block]:
    """Part the work; long work first, so that no core is left with it at the end.

    Only blocks that draw images carry the sampler, whose table of codes may be large.
    """
    without_sampler = replace(member, sampler=None)
    groups: dict[str, dict[str, ScoreSettings]] = {}
    blocks = []
    for name, settings in scores.items():
        score = SCORES[name]
        if score.by_factor is not None and member.factors is not None:
            sizes = [len(np.unique(column)) for column in np.asarray(member.factors).T]
            varying = [k for k in range(len(sizes)) if sizes[k] > 1]
            order = sorted(varying, key=lambda k: -sizes[k]) or [0]
            blocks += [Block(without_sampler, {name: settings}, seed, factor=k) for k in order]
        else:
            shared = name if score.table is None else score.table.name
            groups.setdefault(shared, {})[name] = settings
    draws = {
        key: any(Takes.SAMPLER in SCORES[name].takes for name in groups[key]) for key in groups
    }
    return blocks + [
        Block(member if draws[key] else without_sampler, groups[key], seed)
        for key in sorted(groups, key=lambda key: not draws[key])
    ]


def work(block: Block) -> Generator[str, None, BlockResult]:
    """Compute a block: yields the names of finished scores, returns what came out."""
    found = BlockResult()
    tables: dict[ScoreSettings, object] = {}
    for name, settings in block.scores.items():
        try:
            by_factor = SCORES[name].by_factor
            if by_factor is None or block.factor is None:
                found.results[name] = _whole_score(block, name, settings, tables)
            else:
                codes = block.member.codes_for(SCORES[name])
                contribution = by_factor.learn(
                    codes,
                    block.member.factors,
                    _with_split(settings, block.member),
                    factor=block.factor,
                    seed=block.seed,
                )
                found.contributions[name] = {block.factor: contribution}
        except ToolkitError as error:
            found.refused[name] = str(error)
        yield name
    return found


def _whole_score(
    block: Block, name: str, settings: ScoreSettings, tables: dict[ScoreSettings, object]
) -> ScoreResult:
    """A score with all that it takes, its table among it."""
    member, score = block.member, SCORES[name]
    missing = {
        Takes.FACTORS: member.factors is None,
        Takes.POSTERIORS: member.log_variance is None,
        Takes.NMI: member.nmi is None,
        Takes.MEMBERS: True,
    }
    for need, what in NEEDED.items():
        if need in score.takes and missing[need]:
            raise ToolkitError(
                f"the score {name} needs {what}, which this member does not offer. "
                "Leave it out of `scores`, or provide them."
            )
    trains = isinstance(settings, PredictorSettings)
    rows = slice(None if trains or Takes.SAMPLER in score.takes else member.train)
    codes = member.codes_for(score)[rows]
    factors = None if member.factors is None else np.asarray(member.factors)[rows]
    inputs: dict[str, object] = {}
    if Takes.SAMPLER in score.takes:
        inputs["sampler"] = member.sampler
    if Takes.POSTERIORS in score.takes and member.log_variance is not None:
        inputs["log_variance"] = member.log_variance[rows]
    if Takes.NMI in score.takes:
        inputs["nmi"] = member.nmi
    if Takes.INFORMATION in score.takes:
        inputs["information"] = member.information
    if score.table is not None:
        decisive = score.table.settings_of(settings)
        if decisive not in tables:
            tables[decisive] = score.table.compute(
                codes, factors, decisive, seed=block.seed, **inputs
            )
        inputs["table"] = tables[decisive]
    return score.compute(codes, factors, _with_split(settings, member), seed=block.seed, **inputs)


def _with_split(settings: ScoreSettings, member: MemberData) -> ScoreSettings:
    """Settings of a predictor with the member's split where they leave it open."""
    if isinstance(settings, PredictorSettings) and settings.split is None:
        return replace(settings, split=member.split)
    return settings

"""The records of a report, one after the other, read off what was compared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from toolkit.information import ChannelComparison, agreement_interval, cross_run_agreement
from toolkit.posteriors import Posteriors
from toolkit.report.findings.channels import channels_of, hot_spots_of, summaries_of
from toolkit.report.findings.curves import find_curves
from toolkit.report.findings.sizes import numbers_at_sizes
from toolkit.report.findings.uncertainty import certainty_of, nmi_spans
from toolkit.report.records import Channel, Findings, HotSpot, RunSummary, SizePoint
from toolkit.report.runs import ComparedRun, FailedMember
from toolkit.report.scores.correlations import correlate
from toolkit.report.scores.ranking import udr_of_each
from toolkit.report.scores.records import ScoreSummary
from toolkit.report.scores.settings import settings_of
from toolkit.report.scores.summaries import summaries_of as scores_of
from toolkit.report.spans import LEVEL, Span
from toolkit.structure import Structure


@dataclass(frozen=True, kw_only=True)
class Compared:
    """What was compared, and what came out of the comparison of channels.

    Arguments:
        runs: in their one order.
        answers: of every run.
        mean, log_variance: of all channels, side by side.
        owner: position of the run that each channel belongs to.
        comparison: of all channels.
        structure: what OPTICS made of it.
        factor_names: known factors, or nothing.
    """

    runs: tuple[ComparedRun, ...]
    answers: tuple[Posteriors, ...]
    mean: Float[Tensor, "n c"]
    log_variance: Float[Tensor, "n c"]
    owner: Int[np.ndarray, " c"]
    comparison: ChannelComparison
    structure: Structure
    factor_names: tuple[str, ...]


def assemble(
    given: Compared,
    *,
    copies: tuple[str, ...],
    failed: tuple[FailedMember, ...],
    by: str,
    threshold_bits: float,
    min_samples: int,
    resamples: int,
    seed: int,
) -> Findings:
    """The findings; arguments as `find` has them."""
    runs, comparison = given.runs, given.comparison
    spots = _hot_spots(given, resamples=resamples, seed=seed)
    channels = _channels(given, spots, resamples=resamples, seed=seed)
    udr = udr_of_each(given.answers, comparison.nmi.numpy(force=True))
    summaries = summaries_of(comparison, channels, given.owner, udr)
    agreement = partial(_agreement, comparison, given.owner, threshold_bits)
    curves = find_curves(runs, summaries, agreement=agreement)
    settings = settings_of(runs)
    scores = scores_of(
        runs,
        settings=settings,
        curves=[[point.runs for point in curve.points] for curve in curves],
    )
    return Findings(
        runs=runs,
        copies=copies,
        failed=failed,
        images=comparison.images,
        probe=given.answers[0].probe,
        factor_names=given.factor_names,
        factor_bits=tuple(comparison.label_information.tolist()),
        comparison=comparison,
        structure=given.structure,
        channels=channels,
        hot_spots=spots,
        summaries=summaries,
        curves=curves,
        agreement=agreement(tuple(range(len(runs)))),
        agreement_span=_agreement_span(comparison, given.owner, threshold_bits),
        sizes=_sizes(given, spots, channels, seed=seed),
        settings=settings,
        scores=scores,
        correlations=correlate(_ranked(scores, summaries)),
        by=by,
        threshold_bits=threshold_bits,
        min_samples=min_samples,
        resamples=min(resamples, comparison.images),
    )


def _hot_spots(given: Compared, *, resamples: int, seed: int) -> tuple[HotSpot, ...]:
    spots = hot_spots_of(given.comparison, given.structure, given.owner, given.factor_names)
    spans = nmi_spans(
        given.mean,
        given.log_variance,
        [spot.channels for spot in spots],
        given.comparison,
        resamples=resamples,
        seed=seed,
    )
    return tuple(replace(s, nmi_span=span) for s, span in zip(spots, spans, strict=True))


def _channels(
    given: Compared, spots: tuple[HotSpot, ...], *, resamples: int, seed: int
) -> tuple[Channel, ...]:
    certainty = certainty_of(
        given.mean, given.log_variance, given.comparison, resamples=resamples, seed=seed
    )
    return channels_of(
        given.comparison, given.structure, spots, given.owner, given.factor_names, certainty
    )


def _sizes(
    given: Compared, spots: tuple[HotSpot, ...], channels: tuple[Channel, ...], *, seed: int
) -> tuple[SizePoint, ...]:
    return numbers_at_sizes(
        given.mean,
        given.log_variance,
        given.comparison,
        owner=given.owner,
        kept=np.array([channel.kept for channel in channels]),
        spots=spots,
        seed=seed,
    )


def _agreement(
    comparison: ChannelComparison,
    owner: Int[np.ndarray, " c"],
    threshold_bits: float,
    runs: tuple[int, ...],
) -> float:
    """Of some of the runs with one another."""
    inside = torch.from_numpy(np.isin(owner, runs))
    return cross_run_agreement(
        comparison.information[inside],
        comparison.nmi[inside][:, inside],
        torch.from_numpy(owner)[inside],
        threshold_bits=threshold_bits,
    )


def _agreement_span(
    comparison: ChannelComparison, owner: Int[np.ndarray, " c"], threshold_bits: float
) -> Span | None:
    """Of all runs; none where there are too few to leave one out."""
    if int(owner[-1]) < 2:
        return None
    found = agreement_interval(
        comparison.information,
        comparison.nmi,
        torch.from_numpy(owner),
        threshold_bits=threshold_bits,
        level=LEVEL,
    )
    return Span(low=float(found.low), high=float(found.high))


def _ranked(
    scores: Sequence[ScoreSummary], summaries: Sequence[RunSummary]
) -> Mapping[str, Sequence[float | None]]:
    """What runs are ranked by: main values of scores, and the numbers that need no labels."""
    kinds = sorted({kind for summary in summaries for kind in summary.udr})
    return {
        **{score.name: score.values for score in scores if score.main},
        **{kind: [summary.udr.get(kind) for summary in summaries] for kind in kinds},
        "agreement": [summary.agreement for summary in summaries],
        "confirmed bits": [summary.confirmed_bits for summary in summaries],
        "bits": [summary.total_bits for summary in summaries],
    }

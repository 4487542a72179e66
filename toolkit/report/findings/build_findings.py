"""The records of a report, one after the other, from compared channels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from toolkit.information import (
    AXES_SEED,
    ChannelComparison,
    agreement_beside_chance,
    agreement_table,
    random_axes_table,
)
from toolkit.posteriors import Posteriors
from toolkit.report.findings.agreement import agreement_among, agreement_of_runs
from toolkit.report.findings.channels import channel_records, summarise_runs
from toolkit.report.findings.curves import find_curves
from toolkit.report.findings.fragments import find_fragments
from toolkit.report.findings.hot_spots import find_hot_spots
from toolkit.report.findings.setting_differences import find_setting_differences
from toolkit.report.findings.sizes import numbers_at_sizes
from toolkit.report.findings.trust import recommend
from toolkit.report.findings.uncertainty import uncertainty_of
from toolkit.report.recommendation import Recommendation
from toolkit.report.records import Findings, RunSummary
from toolkit.report.runs import ComparedRun, FailedMember
from toolkit.report.scores.correlations import correlate
from toolkit.report.scores.ranking import udr_per_run
from toolkit.report.scores.records import ScoreSummary
from toolkit.report.scores.summaries import group_by_setting, summarise_scores
from toolkit.report.settings import ComparisonSettings
from toolkit.report.training_course import course_of_training
from toolkit.structure import Structure


@dataclass(frozen=True, kw_only=True)
class ComparedChannels:
    """The channels of all runs side by side, and the result of their comparison.

    Arguments:
        runs: in their one order.
        posteriors: of every run.
        mean: (n, c) of all channels.
        log_variance: (n, c), natural logarithm.
        run_of_channel: (c,) position of the run that each channel belongs to, rising.
        comparison: of all channels.
        structure: the order and the groups of channels.
        labels: known factors of the images, one column per factor, or None.
        factor_names: their names, or nothing.
    """

    runs: tuple[ComparedRun, ...]
    posteriors: tuple[Posteriors, ...]
    mean: Float[Tensor, "n c"]
    log_variance: Float[Tensor, "n c"]
    run_of_channel: Int[np.ndarray, " c"]
    comparison: ChannelComparison
    structure: Structure
    labels: Int[Tensor, "n k"] | None
    factor_names: tuple[str, ...]


def build_findings(
    compared: ComparedChannels,
    settings: ComparisonSettings,
    *,
    copies: tuple[str, ...],
    failed: tuple[FailedMember, ...],
) -> Findings:
    """All records of a report.

    Arguments:
        compared: all channels and their comparison.
        settings: of the comparison.
        copies: names of runs left out because another run has the same key.
        failed: members left out because their training failed.
    """
    runs, comparison, members = compared.runs, compared.comparison, compared.run_of_channel
    channel_inputs = (compared.mean, compared.log_variance)

    # Channels, hot spots
    uncertainty = uncertainty_of(*channel_inputs, comparison, settings=settings)
    groups = find_hot_spots(
        comparison,
        compared.structure,
        channel_inputs,
        members,
        uncertainty,
        labels=compared.labels,
        factor_names=compared.factor_names,
        settings=settings,
    )
    spots = tuple(spot for spot in groups if spot.claimed)
    channels = channel_records(
        comparison, compared.structure, spots, members, compared.factor_names, uncertainty
    )

    # Runs, hyper-parameters
    udr = udr_per_run(compared.posteriors, comparison.nmi.numpy(force=True))
    table = agreement_table(
        comparison.information,
        comparison.nmi,
        torch.from_numpy(members),
        threshold_bits=settings.threshold_bits,
    )
    chance = random_axes_table(
        *channel_inputs,
        torch.from_numpy(members),
        comparison.information,
        seed=AXES_SEED,
        threshold_bits=settings.threshold_bits,
    )
    summaries = summarise_runs(channels, agreement_of_runs(table, chance), udr)
    agreement = agreement_beside_chance(table, chance)
    among = agreement_among(
        *channel_inputs,
        comparison,
        run_of_channel=torch.from_numpy(members),
        threshold_bits=settings.threshold_bits,
    )
    curves = find_curves(runs, summaries, agreement=among)

    fragments = find_fragments(
        curves, comparison, members, compared.factor_names, settings=settings
    )

    # Disentanglement scores
    seed_groups = group_by_setting(runs)
    scores = summarise_scores(
        runs,
        settings=seed_groups,
        curves=[[point.runs for point in curve.points] for curve in curves],
    )
    recommendation = recommend(
        comparison,
        compared.posteriors,
        seed_groups,
        kept=np.array([channel.kept for channel in channels]),
        seed=settings.seed,
    )
    return Findings(
        runs=runs,
        copies=copies,
        failed=failed,
        images=comparison.images,
        probe=compared.posteriors[0].probe,
        factor_names=compared.factor_names,
        factor_bits=tuple(comparison.label_information.tolist()),
        comparison=comparison,
        structure=compared.structure,
        channels=channels,
        hot_spots=spots,
        candidates=groups[len(spots) :],
        summaries=summaries,
        curves=curves,
        agreement=agreement,
        sizes=numbers_at_sizes(
            *channel_inputs,
            comparison,
            run_of_channel=members,
            kept=np.array([channel.kept for channel in channels]),
            spots=spots,
            agreement=agreement,
            seed=settings.seed,
        ),
        settings=seed_groups,
        setting_differences=find_setting_differences(
            seed_groups,
            summaries,
            comparison,
            channel_inputs,
            members,
            kept=np.flatnonzero([channel.kept for channel in channels]),
            uncertainty=uncertainty,
            agreement=among,
            options=settings,
        ),
        scores=scores,
        correlations=correlate(_rankings(scores, summaries, recommendation)),
        recommendation=recommendation,
        fragments=fragments,
        course=course_of_training(runs, seed_groups, threshold_bits=settings.threshold_bits),
        threshold_bits=settings.threshold_bits,
        resamples=min(settings.resamples, comparison.images),
    )


def _rankings(
    scores: Sequence[ScoreSummary],
    summaries: Sequence[RunSummary],
    recommendation: Recommendation,
) -> Mapping[str, Sequence[float | None]]:
    """Everything that runs are ranked by: main values of scores, and numbers without labels."""
    kinds = sorted({kind for summary in summaries for kind in summary.udr})
    return {
        **{score.name: score.values for score in scores if score.main},
        **{kind: [summary.udr.get(kind) for summary in summaries] for kind in kinds},
        "corrected agreement": [summary.corrected_agreement for summary in summaries],
        "agreement": [summary.agreement for summary in summaries],
        "confirmed bits": [recommendation.of(summary.run).confirmed_bits for summary in summaries],
        "bits": [summary.total_bits for summary in summaries],
    }

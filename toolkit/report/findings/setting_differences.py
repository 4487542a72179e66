"""Whether settings differ in bits and in corrected agreement, beyond their seeds and the images."""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from scipy.special import stdtrit
from torch import Tensor

from toolkit.information import Agreement, ChannelComparison, LeftOut, nmi_left_out
from toolkit.report.findings.agreement import AgreementAmong
from toolkit.report.findings.uncertainty import Uncertainty
from toolkit.report.findings.welch import SettingNumbers, differences
from toolkit.report.intervals import LEVEL
from toolkit.report.records import RunSummary
from toolkit.report.scores.records import Setting
from toolkit.report.setting_difference import SettingDifference
from toolkit.report.settings import ComparisonSettings

LEAST_DRAWS = 10  # of random axes, behind every agreement by chance
PAIRS = 1000  # of channels whose NMI shows what the images decide; over all settings
LEAST_PAIRS = 10  # of one setting


def find_setting_differences(
    settings: Sequence[Setting],
    summaries: Sequence[RunSummary],
    comparison: ChannelComparison,
    channel_inputs: tuple[Float[Tensor, "n c"], Float[Tensor, "n c"]],
    run_of_channel: Int[np.ndarray, " c"],
    *,
    kept: Int[np.ndarray, " k"],
    uncertainty: Uncertainty,
    agreement: AgreementAmong,
    options: ComparisonSettings,
) -> tuple[SettingDifference, ...]:
    """The difference between every two settings, in bits and then in corrected agreement.

    Bits need two runs of either setting. Corrected agreement, a mean over pairs of runs that are
    not independent, needs three runs with axes: its variance over runs is that of the jackknife.

    Arguments:
        settings: groups of runs that differ in their seed alone.
        summaries: of all runs.
        comparison: of all channels.
        channel_inputs: means and natural log-variances of all channels.
        run_of_channel: position of the run that each channel belongs to.
        kept: positions of the channels above the threshold.
        uncertainty: of the bits of all channels.
        agreement: of some of the runs.
        options: number of groups of images, and the seed that assigns images to groups.
    """
    # Sums of bits
    tested = [row for row, setting in enumerate(settings) if len(setting.runs) >= 2]
    if len(tested) < 2:
        return ()
    samples = [
        np.array([summaries[run].total_bits for run in settings[row].runs]) for row in tested
    ]
    share_of_channel = np.stack(
        [np.isin(run_of_channel, settings[row].runs) / len(settings[row].runs) for row in tested]
    )
    by_setting = torch.from_numpy(share_of_channel.T).to(uncertainty.left_out.values)
    bits = SettingNumbers(
        values=np.array([sample.mean() for sample in samples]),
        variances=np.array([[sample.var(ddof=1) / len(sample) for sample in samples]]),
        degrees=np.array([[len(sample) - 1.0 for sample in samples]]),
        images=LeftOut(
            values=uncertainty.left_out.values @ by_setting, sizes=uncertainty.left_out.sizes
        ),
    )
    found = differences("bits", tested, bits)
    # Corrected agreement
    agreements = {row: agreement(settings[row].runs) for row in tested}
    tested = [row for row in tested if agreements[row].corrected_low is not None]
    if len(tested) < 2:
        return found
    saturated = comparison.saturated_pairs.numpy(force=True)
    pairs, weights = [], []
    most = max(LEAST_PAIRS, PAIRS // len(tested))
    for row in tested:
        excluded = set(agreements[row].excluded)
        runs = [run for at, run in enumerate(settings[row].runs) if at not in excluded]
        some, weight = best_pairs(comparison, run_of_channel, kept, saturated, runs, most=most)
        pairs.append(some)
        weights.append(weight / (1 - (agreements[row].by_chance or 0.0)))
    images = None
    if all(len(some) for some in pairs):
        mixing = torch.block_diag(*[torch.from_numpy(weight)[:, None] for weight in weights])
        of_pairs = nmi_left_out(
            *channel_inputs,
            torch.from_numpy(np.concatenate(pairs)),
            generator=torch.Generator().manual_seed(options.seed),
            groups=min(options.resamples, comparison.images),
        )
        images = LeftOut(values=of_pairs.values @ mixing.to(of_pairs.values), sizes=of_pairs.sizes)
    return found + differences(
        "corrected agreement",
        tested,
        agreement_numbers([agreements[row] for row in tested], images=images),
    )


def best_pairs(
    comparison: ChannelComparison,
    run_of_channel: Int[np.ndarray, " c"],
    kept: Int[np.ndarray, " k"],
    saturated: Bool[np.ndarray, "c c"],
    runs: Sequence[int],
    *,
    most: int,
) -> tuple[Int[np.ndarray, "p 2"], Float[np.ndarray, " p"]]:
    """The pairs of channels whose weighted mean NMI is the agreement of some runs.

    Pairs that together are near log2 n are left out, and of more than `most` every second, third
    and so on: images shift all pairs of a setting alike, so some show it for all.

    Arguments:
        comparison: of all channels.
        run_of_channel: position of the run that each channel belongs to.
        kept: positions of the channels above the threshold.
        saturated: of every two channels, whether so few images decide their NMI.
        runs: positions of the runs.
        most: number of pairs, 1 or more.

    Returns:
        Positions of the channels, and weights that sum to 1.
    """
    inside = kept[np.isin(run_of_channel[kept], runs)]
    nmi = np.nan_to_num(comparison.nmi.numpy(force=True)[np.ix_(inside, inside)], nan=-np.inf)
    bits = comparison.information.numpy(force=True)
    columns = []
    for run in runs:
        partners = np.flatnonzero(run_of_channel[inside] == run)
        others = np.flatnonzero(run_of_channel[inside] != run)
        best = partners[nmi[np.ix_(others, partners)].argmax(axis=1)]
        columns.append(np.stack([inside[others], inside[best]], axis=1))
    pairs = np.concatenate(columns)
    pairs = pairs[~saturated[pairs[:, 0], pairs[:, 1]]]
    pairs = pairs[:: max(1, -(-len(pairs) // most))]
    weights = bits[pairs[:, 0]].astype(float)
    return pairs, weights / weights.sum()


def agreement_numbers(
    agreements: Sequence[Agreement], *, images: LeftOut | None = None
) -> SettingNumbers:
    """Corrected agreements with their errors: by the runs, and by the draws of random axes.

    Arguments:
        agreements: each with its corrected interval.
        images: as for `SettingNumbers`.
    """
    value, by_chance, chance_high, corrected, low, high, members = np.array(
        [
            (a.value, a.by_chance, a.chance_high, a.corrected, a.corrected_low, a.corrected_high,
             a.members)
            for a in agreements
        ],
        float,
    ).T  # fmt: skip
    over_runs = (high - low) / 2 / stdtrit(members - 1, (1 + LEVEL) / 2)
    # Mean of draws
    quantile = stdtrit(LEAST_DRAWS - 1, (1 + LEVEL) / 2)
    error = (chance_high - by_chance) / (quantile * np.sqrt(LEAST_DRAWS + 1))
    over_draws = error * (1 - value) / (1 - by_chance) ** 2
    return SettingNumbers(
        values=corrected,
        variances=np.stack([over_runs, over_draws]) ** 2,
        degrees=np.stack([members - 1, np.full(len(members), LEAST_DRAWS - 1.0)]),
        images=images,
    )

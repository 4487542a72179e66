"""Records of channels and runs, from a comparison and its structure.

`run_of_channel` is, everywhere here, the position of the run of each channel, rising.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float, Int

from toolkit.information import ChannelComparison
from toolkit.report.findings.agreement import RunAgreement
from toolkit.report.findings.uncertainty import Uncertainty
from toolkit.report.hot_spots import HotSpot
from toolkit.report.records import Channel, RunSummary
from toolkit.structure import Structure


def _best_factor(
    nmi: Float[np.ndarray, " k"], names: tuple[str, ...]
) -> tuple[str | None, float | None]:
    """The factor with the largest NMI, the first of equals; None where no factor is known."""
    if not names or np.isnan(nmi).all():
        return None, None
    best = int(np.nanargmax(nmi))
    return names[best], float(nmi[best])


def _latent(channel: int, run_of_channel: Int[np.ndarray, " c"]) -> int:
    """The position of a channel within its run."""
    return int(channel - np.searchsorted(run_of_channel, run_of_channel[channel]))


def channel_records(
    comparison: ChannelComparison,
    structure: Structure,
    spots: tuple[HotSpot, ...],
    run_of_channel: Int[np.ndarray, " c"],
    factor_names: tuple[str, ...],
    uncertainty: Uncertainty,
) -> tuple[Channel, ...]:
    """One record per channel, by run and latent."""
    spot_of = {channel: spot.rank for spot in spots for channel in spot.channels}
    kept = set(structure.kept.tolist())
    label_nmi = comparison.label_nmi.numpy(force=True)
    channels = []
    for position, run in enumerate(run_of_channel.tolist()):
        factor, factor_nmi = _best_factor(label_nmi[position], factor_names)
        channel = Channel(
            run=run,
            latent=_latent(position, run_of_channel),
            bits=float(comparison.information[position]),
            interval=uncertainty.intervals[position],
            upper=uncertainty.upper[position],
            saturated=uncertainty.saturated[position],
            doubled=float(comparison.doubled[position]),
            kept=position in kept,
            hot_spot=spot_of.get(position, 0),
            factor=factor,
            factor_nmi=factor_nmi,
        )
        channels.append(channel)
    return tuple(channels)


def summarise_runs(
    channels: tuple[Channel, ...],
    agreement: Sequence[RunAgreement],
    udr: Sequence[Mapping[str, float]],
) -> tuple[RunSummary, ...]:
    """One record per run, in order."""
    summaries = []
    for run, with_others in enumerate(agreement):
        run_channels = [channel for channel in channels if channel.run == run]
        summary = RunSummary(
            run=run,
            bits=tuple(channel.bits for channel in run_channels),
            total_bits=sum(channel.bits for channel in run_channels),
            kept_bits=sum((channel.bits for channel in run_channels if channel.kept), start=0.0),
            active=sum(channel.kept for channel in run_channels),
            agreement=with_others.value,
            agreement_interval=with_others.interval,
            agreement_by_chance=with_others.by_chance,
            corrected_agreement=with_others.corrected,
            corrected_agreement_interval=with_others.corrected_interval,
            hot_spots=len({channel.hot_spot for channel in run_channels} - {0}),
            udr=udr[run],
        )
        summaries.append(summary)
    return tuple(summaries)

"""Records of channels, hot spots and runs, read off a comparison and its structure.

`owner` is, everywhere here, the position of the run that each channel belongs to, rising.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Float, Int

from toolkit.information import ChannelComparison
from toolkit.report.findings.agreement import (
    agreement_of_each,
    agreement_spans,
    agreement_table,
)
from toolkit.report.findings.uncertainty import Certainty
from toolkit.report.records import ALIKE, LEAST_ALIKE, Channel, HotSpot, RunSummary
from toolkit.structure import Structure


def hot_spots_of(
    comparison: ChannelComparison,
    structure: Structure,
    owner: Int[np.ndarray, " c"],
    factor_names: tuple[str, ...],
) -> tuple[HotSpot, ...]:
    """Groups of two runs or more that share something, those with most confirmed bits first.

    What OPTICS leaves over can come out as a group of its own whose channels have nothing in
    common; so a group whose mean NMI is below a quarter is no hot spot.
    """
    information = comparison.information.numpy(force=True)
    label_nmi = comparison.label_nmi.numpy(force=True)
    found = []
    for group in structure.groups:
        if len(group.members) < 2 or group.mean_nmi < LEAST_ALIKE:
            continue
        inside = list(group.channels)
        factor, factor_nmi = _best_factor(label_nmi[inside].mean(axis=0), factor_names)
        central = (int(owner[group.central]), _latent(group.central, owner))
        spot = HotSpot(
            rank=0,
            channels=group.channels,
            members=len(group.members),
            runs=int(owner[-1]) + 1,
            mean_bits=float(information[inside].mean()),
            mean_nmi=group.mean_nmi,
            nmi_span=None,
            factor=factor,
            factor_nmi=factor_nmi,
            central=central,
        )
        found.append(spot)
    found.sort(key=lambda spot: (-round(spot.members * spot.confirmed_bits, ALIKE), spot.channels))
    return tuple(replace(spot, rank=rank) for rank, spot in enumerate(found, start=1))


def _best_factor(
    nmi: Float[np.ndarray, " k"], names: tuple[str, ...]
) -> tuple[str | None, float | None]:
    """The factor with the largest NMI, the first of equals; none where nothing is known."""
    if not names or np.isnan(nmi).all():
        return None, None
    best = int(np.nanargmax(nmi))
    return names[best], float(nmi[best])


def _latent(channel: int, owner: Int[np.ndarray, " c"]) -> int:
    """The position of a channel within its run."""
    return int(channel - np.searchsorted(owner, owner[channel]))


def channels_of(
    comparison: ChannelComparison,
    structure: Structure,
    spots: tuple[HotSpot, ...],
    owner: Int[np.ndarray, " c"],
    factor_names: tuple[str, ...],
    certainty: Certainty,
) -> tuple[Channel, ...]:
    """A record for every channel, by run and latent."""
    spot_of = {channel: spot.rank for spot in spots for channel in spot.channels}
    kept = set(structure.kept.tolist())
    label_nmi = comparison.label_nmi.numpy(force=True)
    table = []
    for position, run in enumerate(owner.tolist()):
        factor, factor_nmi = _best_factor(label_nmi[position], factor_names)
        channel = Channel(
            run=run,
            latent=_latent(position, owner),
            bits=float(comparison.information[position]),
            span=certainty.spans[position],
            upper=certainty.upper[position],
            saturated=certainty.saturated[position],
            doubled=float(comparison.doubled[position]),
            kept=position in kept,
            hot_spot=spot_of.get(position, 0),
            factor=factor,
            factor_nmi=factor_nmi,
        )
        table.append(channel)
    return tuple(table)


def summaries_of(
    comparison: ChannelComparison,
    channels: tuple[Channel, ...],
    owner: Int[np.ndarray, " c"],
    udr: Sequence[Mapping[str, float]],
) -> tuple[RunSummary, ...]:
    """A record for every run, in order."""
    runs = range(int(owner[-1]) + 1)
    table = agreement_table(
        comparison.information.numpy(force=True),
        comparison.nmi.numpy(force=True),
        owner,
        kept=np.array([channel.kept for channel in channels]),
        among=tuple(runs),
    )
    agreement, spans = agreement_of_each(table), agreement_spans(table)
    summaries = []
    for run in runs:
        own = [channel for channel in channels if channel.run == run]
        summary = RunSummary(
            run=run,
            bits=tuple(channel.bits for channel in own),
            total_bits=sum(channel.bits for channel in own),
            kept_bits=sum((channel.bits for channel in own if channel.kept), start=0.0),
            active=sum(channel.kept for channel in own),
            agreement=float(agreement[run]),
            agreement_span=spans[run],
            hot_spots=len({channel.hot_spot for channel in own} - {0}),
            udr=udr[run],
        )
        summaries.append(summary)
    return tuple(summaries)

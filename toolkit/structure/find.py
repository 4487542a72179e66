"""Order the informative channels by similarity and find the groups among them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from toolkit.errors import ToolkitError, UnknownNameError
from toolkit.information.channels import ChannelComparison, nmi_above_chance
from toolkit.information.checks import INFORMATIVE_BITS
from toolkit.structure.average_linkage import cluster
from toolkit.structure.methods import (
    AGREES,
    DEFAULT_METHOD,
    METHODS,
    SAME,
    AverageLinkage,
    Method,
    Optics,
    default_min_samples,
    least_members,
)
from toolkit.structure.optics import run_optics
from toolkit.structure.records import Group, Profile, Similarity, Structure
from toolkit.tables import require

MEASURES = ("vi", "nmi")
UNITS: dict[Similarity, str] = {"vi": "VI, bits", "nmi": "−ln NMI"}


def find_structure(
    comparison: ChannelComparison,
    *,
    members: Sequence[int] | Int[Tensor, " c"] | None = None,
    method: str | Method = DEFAULT_METHOD,
    threshold_bits: float = INFORMATIVE_BITS,
    by: Literal["vi", "nmi"] | None = None,
    min_samples: int | None = None,
) -> Structure:
    """Order the informative channels by similarity and find the groups among them.

    Whatever the method, a channel stays in a group only if it agrees with the group's central
    channel (NMI above chance of 0.45 or more). Differences below 1e-9 do not decide.

    Arguments:
        comparison: of all channels.
        members: which member each channel belongs to; without it two channels are enough for a
            group, and nothing is said of members.
        method: a row of `METHODS` by its name or with its settings.
        threshold_bits: a channel is informative if it has more bits than this.
        by: of OPTICS; giving it or `min_samples` asks for OPTICS with these settings.
        min_samples: of OPTICS.

    Raises:
        ToolkitError: an argument is impossible; the sentence says which.

    Two pieces in each of three members, and a channel of the first that nobody else has:

    >>> from toolkit.information import compare_channels
    >>> pieces = torch.randn(200, 3, generator=torch.Generator().manual_seed(0))
    >>> mean = pieces[:, [0, 1, 2, 0, 1, 0, 1]]
    >>> comparison = compare_channels(mean, torch.full_like(mean, -4.0))
    >>> [group.channels for group in
    ...  find_structure(comparison, members=[0, 0, 0, 1, 1, 2, 2]).groups]
    [(1, 4, 6), (0, 3, 5)]
    """
    settings = _settings(method, by, min_samples)
    channels = comparison.information.shape[0]
    if members is not None and len(members) != channels:
        raise ToolkitError(
            f"{len(members)} members are named for {channels} channels; give one for each channel."
        )
    kept = (comparison.information > threshold_bits).nonzero()[:, 0].cpu()
    nmi = comparison.nmi.cpu().double()[kept][:, kept].numpy()
    if np.isnan(nmi).any():
        raise ToolkitError(
            f"channels above {threshold_bits:g} bits were left out of the comparison; find "
            "structure with the threshold that the comparison was made with, or a higher one."
        )
    vi = comparison.vi.cpu().double()[kept][:, kept].numpy()
    above = nmi_above_chance(comparison).cpu().double()[kept][:, kept].nan_to_num(0.0).numpy()
    owner = torch.arange(channels) if members is None else torch.as_tensor(members).cpu()
    kept_owner = owner[kept].numpy()

    if isinstance(settings, AverageLinkage):
        clusters = cluster(above, cut=settings.cut)
        labels = clusters.labels
        needed = 1 if members is None else least_members(len(np.unique(kept_owner)))
        profile = _profile(kept, clusters.order, clusters.reachability, "1 − NMI above chance")
        profiles: dict[Similarity, Profile] = {"nmi": profile, "vi": profile}
    else:
        samples = settings.min_samples
        if samples is None:
            samples = default_min_samples(max(1, len(owner.unique())))
            settings = Optics(by=settings.by, min_samples=samples)
        orderings = {
            measure: run_optics(nmi, vi, by=measure, min_samples=samples) for measure in UNITS
        }
        labels, needed = orderings[settings.by].labels, 1
        profiles = {
            measure: _profile(kept, found.order, found.reachability, UNITS[measure])
            for measure, found in orderings.items()
        }
        profile = profiles[settings.by]

    position = {channel: row for row, channel in enumerate(kept.tolist())}
    by_order = labels[[position[channel] for channel in profile.order.tolist()]]
    # Large enough, agreeing
    clusters_found = [
        np.flatnonzero(labels == label) for label in dict.fromkeys(by_order.tolist()) if label >= 0
    ]
    found = [
        _group(inside, nmi, above, kept_owner)
        for inside in clusters_found
        if len(inside) > 1 and len(np.unique(kept_owner[inside])) >= needed
    ]
    groups = tuple(
        _in_comparison(group, kept.tolist(), named=members is not None)
        for group in found
        if len(group.channels) > 1 and len(group.members) >= needed
    )
    return Structure(
        kept=kept,
        order=profile.order,
        reachability=profile.reachability,
        groups=groups,
        method=settings,
        profiles=profiles,
    )


def _settings(method: str | Method, by: str | None, min_samples: int | None) -> Method:
    if by is not None and by not in MEASURES:
        raise UnknownNameError("measure of structure", by, MEASURES)
    if not isinstance(method, str):
        return method
    if by is None and min_samples is None:
        return METHODS[require("method of structure", method, METHODS)]()
    return Optics(by="nmi" if by == "nmi" else "vi", min_samples=min_samples)


def _profile(
    kept: Int[Tensor, " k"],
    order: Int[np.ndarray, " k"],
    reachability: Float[np.ndarray, " k"],
    unit: str,
) -> Profile:
    return Profile(
        order=kept[torch.from_numpy(order)],
        reachability=torch.from_numpy(reachability).double(),
        unit=unit,
    )


def _group(
    inside: Int[np.ndarray, " g"],
    nmi: Float[np.ndarray, "k k"],
    above: Float[np.ndarray, "k k"],
    owner: Int[np.ndarray, " k"],
) -> Group:
    """Those channels of a cluster that agree with its central one, by their positions in `nmi`."""
    shared = above[np.ix_(inside, inside)]
    to_others = shared.sum(axis=1) - shared.diagonal()
    central = inside[int(np.argmax(to_others >= to_others.max() - SAME))]
    agreeing = inside[(above[central, inside] >= AGREES - SAME) | (inside == central)]
    pairs = nmi[np.ix_(agreeing, agreeing)][np.triu_indices(len(agreeing), 1)]
    channels_of: dict[int, list[int]] = {}
    for channel in agreeing.tolist():
        channels_of.setdefault(int(owner[channel]), []).append(channel)
    return Group(
        channels=tuple(agreeing.tolist()),
        central=int(central),
        members=tuple(sorted(channels_of)),
        mean_nmi=float(pairs.mean()) if len(pairs) else 1.0,
        smallest_nmi=float(pairs.min(initial=1.0)),
        splits=tuple(tuple(some) for some in channels_of.values() if len(some) > 1),
    )


def _in_comparison(group: Group, kept: list[int], *, named: bool) -> Group:
    """The same group by positions in the whole comparison."""
    return replace(
        group,
        channels=tuple(kept[channel] for channel in group.channels),
        central=kept[group.central],
        members=group.members if named else (),
        splits=tuple(tuple(kept[channel] for channel in some) for some in group.splits),
    )

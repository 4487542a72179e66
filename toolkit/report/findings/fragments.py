"""How pieces of information fall apart: groups of channels at each value, and what they come from.

Murphy, Dillavou & Bassett (TMLR 2025), https://arxiv.org/abs/2405.21042: as beta falls, a piece of
information that one channel held is spread over several. At each value of a hyper-parameter the
runs with it have groups of channels in common. From the value with fewest bits onwards every group
is linked to the group before it with which it shares most: a part of it, or more of the same.
"""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float, Int

from toolkit.information import ChannelComparison
from toolkit.report.fragments import Branch, FactorShare, FragmentTree, Stage
from toolkit.report.records import Curve
from toolkit.report.settings import ComparisonSettings
from toolkit.structure import find_structure

LEAST_OVERLAP = 1 / 3  # with its parent; two channels at 45 degrees to each other share a quarter
MOSTLY = 0.5  # share of a channel's bits about the factor that it counts for


def overlaps(comparison: ChannelComparison) -> Float[np.ndarray, "c c"]:
    """Bits that two channels share, relative to the bits of the one with less: about 0 to 1.

    Near 1 where one channel is a part of the other, however much more that knows; 0 where one
    knows nothing.

    Arguments:
        comparison: of all channels.
    """
    information = comparison.information
    shared = (information[:, None] + information[None, :] - comparison.joint).numpy(force=True)
    smaller = torch.minimum(information[:, None], information[None, :]).numpy(force=True)
    found = np.zeros_like(shared)
    np.divide(np.nan_to_num(shared), smaller, out=found, where=smaller > 0)
    return found


def find_fragments(
    curves: Sequence[Curve],
    comparison: ChannelComparison,
    run_of_channel: Int[np.ndarray, " c"],
    factor_names: Sequence[str],
    *,
    settings: ComparisonSettings,
) -> tuple[FragmentTree, ...]:
    """One tree per curve whose runs differ in nothing else but their seeds.

    Arguments:
        curves: of the findings.
        comparison: of all channels.
        run_of_channel: which run each channel belongs to.
        factor_names: known factors, or nothing.
        settings: of the comparison; its method finds the groups at every value.
    """
    overlap = overlaps(comparison)
    information = comparison.information.numpy(force=True)
    kept = information > settings.threshold_bits
    main_factor = _main_factor(comparison)
    trees = []
    for curve in curves:
        if not curve.joined:
            continue
        points = list(curve.points)
        if points[0].total_bits > points[-1].total_bits:
            points.reverse()  # from few bits to many
        stages: list[Stage] = []
        for point in points:
            inside = kept & np.isin(run_of_channel, point.runs)
            groups = _groups(np.flatnonzero(inside), comparison, run_of_channel, settings)
            groups = sorted(groups, key=lambda group: (-information[list(group)].sum(), group))
            grouped = [channel for group in groups for channel in group]
            in_none = inside.copy()
            in_none[grouped] = False
            stages.append(
                Stage(
                    value=float(point.value),
                    runs=point.runs,
                    branches=_branches(
                        groups, stages, overlap, information, run_of_channel, point.runs
                    ),
                    unassigned_bits=float(information[in_none].sum()) / len(point.runs),
                    factors=tuple(
                        _factor_share(
                            name,
                            np.flatnonzero(inside & (main_factor == column)),
                            information,
                            run_of_channel,
                            runs=len(point.runs),
                        )
                        for column, name in enumerate(factor_names)
                    ),
                )
            )
        trees.append(
            FragmentTree(title=curve.title, parameter=curve.parameter, stages=tuple(stages))
        )
    return tuple(trees)


def _groups(
    channels: Int[np.ndarray, " k"],
    comparison: ChannelComparison,
    run_of_channel: Int[np.ndarray, " c"],
    settings: ComparisonSettings,
) -> list[tuple[int, ...]]:
    """Groups that the runs of these channels have in common; of a single run every channel."""
    if len(np.unique(run_of_channel[channels])) < 2:
        return [(int(channel),) for channel in channels]
    rows = torch.from_numpy(channels)
    found = find_structure(
        comparison.among(rows),
        members=torch.from_numpy(run_of_channel[channels]),
        method=settings.method,
        threshold_bits=settings.threshold_bits,
    )
    return [tuple(channels[list(group.channels)].tolist()) for group in found.groups]


def _branches(
    groups: Sequence[tuple[int, ...]],
    before: Sequence[Stage],
    overlap: Float[np.ndarray, "c c"],
    information: Float[np.ndarray, " c"],
    run_of_channel: Int[np.ndarray, " c"],
    runs: tuple[int, ...],
) -> tuple[Branch, ...]:
    """The groups of one value, each linked to the group before it that it overlaps most."""
    begun = 1 + max((b.piece for stage in before for b in stage.branches), default=-1)
    branches = []
    for group in groups:
        parent, share = _parent(group, before, overlap)
        if parent is None:
            piece, begun = begun, begun + 1
        else:
            piece = before[parent[0]].branches[parent[1]].piece
        branches.append(
            Branch(
                channels=group,
                members=tuple(sorted({int(run_of_channel[channel]) for channel in group})),
                bits=float(information[list(group)].sum()) / len(runs),
                parent=parent,
                piece=piece,
                overlap=share,
            )
        )
    return tuple(branches)


def _parent(
    group: tuple[int, ...], before: Sequence[Stage], overlap: Float[np.ndarray, "c c"]
) -> tuple[tuple[int, int] | None, float | None]:
    """The group of the nearest earlier value that holds most of this one, or is held by it."""
    for stage in reversed(range(len(before))):
        shares = [
            float(np.mean(overlap[np.ix_(group, branch.channels)]))
            for branch in before[stage].branches
        ]
        if shares and max(shares) >= LEAST_OVERLAP:
            return (stage, int(np.argmax(shares))), max(shares)
    return None, None


def _main_factor(comparison: ChannelComparison) -> Int[np.ndarray, " c"]:
    """For each channel the factor that most of its bits are about; -1 where no factor is."""
    nmi = comparison.label_nmi.numpy(force=True)
    if nmi.shape[1] == 0:
        return np.full(len(nmi), -1)
    alone = (2 * comparison.information - comparison.doubled).numpy(force=True).clip(min=0)
    of_factor = (2 * comparison.label_information - comparison.label_doubled).numpy(force=True)
    share = np.nan_to_num(nmi) * np.sqrt(of_factor.clip(min=0)[None, :])
    share = np.divide(
        share, np.sqrt(alone)[:, None], out=np.zeros_like(share), where=alone[:, None] > 0
    )
    best = share.argmax(axis=1)
    return np.where(share[np.arange(len(share)), best] >= MOSTLY, best, -1)


def _factor_share(
    name: str,
    channels: Int[np.ndarray, " _"],
    information: Float[np.ndarray, " c"],
    run_of_channel: Int[np.ndarray, " c"],
    *,
    runs: int,
) -> FactorShare:
    members = len(np.unique(run_of_channel[channels]))
    return FactorShare(
        factor=name,
        bits=float(information[channels].sum()) / runs,
        channels=len(channels) / members if members else 0.0,
        members=members,
    )

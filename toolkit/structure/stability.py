"""Whether a group comes back in resamples of runs and of images.

After Hennig, "Cluster-wise assessment of cluster stability" (Computational Statistics & Data
Analysis, 2007): a group comes back in a resample if one of the groups found there has more than
half of their union in common with it. At most one can.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from toolkit.information.channels import ChannelComparison, compare_channels
from toolkit.information.checks import INFORMATIVE_BITS
from toolkit.structure.find import find_structure
from toolkit.structure.methods import Method
from toolkit.structure.records import Group, Structure

SAME_GROUP = 0.5  # Jaccard index above which a group is the same: Hennig's line of dissolution
STABLE = 0.8  # share of resamples in which a group that is claimed comes back
SPLITS = 5  # of images, and of runs, into two halves each
LEAST_RUNS = 8  # whose halves are enough to find anything in
MOST_LEFT_OUT = 20  # parts that runs are left out in: one by one would grow with the third power
MOST_IMAGES = 300  # of a half: more cost much, and fewer find less, so that the share is rather low


@dataclass(frozen=True, kw_only=True)
class Stability:
    """How often a group comes back.

    Arguments:
        images: share of the halves of the images in which it does.
        runs: share of the halves of the runs in which two or more of its members are; None with
            fewer than 8 runs.
        without_a_run: share of the resamples that leave one run out, or with more than 20 runs one
            of 20 parts of them.
        unsettled: positions of channels that are in it sometimes: of its own, in fewer than 80 % of
            the halves of the images in which it comes back; of others, in more than 20 %.
    """

    images: float
    runs: float | None
    without_a_run: float
    unsettled: tuple[int, ...]

    @property
    def stable(self) -> bool:
        """Whether it comes back in 80 % of the halves of the images, and of the runs if known."""
        return self.images >= STABLE and (self.runs is None or self.runs >= STABLE)


@dataclass(frozen=True, kw_only=True)
class Resample:
    """Groups found in a part of the images or of the runs.

    Arguments:
        groups: positions of their channels in the whole comparison.
        present: whether each channel of the whole comparison was there.
    """

    groups: tuple[frozenset[int], ...]
    present: Bool[np.ndarray, " c"]

    def partner(self, group: Group) -> frozenset[int] | None:
        """The group found here that is the same as `group`, if it came back."""
        channels = frozenset(channel for channel in group.channels if self.present[channel])
        for found in self.groups:
            if len(found & channels) > SAME_GROUP * len(found | channels):
                return found
        return None


def stability_of_groups(
    structure: Structure,
    comparison: ChannelComparison,
    mean: Float[Tensor, "n c"],
    log_variance: Float[Tensor, "n c"],
    members: Int[Tensor, " c"],
    *,
    seed: int,
    threshold_bits: float = INFORMATIVE_BITS,
) -> tuple[Stability, ...]:
    """The stability of every group, in their order.

    The images are split into halves five times and the runs too, by chance; and each run is left
    out once, with more than 20 runs in 20 parts. A half has at most 300 images. Halves of images
    cost ten comparisons of the informative channels by so many images: of 1,000 images about as
    much as the comparison itself. Resamples of runs need no comparison.

    Arguments:
        structure: of the comparison.
        comparison: of all channels.
        mean: one row per image, one column per channel.
        log_variance: of the same shape, natural logarithm.
        members: which member each channel belongs to.
        seed: of the halves.
        threshold_bits: as for the structure.

    >>> pieces = torch.randn(200, 2, generator=torch.Generator().manual_seed(0))
    >>> mean, members = pieces.repeat(1, 3), torch.tensor([0, 0, 1, 1, 2, 2])
    >>> log_variance = torch.full_like(mean, -4.0)
    >>> comparison = compare_channels(mean, log_variance)
    >>> structure = find_structure(comparison, members=members)
    >>> [found.images for found in stability_of_groups(
    ...     structure, comparison, mean, log_variance, members, seed=0)]
    [1.0, 1.0]
    """
    if not structure.groups:
        return ()
    generator = torch.Generator().manual_seed(seed)
    by_images = list(
        _halves_of_images(
            structure, mean, log_variance, members, generator=generator, threshold=threshold_bits
        )
    )
    numbers = members.unique()
    halves = list(_halves_of_runs(numbers, generator)) if len(numbers) >= LEAST_RUNS else []

    def by_runs(parts: Sequence[Tensor]) -> list[Resample]:
        return [
            _in_runs(comparison, members, part, structure.method, threshold_bits) for part in parts
        ]

    by_halves = by_runs(halves)
    shuffled = numbers[torch.randperm(len(numbers), generator=generator)]
    left_out = shuffled.tensor_split(min(len(numbers), MOST_LEFT_OUT))
    by_one = by_runs([numbers[~torch.isin(numbers, part)] for part in left_out])
    return tuple(
        Stability(
            images=_share(by_images, group),
            runs=None if not halves else _share(_with_two(by_halves, group, members), group),
            without_a_run=_share(_with_two(by_one, group, members), group),
            unsettled=_unsettled(by_images, group),
        )
        for group in structure.groups
    )


def _halves_of_images(
    structure: Structure,
    mean: Tensor,
    log_variance: Tensor,
    members: Tensor,
    *,
    generator: torch.Generator,
    threshold: float,
) -> Iterator[Resample]:
    kept = structure.kept.to(mean.device)
    for _ in range(SPLITS):
        order = torch.randperm(len(mean), generator=generator).to(mean.device)
        for half in order.chunk(2):
            images = half[:MOST_IMAGES]
            comparison = compare_channels(mean[images][:, kept], log_variance[images][:, kept])
            found = find_structure(
                comparison,
                members=members[structure.kept],
                method=structure.method,
                threshold_bits=threshold,
            )
            yield _resample(found, structure.kept, len(members))


def _halves_of_runs(numbers: Tensor, generator: torch.Generator) -> Iterator[Tensor]:
    for _ in range(SPLITS):
        yield from numbers[torch.randperm(len(numbers), generator=generator)].chunk(2)


def _in_runs(
    comparison: ChannelComparison, members: Tensor, runs: Tensor, method: Method, threshold: float
) -> Resample:
    """The groups that would be found if only some runs were there."""
    inside = torch.isin(members, runs).nonzero()[:, 0]
    found = find_structure(
        comparison.among(inside),
        members=members[inside],
        method=method,
        threshold_bits=threshold,
    )
    return _resample(found, inside, len(members))


def _resample(found: Structure, position: Int[Tensor, " k"], channels: int) -> Resample:
    present = np.zeros(channels, bool)
    present[position[found.kept].numpy(force=True)] = True
    return Resample(
        groups=tuple(frozenset(position[list(group.channels)].tolist()) for group in found.groups),
        present=present,
    )


def _with_two(resamples: Sequence[Resample], group: Group, members: Tensor) -> list[Resample]:
    """Resamples in which two members of the group are: without, it cannot come back."""
    return [
        resample
        for resample in resamples
        if len({int(members[c]) for c in group.channels if resample.present[c]}) > 1
    ]


def _share(resamples: Sequence[Resample], group: Group) -> float:
    """Share in which the group comes back; 0 without any resample."""
    back = sum(resample.partner(group) is not None for resample in resamples)
    return back / max(1, len(resamples))


def _unsettled(resamples: Sequence[Resample], group: Group) -> tuple[int, ...]:
    partners = [partner for r in resamples if (partner := r.partner(group)) is not None]
    seen = {channel for partner in partners for channel in partner} | set(group.channels)
    unsettled = []
    for channel in sorted(seen) if partners else ():
        share = sum(channel in partner for partner in partners) / len(partners)
        if share < STABLE if channel in group.channels else share > 1 - STABLE:
            unsettled.append(channel)
    return tuple(unsettled)

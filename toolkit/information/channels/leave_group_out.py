"""The stream of Gram matrices, with each group of images left out in turn.

The sum over images b in a Gram entry is split by group; the entry without a group is the sum of
the others. So all leave-one-group-out tables together cost the products of one, and some
additions. Entries without a group still hold the image itself, so they lie between 1/n and 1 and
their product over images is safe as in `gram`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import torch
from jaxtyping import Float, Int
from torch import Tensor

from toolkit.errors import ToolkitError
from toolkit.information.channels.gram import PORTION, images_a_logarithm, portions, space_of
from toolkit.information.gaussian import Coefficients
from toolkit.threads import in_threads

TILE = 64  # channels of a side of what is multiplied at once: all its groups stay in the cache
PATCH = 1 << 19  # coefficients of several images that are held at once
Part = tuple[int, slice]  # a group and some of its images


@dataclass(frozen=True, kw_only=True)
class Groups:
    """Channels whose images lie in groups, side by side and of one width.

    Arguments:
        channels: images of group g are at g * width and after; a place without an image has a mean
            infinitely far off, so that it overlaps with none.
        sizes: images of each group; they differ by one at most.
    """

    channels: Coefficients
    sizes: Int[Tensor, " g"]

    @property
    def width(self) -> int:
        """Places of a group."""
        return self.channels.images // len(self.sizes)

    def take(self, block: slice) -> "Groups":
        """Some channels, nothing copied."""
        return replace(self, channels=self.channels.take(block))

    def stream(self, together: int) -> Iterator[Part]:
        """Every group with every slice of its images, at most so many at a time."""
        for group, size in enumerate(self.sizes.tolist()):
            start, stop = group * self.width, group * self.width + size
            for first in range(start, stop, together):
                yield group, slice(first, min(first + together, stop))


def in_groups(channels: Coefficients, groups: int, *, generator: torch.Generator) -> Groups:
    """Deal the images out to groups by lot.

    Raises:
        ToolkitError: there are fewer than 2 groups, or more than images.
    """
    images = channels.images
    if not 2 <= groups <= images:
        raise ToolkitError(
            f"{images} images cannot be dealt out to {groups} groups; give 2 groups or more, and "
            "at most as many as images."
        )
    sizes = torch.tensor([len(range(group, images, groups)) for group in range(groups)])
    width = int(sizes.max())
    lot = torch.randperm(images, generator=generator).to(channels.half_mean.device)
    at = (torch.arange(width)[None, :] < sizes[:, None]).flatten().to(lot.device)

    def dealt(values: Tensor, empty: float) -> Tensor:
        places = values.new_full((values.shape[0], groups * width), empty)
        places[:, at] = values[:, lot]
        return places

    return Groups(
        channels=Coefficients(
            half_mean=dealt(channels.half_mean, torch.inf),
            variance=dealt(channels.variance, 1.0),
            log_root=dealt(channels.log_root, 0.0),
            labels=dealt(channels.labels, 0.0),
        ),
        sizes=sizes.to(lot.device),
    )


def alone_without(given: Groups) -> tuple[Float[Tensor, "h c"], Float[Tensor, "h c"]]:
    """Bits of each channel, and received twice: with all images first, then without each group."""
    once = given.channels.half_mean.new_zeros(len(given.sizes) + 1, given.channels.count)
    twice = torch.zeros_like(once)

    def take(_: Part, found: tuple[Tensor, Tensor]) -> None:
        once.add_(found[0])
        twice.add_(found[1])

    parts, place = list(given.stream(PORTION)), partial(space_of, given.channels, PORTION)
    in_threads(partial(_alone, given), parts, take, place=place, device=once.device)
    images_left = left_of(given.sizes)[:, None]
    return images_left.log2() - once / images_left, images_left.log2() - twice / images_left


def _alone(given: Groups, space: Float[Tensor, "k c n"], part: Part) -> tuple[Tensor, Tensor]:
    """Sums over some images of log2 of the sums of coefficients, and of their squares."""
    group, images = part
    logs: tuple[list[Tensor], list[Tensor]] = ([], [])
    for chosen in portions(images.stop - images.start, len(space), start=images.start):
        rows = given.channels.rows(chosen, out=space[: chosen.stop - chosen.start])
        for place in logs:
            place.append(logs_without(rows, group, len(given.sizes)))
            rows.square_()
    once, twice = (torch.stack(place).sum(dim=0) for place in logs)
    return once, twice


def logs_without(rows: Float[Tensor, "k c n"], group: int, groups: int) -> Float[Tensor, "h c"]:
    """Sums over images of one group of log2 of row sums: of all groups, then of all but each."""
    sums = rows.unflatten(2, (groups, -1)).sum(dim=3)
    return _without(sums.mT, group).log2_().sum(dim=0)


def joint_without(
    left: Groups, right: Groups | None = None, *, advance: Callable[[int], None] | None = None
) -> Float[Tensor, "h c e"]:
    """Bits of two channels together: with all images first, then without each group.

    Arguments:
        left: channels, a row of each table.
        right: channels, a column each; without it `left` itself, and the upper half mirrored.
        advance: called with the number of images done since the last call.
    """
    other = left if right is None else right
    images = int(left.sizes.sum())
    logs = left.channels.half_mean.new_zeros(
        len(left.sizes) + 1, left.channels.count, other.channels.count
    )

    def take(part: Part, found: Tensor) -> None:
        logs.add_(found)
        if advance is not None:
            advance(part[1].stop - part[1].start)

    parts = list(left.stream(min(PORTION, images_a_logarithm(images, logs.dtype))))
    place = partial(torch.empty_like, logs)
    in_threads(partial(_joint, left, right), parts, take, place=place, device=logs.device)
    images_left = left_of(left.sizes)[:, None, None]
    joint = (images_left / images).log2() - logs / images_left
    return joint if right is not None else joint.triu() + joint.triu(1).mT


def _joint(
    left: Groups, right: Groups | None, product: Float[Tensor, "h c e"], part: Part
) -> Float[Tensor, "h c e"]:
    """Sums over some images of log2 of the Gram entries, written where the product was."""
    group, images = part
    product.fill_(1)
    scale = int(left.sizes.sum()) ** -0.5
    width = max(product.shape[1:]) * left.channels.images
    most = max(1, PATCH // width)
    for chosen in portions(images.stop - images.start, most, start=images.start):
        rows = left.channels.rows(chosen, scale=scale)
        beside = None if right is None else right.channels.rows(chosen, scale=scale)
        _multiply(product, rows, beside, group)
    return product.log2_()


def left_of(sizes: Int[Tensor, " g"]) -> Float[Tensor, " h"]:
    """Images that are left: all of them, then all but each group."""
    return (sizes.sum() - torch.cat([sizes.new_zeros(1), sizes])).double()


def _without(parts: Float[Tensor, "k g ..."], group: int) -> Float[Tensor, "k h ..."]:
    """Sums over all groups, then over all but each; 1 without the group of the image itself."""
    total = parts.sum(dim=1, keepdim=True)
    sums = torch.cat([total, total - parts], dim=1)
    sums[:, group + 1] = 1
    return sums


def _multiply(
    product: Float[Tensor, "h c e"],
    rows: Float[Tensor, "k c n"],
    others: Float[Tensor, "k e n"] | None,
    group: int,
) -> None:
    """Multiply the Gram entries of some images of one group into `product`, tile by tile."""
    groups = product.shape[0] - 1
    split = rows.unflatten(2, (groups, -1)).transpose(1, 2)
    across = split if others is None else others.unflatten(2, (groups, -1)).transpose(1, 2)
    for down in range(0, product.shape[1], TILE):
        for start in range(0 if others is not None else down, product.shape[2], TILE):
            parts = split[:, :, down : down + TILE] @ across[:, :, start : start + TILE].mT
            place = product[:, down : down + TILE, start : start + TILE]
            place.mul_(_without(parts, group).prod(dim=0))

"""The stream of Gram matrices, with each group of images left out in turn.

The sum over images b in a Gram entry is split by group; the entry without a group is the sum of
the others. So all leave-one-group-out tables together cost the products of one, and some
additions. Entries without a group still hold the image itself, so they lie between 1/n and 1 and
their product over images is safe as in `gram`.

Axis h, everywhere here: entry 0 is computed with all images, entry g + 1 without group g, the last
six with each half and each quarter of the groups alone (`finite_size` sees from them how fast the
bias falls).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import torch
from jaxtyping import Float, Int
from torch import Tensor

from toolkit.errors import ToolkitError
from toolkit.information.channels.gram import (
    IMAGES_PER_TASK,
    images_per_logarithm,
    row_buffer,
    split_images,
)
from toolkit.information.gaussian import Coefficients
from toolkit.threads import in_threads

TILE = 64  # channels of a side of what is multiplied at once: all its groups stay in the cache
PATCH = 1 << 19  # coefficients of several images that are held at once
SPLITS = (2, 4)  # halves and quarters of the groups, where there are 4 or more
Task = tuple[int, slice]  # a group and some of its images


@dataclass(frozen=True, kw_only=True)
class GroupedImages:
    """Channels whose images are sorted into groups of one width.

    Arguments:
        channels: images of group g are at g * width and after; an empty slot has an infinite mean,
            so that its overlap with every image is 0.
        sizes: images per group; they differ by one at most.
    """

    channels: Coefficients
    sizes: Int[Tensor, " g"]

    @property
    def width(self) -> int:
        """Slots per group."""
        return self.channels.images // len(self.sizes)

    def take(self, block: slice) -> "GroupedImages":
        """Some channels, nothing copied."""
        return replace(self, channels=self.channels.take(block))

    def tasks(self, most: int) -> Iterator[Task]:
        """Every group with every slice of its images, at most `most` images per slice."""
        for group, size in enumerate(self.sizes.tolist()):
            start, stop = group * self.width, group * self.width + size
            for first in range(start, stop, most):
                yield group, slice(first, min(first + most, stop))


def assign_to_groups(
    channels: Coefficients, groups: int, *, generator: torch.Generator
) -> GroupedImages:
    """Assign the images to groups at random.

    Raises:
        ToolkitError: there are fewer than 2 groups, or more than images.
    """
    images = channels.images
    if not 2 <= groups <= images:
        raise ToolkitError(
            f"{images} images cannot be assigned to {groups} groups; give 2 groups or more, and "
            "at most as many as images."
        )
    # Slots per group
    sizes = torch.tensor([len(range(group, images, groups)) for group in range(groups)])
    width = int(sizes.max())
    order = torch.randperm(images, generator=generator).to(channels.half_mean.device)
    filled = (torch.arange(width)[None, :] < sizes[:, None]).flatten().to(order.device)

    def grouped(values: Tensor, empty: float) -> Tensor:
        slots = values.new_full((values.shape[0], groups * width), empty)
        slots[:, filled] = values[:, order]
        return slots

    return GroupedImages(
        channels=Coefficients(
            half_mean=grouped(channels.half_mean, torch.inf),
            variance=grouped(channels.variance, 1.0),
            log_root=grouped(channels.log_root, 0.0),
            labels=grouped(channels.labels, 0.0),
        ),
        sizes=sizes.to(order.device),
    )


def information_without_groups(
    grouped: GroupedImages,
) -> tuple[Float[Tensor, "h c"], Float[Tensor, "h c"]]:
    """Bits of each channel, and of two independent draws from it."""
    channels, groups = grouped.channels, len(grouped.sizes)
    single = channels.half_mean.new_zeros(tables_of(groups), channels.count)
    doubled = torch.zeros_like(single)

    def log_sums(buffer: Float[Tensor, "k c n"], task: Task) -> tuple[Tensor, Tensor]:
        group, images = task
        single_logs: list[Tensor] = []
        doubled_logs: list[Tensor] = []
        for some in split_images(images.stop - images.start, len(buffer), start=images.start):
            rows = channels.rows(some, out=buffer[: some.stop - some.start])
            single_logs.append(log_sums_without_groups(rows, group, groups))
            doubled_logs.append(log_sums_without_groups(rows.square_(), group, groups))
        return torch.stack(single_logs).sum(dim=0), torch.stack(doubled_logs).sum(dim=0)

    def add(_: Task, logs: tuple[Tensor, Tensor]) -> None:
        single.add_(logs[0])
        doubled.add_(logs[1])

    in_threads(
        log_sums,
        list(grouped.tasks(IMAGES_PER_TASK)),
        add,
        scratch=partial(row_buffer, channels, IMAGES_PER_TASK),
        device=single.device,
    )
    # Mean logarithm: information = log n - mean log of row sums
    images_left = images_left_of(grouped.sizes)[:, None]
    return images_left.log2() - single / images_left, images_left.log2() - doubled / images_left


def log_sums_without_groups(
    rows: Float[Tensor, "k c n"], group: int, groups: int
) -> Float[Tensor, "h c"]:
    """Sums over images of one group of log2 of row sums."""
    sums = rows.unflatten(2, (groups, -1)).sum(dim=3)
    return _sums_without_groups(sums.mT, group).log2_().sum(dim=0)


def joint_information_without_groups(
    left: GroupedImages,
    right: GroupedImages | None = None,
    *,
    advance: Callable[[int], None] | None = None,
) -> Float[Tensor, "h c e"]:
    """Bits of two channels together.

    Arguments:
        left: channels, one row of each table.
        right: channels, one column each; without it `left` itself, and the upper half mirrored.
        advance: called with the number of images done since the last call.
    """
    other = left if right is None else right
    images = int(left.sizes.sum())
    logs = left.channels.half_mean.new_zeros(
        tables_of(len(left.sizes)), left.channels.count, other.channels.count
    )

    def log_grams(product: Float[Tensor, "h c e"], task: Task) -> Float[Tensor, "h c e"]:
        group, some = task
        product.fill_(1)
        scale = images**-0.5
        most = max(1, PATCH // (max(product.shape[1:]) * left.channels.images))
        for few in split_images(some.stop - some.start, most, start=some.start):
            # Coefficient rows
            rows = left.channels.rows(few, scale=scale)
            others = None if right is None else right.channels.rows(few, scale=scale)
            _multiply_grams(product, rows, others, group, groups=len(left.sizes))
        return product.log2_()

    def add(task: Task, found: Tensor) -> None:
        logs.add_(found)
        if advance is not None:
            advance(task[1].stop - task[1].start)

    in_threads(
        log_grams,
        list(left.tasks(min(IMAGES_PER_TASK, images_per_logarithm(images, logs.dtype)))),
        add,
        scratch=partial(torch.empty_like, logs),
        device=logs.device,
    )
    # Mean logarithm, of Gram entries that are divided by n
    images_left = images_left_of(left.sizes)[:, None, None]
    joint = (images_left / images).log2() - logs / images_left
    return joint if right is not None else joint.triu() + joint.triu(1).mT


def tables_of(groups: int) -> int:
    """Length of axis h."""
    return 1 + groups + sum(1 for _ in _parts(groups))


def images_left_of(sizes: Int[Tensor, " g"]) -> Float[Tensor, " h"]:
    """Number of images in each table: all, all but each group, each half, each quarter."""
    parts = [sizes[some].sum()[None] for some in _parts(len(sizes))]
    return torch.cat([sizes.sum()[None], sizes.sum() - sizes, *parts]).double()


def _parts(groups: int) -> Iterator[slice]:
    """The groups of each half, then of each quarter."""
    for count in SPLITS if groups >= max(SPLITS) else ():
        for part in range(count):
            yield slice(part * groups // count, (part + 1) * groups // count)


def _sums_without_groups(parts: Float[Tensor, "k g ..."], group: int) -> Float[Tensor, "k h ..."]:
    """Sums over the images of each table; 1 in a table without the group of the image itself.

    An image that is left out itself drops out of the mean over images: log2 1 = 0.
    """
    groups = parts.shape[1]
    total = parts.sum(dim=1, keepdim=True)
    some = [parts[:, few].sum(dim=1, keepdim=True) for few in _parts(groups)]
    sums = torch.cat([total, total - parts, *some], dim=1)
    sums[:, group + 1] = 1
    for position, few in enumerate(_parts(groups), start=groups + 1):
        if not few.start <= group < few.stop:
            sums[:, position] = 1
    return sums


def _multiply_grams(
    product: Float[Tensor, "h c e"],
    rows: Float[Tensor, "k c n"],
    others: Float[Tensor, "k e n"] | None,
    group: int,
    *,
    groups: int,
) -> None:
    """Multiply the Gram entries of some images of one group into `product`, tile by tile."""
    # Split by group
    left = rows.unflatten(2, (groups, -1)).transpose(1, 2)
    right = left if others is None else others.unflatten(2, (groups, -1)).transpose(1, 2)
    # Upper tiles
    for down in range(0, product.shape[1], TILE):
        for across in range(0 if others is not None else down, product.shape[2], TILE):
            grams = left[:, :, down : down + TILE] @ right[:, :, across : across + TILE].mT
            tile = product[:, down : down + TILE, across : across + TILE]
            tile.mul_(_sums_without_groups(grams, group).prod(dim=0))

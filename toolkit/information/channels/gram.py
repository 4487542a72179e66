"""Joint information of every two channels, as a stream of matrix products.

For image a the rows B_i[a, :] of all channels form a (c x n) matrix; its Gram matrix is
sum_b B_i[a, b] B_j[a, b] for every pair at once. Minus the mean over a of log2 of it (over n) is
the joint information of Murphy, Dillavou & Bassett (TMLR 2025), https://arxiv.org/abs/2405.21042.

A Gram entry over n lies between 1/n and 1, so the matrices of many images are multiplied before
one logarithm is taken: as many as keep n^-images inside the range of the numbers.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor

from toolkit.information.gaussian import Coefficients
from toolkit.threads import in_threads

STRIP = 64  # rows of the upper triangle that are multiplied at once
ROOM = 1 << 21  # coefficients of several images that are held at once
PORTION = 32  # images that one thread works on at a time
Bits = tuple[Tensor, Tensor]


def images_a_logarithm(images: int, dtype: torch.dtype) -> int:
    """How many Gram matrices can be multiplied before their product may underflow.

    >>> images_a_logarithm(1000, torch.float64), images_a_logarithm(1000, torch.float32)
    (101, 12)
    """
    return max(1, int(0.99 * -math.log(torch.finfo(dtype).tiny) / math.log(images)))


def joint_information(
    left: Coefficients,
    right: Coefficients | None = None,
    *,
    alone: Float[Tensor, " c"] | None = None,
    advance: Callable[[int], None] | None = None,
) -> Float[Tensor, "c e"]:
    """Bits that two channels carry together, for every pair of `left` and `right`.

    Arguments:
        left: channels, a row of the result each.
        right: channels, a column each; without it `left` itself, and then only the upper
            triangle is computed and mirrored, so that the result is symmetric to the last bit.
        alone: if given, the bits of each channel of `left` are written here on the way.
        advance: called with the number of images done since the last call.
    """
    once = left.half_mean.new_zeros(left.count)
    joint = once.new_zeros(left.count, left.count if right is None else right.count)

    def take(images: slice, found: Bits) -> None:
        joint.sub_(found[0])
        once.sub_(found[1])
        if advance is not None:
            advance(images.stop - images.start)

    most = min(PORTION, images_a_logarithm(left.images, joint.dtype))
    parts, place = portions(left.images, most), partial(_Place.of, left, right, most)
    in_threads(partial(_logs, left, right), parts, take, place=place, device=joint.device)
    if alone is not None:
        alone.copy_(once / left.images)
    joint.div_(left.images)
    return joint if right is not None else joint.triu_().add_(joint.triu(1).T)


def information_of_rows(channels: Coefficients) -> Bits:
    """Bits of each channel, and of each channel received twice: two vectors (c,)."""
    once = channels.half_mean.new_zeros(channels.count)
    twice = torch.zeros_like(once)

    def take(_: slice, found: Bits) -> None:
        once.sub_(found[0])
        twice.sub_(found[1])

    parts, place = portions(channels.images, PORTION), partial(space_of, channels, PORTION)
    in_threads(partial(_logs_of_rows, channels), parts, take, place=place, device=once.device)
    return once / channels.images, twice / channels.images


def portions(images: int, most: int, *, start: int = 0) -> list[slice]:
    """All images in order, in the fewest parts of at most `most`, of nearly equal size.

    >>> portions(10, 4)
    [slice(0, 4, None), slice(4, 7, None), slice(7, 10, None)]
    """
    count = -(-images // most)
    ends = [start - (-images * part // count) for part in range(count + 1)]
    return [slice(*pair) for pair in pairwise(ends)]


def space_of(channels: Coefficients, most: int, *, beside: int = 0) -> Float[Tensor, "k c n"]:
    """Memory for the rows of several images, at most `most`, with so many channels beside them."""
    numbers = max(1, channels.count, beside) * channels.images
    together = max(1, min(most, ROOM // numbers))
    return channels.half_mean.new_empty(together, channels.count, channels.images)


@dataclass(frozen=True)
class _Place:
    """What one thread works in: rows of several images, one Gram matrix, the product of all."""

    rows: Float[Tensor, "k c n"]
    others: Float[Tensor, "k e n"] | None
    gram: Float[Tensor, "s e"]
    product: Float[Tensor, "c e"]

    @classmethod
    def of(cls, left: Coefficients, right: Coefficients | None, most: int) -> "_Place":
        other = left if right is None else right
        rows = space_of(left, most, beside=other.count)
        product = rows.new_empty(left.count, other.count)
        return cls(
            rows=rows,
            others=None if right is None else space_of(right, most, beside=left.count),
            gram=torch.empty_like(product[:STRIP]),
            product=product,
        )


def _logs(left: Coefficients, right: Coefficients | None, place: _Place, images: slice) -> Bits:
    """Sums over some images of log2 of the Gram entries, and of the mean coefficients."""
    scale = left.images**-0.5  # here, because entries near 1 keep small informations exact
    once = place.rows.new_zeros(left.count)
    place.product.fill_(1)
    for chosen in portions(images.stop - images.start, len(place.rows), start=images.start):
        some = chosen.stop - chosen.start
        rows = others = left.rows(chosen, scale=scale, out=place.rows[:some])
        if right is not None and place.others is not None:
            others = right.rows(chosen, scale=scale, out=place.others[:some])
        once += rows.sum(dim=2).mul_(scale).log2_().sum(dim=0)
        for one, other in zip(rows, others, strict=True):
            _multiply_gram(place, one, other, symmetric=right is None)
    return place.product.log2_(), once


def _logs_of_rows(channels: Coefficients, space: Float[Tensor, "k c n"], images: slice) -> Bits:
    """Sums over some images of log2 of the mean coefficients, and of the mean squares."""
    once = space.new_zeros(channels.count)
    twice = torch.zeros_like(once)
    for chosen in portions(images.stop - images.start, len(space), start=images.start):
        rows = channels.rows(chosen, out=space[: chosen.stop - chosen.start])
        once += rows.mean(dim=2).log2_().sum(dim=0)
        twice += rows.square_().mean(dim=2).log2_().sum(dim=0)
    return once, twice


def _multiply_gram(
    place: _Place, rows: Float[Tensor, "c n"], others: Float[Tensor, "e n"], *, symmetric: bool
) -> None:
    """Multiply the Gram matrix of one image into the product; its upper part is enough."""
    for start in range(0, rows.shape[0], STRIP):
        first = start if symmetric else 0
        block = place.product[start : start + STRIP, first:]
        gram = place.gram[: block.shape[0], first:]
        torch.mm(rows[start : start + STRIP], others[first:].T, out=gram)
        block.mul_(gram)

"""Joint information of every two channels, as a stream of matrix products.

For image a the rows B_i[a, :] of all channels form a (c x n) matrix; its Gram matrix is
sum_b B_i[a, b] B_j[a, b] for every pair at once. Minus the mean over a of log2 of it (over n) is
the joint information of Murphy, Dillavou & Bassett (TMLR 2025), https://arxiv.org/abs/2405.21042.

A Gram entry lies between 1 and n, so the matrices of many images are multiplied before one
logarithm is taken: as many as keep n^images inside the range of the numbers.
"""

import math
from collections.abc import Callable, Iterator

import torch
from jaxtyping import Float
from torch import Tensor

from toolkit.information.gaussian import Coefficients

Progress = Callable[[int, int], None]
STRIP = 128  # rows of the upper triangle that are multiplied at once
ELEMENTS = 500_000  # coefficients made at once: they stay in the processor's cache


def images_a_logarithm(images: int, dtype: torch.dtype) -> int:
    """How many Gram matrices can be multiplied before their product may overflow.

    >>> images_a_logarithm(1000, torch.float64), images_a_logarithm(1000, torch.float32)
    (101, 12)
    """
    return max(1, int(0.99 * math.log(torch.finfo(dtype).max) / math.log(images)))


def slices_of_images(images: int, wanted: int) -> Iterator[slice]:
    """All images in order, `wanted` at a time."""
    for start in range(0, images, wanted):
        yield slice(start, min(start + wanted, images))


def joint_information(
    left: Coefficients,
    right: Coefficients | None = None,
    *,
    advance: Callable[[int], None] | None = None,
) -> Float[Tensor, "c e"]:
    """Bits that two channels carry together, for every pair of `left` and `right`.

    Arguments:
        left: channels, a row of the result each.
        right: channels, a column each; without it `left` itself, and then only the upper
            triangle is computed and mirrored, so that the result is symmetric to the last bit.
        advance: called with the number of images done since the last call.
    """
    other = left if right is None else right
    images, most = left.images, images_a_logarithm(left.images, left.half_mean.dtype)
    together = min(most, max(1, ELEMENTS // (max(left.count, other.count) * images)))
    logs = left.half_mean.new_zeros(left.count, other.count)
    product, held = torch.ones_like(logs), 0
    for chosen in slices_of_images(images, together):
        if held + together > most:
            logs += product.log2_()
            product, held = product.fill_(1), 0
        rows = left.rows(chosen)
        _multiply_grams(product, rows, None if right is None else right.rows(chosen))
        held += together
        if advance is not None:
            advance(chosen.stop - chosen.start)
    logs += product.log2_()
    joint = logs.div_(-images).add_(math.log2(images))
    return joint if right is not None else joint.triu_().add_(joint.triu(1).T)


def _multiply_grams(
    product: Float[Tensor, "c e"],
    rows: Float[Tensor, "k c n"],
    others: Float[Tensor, "k e n"] | None,
) -> None:
    """Multiply the Gram matrices of all given images into `product`; its upper part is enough."""
    columns = rows if others is None else others
    for start in range(0, rows.shape[1], STRIP):
        first = start if others is None else 0
        block = product[start : start + STRIP, first:]
        grams = rows[:, start : start + STRIP] @ columns[:, first:].mT
        for gram in grams.unbind(0):
            block.mul_(gram)


def information_of_rows(coefficients: Coefficients) -> tuple[Tensor, Tensor]:
    """Bits of each channel, and of each channel received twice: two vectors (c,)."""
    images = coefficients.images
    once = coefficients.half_mean.new_zeros(coefficients.count)
    twice = torch.zeros_like(once)
    together = max(1, ELEMENTS // (coefficients.count * images))
    for chosen in slices_of_images(images, together):
        rows = coefficients.rows(chosen)
        once -= rows.mean(dim=2).log2_().sum(dim=0)
        twice -= rows.square_().mean(dim=2).log2_().sum(dim=0)
    return once / images, twice / images

"""Joint information of every two channels, as a stream of matrix products.

For image a the rows B_i[a, :] of all channels form a (c x n) matrix; its Gram matrix is
sum_b B_i[a, b] B_j[a, b] for every pair at once. Minus the mean over a of log2 of it (over n) is
the joint information of Murphy, Dillavou & Bassett (TMLR 2025), https://arxiv.org/abs/2405.21042.

A Gram entry over n lies between 1/n and 1, so the matrices of many images are multiplied before
one logarithm is taken: as many as keep n^-images inside the range of the numbers.
"""

import math
from collections.abc import Callable, Iterator

import torch
from jaxtyping import Float
from torch import Tensor

from toolkit.information.gaussian import Coefficients

STRIP = 128  # rows of the upper triangle that are multiplied at once
ROOM = 1 << 19  # coefficients of several images at once: they stay in the processor's cache


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
    images, most = left.images, images_a_logarithm(left.images, left.half_mean.dtype)
    logs = left.half_mean.new_zeros(left.count, left.count if right is None else right.count)
    once = logs.new_zeros(left.count)
    product, held = torch.ones_like(logs), 0
    for rows, others in _stream(left, right, most):
        if held + rows.shape[0] > most:
            logs += product.log2_()
            product, held = product.fill_(1), 0
        _multiply_grams(product, rows, others)
        held += rows.shape[0]
        if alone is not None:
            once -= rows.mean(dim=2).log2_().sum(dim=0)
        if advance is not None:
            advance(rows.shape[0])
    logs += product.log2_()
    if alone is not None:
        alone.copy_(once / images)
    joint = logs.div_(-images)
    return joint if right is not None else joint.triu_().add_(joint.triu(1).T)


def information_of_rows(channels: Coefficients) -> tuple[Tensor, Tensor]:
    """Bits of each channel, and of each channel received twice: two vectors (c,)."""
    once = channels.half_mean.new_zeros(channels.count)
    twice = torch.zeros_like(once)
    for rows, _ in _stream(channels, None, channels.images):
        once -= rows.mean(dim=2).log2_().sum(dim=0)
        twice -= rows.square_().mean(dim=2).log2_().sum(dim=0)
    return once / channels.images, twice / channels.images


def _stream(
    left: Coefficients, right: Coefficients | None, most: int
) -> Iterator[tuple[Float[Tensor, "k c n"], Float[Tensor, "k e n"] | None]]:
    """Rows of all images in order, at most `most` images at a time, always in the same place."""
    images = left.images
    width = max(left.count, 0 if right is None else right.count)
    together = min(most, images, max(1, ROOM // (max(1, width) * images)))
    space = left.half_mean.new_empty(together, left.count, images)
    more = None if right is None else space.new_empty(together, right.count, images)
    for start in range(0, images, together):
        chosen = slice(start, min(start + together, images))
        some = chosen.stop - start
        rows = left.rows(chosen, out=space[:some])
        if right is None or more is None:
            yield rows, None
        else:
            yield rows, right.rows(chosen, out=more[:some])


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
        some = rows[:, start : start + STRIP]
        scale = 1 / rows.shape[2]  # here, because entries near 1 keep small informations exact
        grams = torch.baddbmm(block, some, columns[:, first:].mT, beta=0, alpha=scale)
        for gram in grams.unbind(0):
            block.mul_(gram)

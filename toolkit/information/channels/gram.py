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
BUFFERED_COEFFICIENTS = 1 << 21  # of several images, held at once
IMAGES_PER_TASK = 32  # that one thread works on at a time


def images_per_logarithm(images: int, dtype: torch.dtype) -> int:
    """How many Gram matrices can be multiplied before their product may underflow.

    >>> images_per_logarithm(1000, torch.float64), images_per_logarithm(1000, torch.float32)
    (101, 12)
    """
    return max(1, int(0.99 * -math.log(torch.finfo(dtype).tiny) / math.log(images)))


def joint_information(
    left: Coefficients,
    right: Coefficients | None = None,
    *,
    single: Float[Tensor, " c"] | None = None,
    advance: Callable[[int], None] | None = None,
) -> Float[Tensor, "c e"]:
    """Bits that two channels carry together, for every pair of `left` and `right`.

    Arguments:
        left: channels, one row of the result each.
        right: channels, one column each; without it `left` itself, and then only the upper
            triangle is computed and mirrored, so that the result is symmetric to the last bit.
        single: if given, the bits of each channel of `left` alone are written here as well.
        advance: called with the number of images done since the last call.
    """
    single_sum = left.half_mean.new_zeros(left.count)
    joint = single_sum.new_zeros(left.count, left.count if right is None else right.count)

    def log_grams(workspace: _Workspace, images: slice) -> tuple[Tensor, Tensor]:
        scale = left.images**-0.5  # here, because entries near 1 keep small informations exact
        single_logs = workspace.rows.new_zeros(left.count)
        workspace.product.fill_(1)
        step = len(workspace.rows)
        for some in split_images(images.stop - images.start, step, start=images.start):
            count = some.stop - some.start
            # Coefficient rows
            rows = others = left.rows(some, scale=scale, out=workspace.rows[:count])
            if right is not None and workspace.others is not None:
                others = right.rows(some, scale=scale, out=workspace.others[:count])
            # Single channels
            single_logs += rows.sum(dim=2).mul_(scale).log2_().sum(dim=0)
            # Gram products
            for left_rows, right_rows in zip(rows, others, strict=True):
                workspace.multiply(left_rows, right_rows, symmetric=right is None)
        return workspace.product.log2_(), single_logs

    def subtract(images: slice, logs: tuple[Tensor, Tensor]) -> None:
        joint.sub_(logs[0])
        single_sum.sub_(logs[1])
        if advance is not None:
            advance(images.stop - images.start)

    most = min(IMAGES_PER_TASK, images_per_logarithm(left.images, joint.dtype))
    in_threads(
        log_grams,
        split_images(left.images, most),
        subtract,
        scratch=partial(_Workspace.of, left, right, most),
        device=joint.device,
    )
    if single is not None:
        single.copy_(single_sum / left.images)
    joint.div_(left.images)
    return joint if right is not None else joint.triu_().add_(joint.triu(1).T)


def single_and_doubled_information(channels: Coefficients) -> tuple[Tensor, Tensor]:
    """Bits of each channel, and of two independent draws from it: two vectors (c,)."""
    single = channels.half_mean.new_zeros(channels.count)
    doubled = torch.zeros_like(single)

    def log_means(buffer: Float[Tensor, "k c n"], images: slice) -> tuple[Tensor, Tensor]:
        single_logs = buffer.new_zeros(channels.count)
        doubled_logs = torch.zeros_like(single_logs)
        for some in split_images(images.stop - images.start, len(buffer), start=images.start):
            rows = channels.rows(some, out=buffer[: some.stop - some.start])
            single_logs += rows.mean(dim=2).log2_().sum(dim=0)
            doubled_logs += rows.square_().mean(dim=2).log2_().sum(dim=0)
        return single_logs, doubled_logs

    def subtract(_: slice, logs: tuple[Tensor, Tensor]) -> None:
        single.sub_(logs[0])
        doubled.sub_(logs[1])

    in_threads(
        log_means,
        split_images(channels.images, IMAGES_PER_TASK),
        subtract,
        scratch=partial(row_buffer, channels, IMAGES_PER_TASK),
        device=single.device,
    )
    return single / channels.images, doubled / channels.images


def split_images(images: int, most: int, *, start: int = 0) -> list[slice]:
    """All images in order, in the fewest parts of at most `most`, of nearly equal size.

    >>> split_images(10, 4)
    [slice(0, 4, None), slice(4, 7, None), slice(7, 10, None)]
    """
    count = -(-images // most)
    ends = [start - (-images * part // count) for part in range(count + 1)]
    return [slice(*pair) for pair in pairwise(ends)]


def row_buffer(channels: Coefficients, most: int, *, beside: int = 0) -> Float[Tensor, "k c n"]:
    """Memory for the rows of several images, at most `most`.

    Arguments:
        channels: whose rows are written into it.
        most: images at once.
        beside: channels of a second buffer of the same number of images.
    """
    numbers = max(1, channels.count, beside) * channels.images
    images = max(1, min(most, BUFFERED_COEFFICIENTS // numbers))
    return channels.half_mean.new_empty(images, channels.count, channels.images)


@dataclass(frozen=True)
class _Workspace:
    """Memory of one thread: rows of several images, one Gram matrix, the product of all."""

    rows: Float[Tensor, "k c n"]
    others: Float[Tensor, "k e n"] | None
    gram: Float[Tensor, "s e"]
    product: Float[Tensor, "c e"]

    @classmethod
    def of(cls, left: Coefficients, right: Coefficients | None, most: int) -> "_Workspace":
        other = left if right is None else right
        rows = row_buffer(left, most, beside=other.count)
        product = rows.new_empty(left.count, other.count)
        return cls(
            rows=rows,
            others=None if right is None else row_buffer(right, most, beside=left.count),
            gram=torch.empty_like(product[:STRIP]),
            product=product,
        )

    def multiply(
        self, rows: Float[Tensor, "c n"], others: Float[Tensor, "e n"], *, symmetric: bool
    ) -> None:
        """Multiply the Gram matrix of one image into the product; its upper part is enough."""
        for start in range(0, rows.shape[0], STRIP):
            first = start if symmetric else 0
            block = self.product[start : start + STRIP, first:]
            gram = self.gram[: block.shape[0], first:]
            torch.mm(rows[start : start + STRIP], others[first:].T, out=gram)
            block.mul_(gram)

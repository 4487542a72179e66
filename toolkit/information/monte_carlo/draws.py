"""Stratified draws of points, and the standard error of averages over them.

Stratified sampling with equal numbers: Cochran, "Sampling Techniques" (3rd ed., 1977), chapter 5.
"""

from collections.abc import Iterator

import torch
from jaxtyping import Float, Int
from torch import Tensor

from toolkit.errors import ToolkitError


def draws_of_points(
    m: int, *, samples: int, generator: torch.Generator, block: int
) -> Iterator[Int[Tensor, "p k"]]:
    """Which of m points are encoded: a row per stratum, a column per draw from it.

    With at least two draws per point, points are strata and all of them are visited equally often
    (`samples` is rounded up). With fewer there is one draw per row, from a point chosen with
    replacement, and rows are independent.

    Arguments:
        m: number of points.
        samples: draws in all, at least 2.
        generator: chooses the points where there are too few draws for all of them.
        block: draws that are handed out at once, about.

    >>> [index.tolist() for index in
    ...  draws_of_points(3, samples=6, generator=torch.Generator(), block=4)]
    [[[0, 0], [1, 1]], [[2, 2]]]
    """
    if samples < 2:
        raise ToolkitError(
            f"`samples` is {samples}, but a standard error needs at least 2; take some thousands."
        )
    if samples < 2 * m:
        chosen = torch.randint(m, (samples, 1), generator=generator, device=generator.device)
        yield from chosen.split(block)
        return
    draws = -(-samples // m)
    for points in torch.arange(m).split(max(1, block // draws)):
        yield points[:, None].expand(-1, draws)


def standard_normal(
    count: int, width: int, *, generator: torch.Generator, device: torch.device
) -> Float[Tensor, "count width"]:
    """Noise made by `generator`, on `device`."""
    noise = torch.randn(
        count, width, generator=generator, device=generator.device, dtype=torch.float64
    )
    return noise.to(device)


class Moments:
    """Averages of columns over all draws, and the covariance of the averages' errors.

    Arguments:
        columns: how many are averaged.
        groups: (g, w) column numbers; a covariance (w, w) is kept for each of the g groups.
    """

    def __init__(self, columns: int, groups: Int[Tensor, "g w"]) -> None:
        self._groups = groups
        self._rows = 0
        self._origin = torch.zeros(columns, dtype=torch.float64, device=groups.device)
        self._sum = torch.zeros_like(self._origin)
        self._spread = self._origin.new_zeros(*groups.shape, groups.shape[1])
        self._stratified = False

    def add(self, values: Float[Tensor, "p k q"]) -> None:
        """Take in a block of `draws_of_points`: strata, draws, columns."""
        rows, draws, _ = values.shape
        if not self._rows:  # sums of squares are kept about a value near the mean
            self._origin, self._stratified = values.mean(dim=(0, 1)), draws > 1
        self._rows += rows
        shifted = values - self._origin
        self._sum += shifted.mean(dim=1).sum(dim=0)
        if self._stratified:  # differences between strata are no error: all of them are visited
            shifted = shifted - shifted.mean(dim=1, keepdim=True)
        deviation = shifted[..., self._groups]
        products = torch.einsum("pkgv,pkgw->gvw", deviation, deviation)
        self._spread += products / (draws * (draws - 1)) if self._stratified else products

    def estimate(self) -> tuple[Float[Tensor, " q"], Float[Tensor, "g w w"]]:
        """All averages and, for each group, the covariance of their errors."""
        average = self._sum / self._rows
        if self._stratified:
            return self._origin + average, self._spread / self._rows**2
        inside = average[self._groups]
        about = self._spread / self._rows - inside[:, :, None] * inside[:, None, :]
        return self._origin + average, about / (self._rows - 1)

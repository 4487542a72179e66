"""Intervals of bits, VI and NMI whose bias may fall more slowly than one over the number of images.

An image without neighbours contributes log2 n whatever it knows. Of channels with heavy tails there
are always some, and the bias falls as n^-s with s below 1, of which the jackknife removes only a
share s. From n, n/2 and n/4 images Richardson's extrapolation in 1/n is computed twice; were the
bias one in 1/n both would agree. What they differ by is the drift. With a bias of n^-s what is left
is drift / (2^s - 1): 1 drift at s = 1 (as for log n / n), 3 at s = 0.42.

Estimates keep the jackknife's value, since the drift is noisy; the interval is widened on the side
to which the bias errs: information and VI are too low, NMI too high. Fewer than 4 groups show no
drift.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from toolkit.information.channels.jackknife import IntervalEstimate, jackknife
from toolkit.information.channels.leave_group_out import images_left_of

# Drifts by which an end is widened: benchmarks/coverage.py
INFORMATION_DRIFTS = 1.0
VI_DRIFTS = 3.0  # the bias of its heavy tail falls as n^-0.42
NMI_DRIFTS = 1.5


def interval_of_information(
    values: Float[Tensor, "h ..."], sizes: Int[Tensor, " g"], *, level: float
) -> IntervalEstimate:
    """The interval of the bits of a channel; its upper end is raised by the drift.

    Arguments:
        values: by all images, without each group, by halves and quarters (`leave_group_out`).
        sizes: images of each group.
        level: probability that the interval holds the number.
    """
    return _raised(values, sizes, level=level, drifts=INFORMATION_DRIFTS)


def interval_of_vi(
    values: Float[Tensor, "h ..."], sizes: Int[Tensor, " g"], *, level: float
) -> IntervalEstimate:
    """The interval of VI in bits; its upper end is raised by the drift.

    Arguments:
        values: by all images, without each group, by halves and quarters (`leave_group_out`).
        sizes: images of each group.
        level: probability that the interval holds the number.
    """
    return _raised(values, sizes, level=level, drifts=VI_DRIFTS)


def interval_of_nmi(
    values: Float[Tensor, "h ..."], sizes: Int[Tensor, " g"], *, level: float
) -> IntervalEstimate:
    """The interval of NMI; its lower end is lowered by the drift.

    Arguments:
        values: by all images, without each group, by halves and quarters (`leave_group_out`).
        sizes: images of each group.
        level: probability that the interval holds the number.
    """
    found = jackknife(values[0], values[1 : len(sizes) + 1], sizes, level=level)
    return IntervalEstimate(
        estimate=found.estimate,
        standard_error=found.standard_error,
        low=found.low - NMI_DRIFTS * drift(values, sizes).abs(),
        high=found.high,
    )


def drift(values: Float[Tensor, "h ..."], sizes: Int[Tensor, " g"]) -> Float[Tensor, "..."]:
    """What Richardson's extrapolation gains from n/2 to n images; 0 for a bias in 1/n.

    The halves are weighted by their images, and so are the quarters: what a mean over images
    contributes cancels.

    Arguments:
        values: by all images, without each group, by halves and quarters (`leave_group_out`).
        sizes: images of each group.

    A bias of 1/n leaves none (8, 7, 7, 7, 7, then 4, 4, 2, 2, 2, 2 images):

    >>> sizes = torch.tensor([2, 2, 2, 2])
    >>> float(drift(3 - 1 / images_left_of(sizes), sizes))
    0.0
    """
    if len(sizes) + 1 == len(values):
        return torch.zeros_like(values[0])
    weights = images_left_of(sizes).to(values)[len(sizes) + 1 :] / sizes.sum()
    parts = weights.reshape(-1, *[1] * (values.ndim - 1)) * values[len(sizes) + 1 :]
    halves, quarters = parts[:2].sum(dim=0), parts[2:].sum(dim=0)
    return (2 * values[0] - halves) - (2 * halves - quarters)


def _raised(
    values: Float[Tensor, "h ..."], sizes: Int[Tensor, " g"], *, level: float, drifts: float
) -> IntervalEstimate:
    """The jackknife's interval with a higher upper end.

    Bits are 0 or more and their estimates skewed: the half width counts on the logarithmic scale
    on the upper side, up to where it is as large as the estimate.
    """
    found = jackknife(values[0], values[1 : len(sizes) + 1], sizes, level=level)
    width = found.high - found.estimate
    relative = torch.where(found.estimate > width, width / found.estimate, 1).clamp_min(1e-9)
    return IntervalEstimate(
        estimate=found.estimate,
        standard_error=found.standard_error,
        low=found.low,
        high=found.estimate
        + width * relative.expm1() / relative
        + drifts * drift(values, sizes).abs(),
    )

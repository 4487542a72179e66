"""Centred kernel alignment of two spaces, with three kernels, biased and debiased.

Kornblith, Norouzi, Lee & Hinton, "Similarity of neural network representations revisited" (ICML
2019), https://arxiv.org/abs/1905.00414; the Bhattacharyya kernel is Murphy, Dillavou & Bassett's
(TMLR 2025), https://arxiv.org/abs/2405.21042. The biased form is what is usually published; it
grows towards 1 where images are few beside the channels. The debiased form divides unbiased
estimates (Song, Smola, Gretton, Bedo & Borgwardt, JMLR 2012,
https://jmlr.org/papers/v13/song12a.html): about 0 for unrelated spaces, whatever their number.
"""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from toolkit.information.gaussian import bhattacharyya_distance
from toolkit.information.spaces import Space

FEWEST = 4  # images that the debiased form needs


def linear_kernel(space: Space) -> Float[Tensor, "n n"]:
    """Inner products of the means; widths do not count."""
    return space.mean @ space.mean.T


def bhattacharyya_kernel(space: Space) -> Float[Tensor, "n n"]:
    """Overlaps of the posteriors: Bhattacharyya coefficients."""
    return (-bhattacharyya_distance(space.mean, space.log_variance)).exp()


def rbf_kernel(space: Space) -> Float[Tensor, "n n"]:
    """Gaussian kernel on the means, as wide as the average posterior deviation."""
    width = (space.log_variance / 2).exp().mean()
    squared = torch.zeros(len(space.mean), len(space.mean)).to(space.mean)
    for centre in space.mean.unbind(1):
        squared += (centre[:, None] - centre[None, :]).square()
    return (-squared / (2 * width.square())).exp()


def centred(
    kernel: Callable[[Space], Float[Tensor, "n n"]],
) -> Callable[[Space], Float[Tensor, "n n"]]:
    """A kernel centred in rows and columns, and of Frobenius norm 1; NaN if it is constant."""

    def represent(space: Space) -> Float[Tensor, "n n"]:
        values = kernel(space)
        by_rows = values - values.mean(dim=0)
        return _unit(by_rows - by_rows.mean(dim=1, keepdim=True), like=values)

    return represent


def debiased(
    kernel: Callable[[Space], Float[Tensor, "n n"]],
) -> Callable[[Space], Float[Tensor, "n n"]]:
    """A kernel centred so that products of two estimate without bias, and of norm 1.

    The diagonal, which every image has large by itself, is left out. NaN if the kernel is constant,
    and for fewer than four images.
    """

    def represent(space: Space) -> Float[Tensor, "n n"]:
        values = kernel(space)
        n = len(values)
        if n < FEWEST:
            return torch.full_like(values, torch.nan)
        apart = values - torch.diag(values.diagonal())
        means = apart.sum(dim=0) / (n - 2)
        total = apart.sum() / ((n - 1) * (n - 2))
        by_rows = apart - means[:, None] - means[None, :] + total
        return _unit(by_rows - torch.diag(by_rows.diagonal()), like=values)

    return represent


def kernel_alignment(one: Float[Tensor, "n n"], other: Float[Tensor, "n n"]) -> Float[Tensor, ""]:
    """Cosine between two centred kernels; NaN if one is constant.

    0 to 1 in the biased form, about 0 to 1 and never below -1 in the debiased one.

    >>> mean = torch.tensor([[0.0], [1.0], [3.0]])
    >>> same = centred(linear_kernel)(Space(mean, torch.zeros(3, 1)))
    >>> scaled = centred(linear_kernel)(Space(7 - 2 * mean, torch.zeros(3, 1)))
    >>> kernel_alignment(same, scaled)
    tensor(1.0000)
    """
    return (one * other).sum()


def _unit(kernel: Float[Tensor, "n n"], *, like: Float[Tensor, "n n"]) -> Float[Tensor, "n n"]:
    """Divided by its Frobenius norm; NaN where that is rounding beside the kernel it comes from."""
    norm, noise = kernel.norm(), like.norm() * 100 * torch.finfo(kernel.dtype).eps
    return torch.where(norm > noise, kernel / norm, torch.nan)

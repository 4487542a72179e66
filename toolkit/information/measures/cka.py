"""Centred kernel alignment of two spaces, with three kernels.

Kornblith, Norouzi, Lee & Hinton, "Similarity of neural network representations revisited" (ICML
2019), https://arxiv.org/abs/1905.00414; the Bhattacharyya kernel is Murphy, Dillavou & Bassett's
(TMLR 2025), https://arxiv.org/abs/2405.21042.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from toolkit.information.gaussian import bhattacharyya_distance
from toolkit.information.spaces import Space


def linear_kernel(space: Space) -> Float[Tensor, "n n"]:
    """Inner products of the means; widths do not count."""
    return _unit(space.mean @ space.mean.T)


def bhattacharyya_kernel(space: Space) -> Float[Tensor, "n n"]:
    """Overlaps of the posteriors: Bhattacharyya coefficients."""
    return _unit((-bhattacharyya_distance(space.mean, space.log_variance)).exp())


def rbf_kernel(space: Space) -> Float[Tensor, "n n"]:
    """Gaussian kernel on the means, as wide as the average posterior deviation."""
    width = (space.log_variance / 2).exp().mean()
    squared = torch.zeros(len(space.mean), len(space.mean)).to(space.mean)
    for centre in space.mean.unbind(1):
        squared += (centre[:, None] - centre[None, :]).square()
    return _unit((-squared / (2 * width.square())).exp())


def kernel_alignment(one: Float[Tensor, "n n"], other: Float[Tensor, "n n"]) -> Float[Tensor, ""]:
    """Cosine between two centred kernels, 0 to 1; NaN if one is constant.

    >>> mean = torch.tensor([[0.0], [1.0], [3.0]])
    >>> same = linear_kernel(Space(mean, torch.zeros(3, 1)))
    >>> scaled = linear_kernel(Space(7 - 2 * mean, torch.zeros(3, 1)))
    >>> kernel_alignment(same, scaled)
    tensor(1.0000)
    """
    return (one * other).sum()


def _unit(kernel: Float[Tensor, "n n"]) -> Float[Tensor, "n n"]:
    """Centred in rows and columns, and of Frobenius norm 1."""
    centred = kernel - kernel.mean(dim=0)
    centred = centred - centred.mean(dim=1, keepdim=True)
    norm, noise = centred.norm(), kernel.norm() * 100 * torch.finfo(kernel.dtype).eps
    return torch.where(norm > noise, centred / norm, torch.nan)

"""Similarity of Gaussian spaces to their ensembles, with the gradient written out.

Informations are those of fingerprints, in nats: Murphy, Dillavou & Bassett (TMLR 2025),
https://arxiv.org/abs/2405.21042. Their notebook leaves 1/n out of every average, which shifts each
information by log n. That cancels in VI and in the gradient of the shared information, but not in
NMI. Here it is kept.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Bool, Float
from torch import Tensor

SIMILARITIES = ("information", "vi", "nmi")


class Objective:
    """Mean similarity of each run's space to its ensemble, with its gradient.

    Everything that does not change is computed once. Rows of coefficients are kept image by image,
    (n, r or m, n), so that all joint informations are one matrix product per image.
    """

    def __init__(
        self,
        fingerprints: Float[Tensor, "m n n"],
        members: Bool[Tensor, "r m"],
        similarities: Sequence[str],
    ) -> None:
        self._rows = fingerprints.movedim(0, 1).contiguous()
        share = members.to(fingerprints)
        self._share = share / share.sum(dim=1, keepdim=True)
        self._alone = -fingerprints.mean(dim=2).log().mean(dim=1)
        self._twice = -fingerprints.square().mean(dim=2).log().mean(dim=1)
        self._kind = [
            torch.tensor([name == kind for name in similarities], device=fingerprints.device)[
                :, None
            ]
            for kind in SIMILARITIES
        ]

    def __call__(
        self, mean: Float[Tensor, "r n d"], log_variance: Float[Tensor, "r n d"]
    ) -> tuple[Float[Tensor, " r"], Float[Tensor, "r n d"], Float[Tensor, "r n d"]]:
        """Similarities, and their gradients by mean and by log-variance."""
        overlaps = _Overlaps(mean, log_variance)
        rows = overlaps.rows
        n = rows.shape[2]
        # Informations
        sums, squares = rows.sum(dim=2), rows.square().sum(dim=2)
        grams = rows @ self._rows.mT
        alone = -(sums / n).log().mean(dim=0)
        twice = -(squares / n).log().mean(dim=0)
        joint = -(grams / n).log().mean(dim=0)
        # Similarity
        similarity, by_alone, by_twice, by_joint = self._similarity(alone, twice, joint)
        # Chain rule
        by_rows = (by_joint / grams) @ self._rows
        by_rows += (by_alone / sums)[:, :, None]
        by_rows += rows * (2 * by_twice / squares)[:, :, None]
        return similarity, *overlaps.gradients(by_rows.mul_(rows).div_(-n))

    def _similarity(
        self, alone: Float[Tensor, " r"], twice: Float[Tensor, " r"], joint: Float[Tensor, "r m"]
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Mean similarity of each run, and its derivatives by I_u, I_uu and each I_uv (nats)."""
        itself = (2 * alone - twice)[:, None]
        scale = (itself * (2 * self._alone - self._twice)).rsqrt()
        # Three similarities
        shared = alone[:, None] + self._alone - joint
        exp_vi = (twice[:, None] + self._twice - 2 * joint).exp()
        nmi = shared * scale
        by_information, by_vi, by_nmi = self._kind
        zero = torch.zeros_like(shared)
        # Chosen one, derivatives
        value = torch.where(by_information, shared, torch.where(by_vi, exp_vi, nmi))
        by_alone = torch.where(by_nmi, scale - nmi / itself, torch.where(by_vi, zero, zero + 1))
        by_twice = torch.where(by_nmi, nmi / itself / 2, torch.where(by_vi, exp_vi, zero))
        by_joint = torch.where(by_nmi, -scale, torch.where(by_vi, -2 * exp_vi, zero - 1))
        share = self._share
        return (
            (share * value).sum(dim=1),
            (share * by_alone).sum(dim=1),
            (share * by_twice).sum(dim=1),
            share * by_joint,
        )


class _Overlaps:
    """Coefficients of every two posteriors of each run, and their gradients."""

    def __init__(self, mean: Float[Tensor, "r n d"], log_variance: Float[Tensor, "r n d"]) -> None:
        self._variance = log_variance.exp().movedim(1, 0)
        centre = mean.movedim(1, 0)
        self._gap = [x[:, :, None] - x.T[None, :, :] for x in centre.unbind(2)]
        self._scale = [
            (x[:, :, None] + x.T[None, :, :]).reciprocal_() for x in self._variance.unbind(2)
        ]
        # Product over dimensions
        root = (log_variance / 2).exp().prod(dim=2)
        self.rows = root.T[:, :, None] * root[None, :, :] * 2 ** mean.shape[2]
        exponent = torch.zeros_like(self.rows)
        for gap, scale in zip(self._gap, self._scale, strict=True):
            self.rows *= scale
            exponent.addcmul_(gap.square(), scale)
        self.rows.sqrt_().mul_(exponent.div_(-4).exp_())

    def gradients(
        self, by_log_rows: Float[Tensor, "n r n"]
    ) -> tuple[Float[Tensor, "r n d"], Float[Tensor, "r n d"]]:
        """By mean and by log-variance, from derivatives by the logarithms of all coefficients."""
        both = by_log_rows + by_log_rows.transpose(0, 2)
        quarter = both.sum(dim=2) / 4
        by_mean, by_log_variance = [], []
        for gap, scale, variance in zip(
            self._gap, self._scale, self._variance.unbind(2), strict=True
        ):
            weight = both * scale
            pull = weight * gap
            by_mean.append(pull.sum(dim=2) / -2)
            by_variance = (pull.mul_(gap).mul_(scale).sum(dim=2) / 2 - weight.sum(dim=2)) / 2
            by_log_variance.append(by_variance * variance + quarter)
        return torch.stack(by_mean, dim=2).movedim(0, 1), torch.stack(
            by_log_variance, dim=2
        ).movedim(0, 1)

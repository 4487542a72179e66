"""DIP-VAE: Kumar, Sattigeri & Balakrishnan (ICLR 2018), https://arxiv.org/abs/1711.00848.

The covariance of the means (I) or of the codes (II) is drawn to the unit matrix. Both are computed
per batch, so that the penalty is the same for every image of it.
"""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Literal

from jaxtyping import Float
from torch import Tensor

from toolkit.objectives.objective import Discriminator, Objective, Outputs, Terms, Weights, rate
from toolkit.objectives.schedules import Weight


@dataclass(frozen=True, kw_only=True)
class _DIPVAE(Objective):
    lambda_od: Weight = 10.0
    lambda_d: Weight = 10.0

    @abstractmethod
    def covariance(self, outputs: Outputs) -> Float[Tensor, "d d"]:
        """The covariance that is drawn to the unit matrix."""
        ...

    def terms(
        self, outputs: Outputs, *, weights: Weights, adversary: Discriminator | None
    ) -> Terms:
        """`loss`, `distortion`, `rate`, `off_diagonal` and `diagonal` of each image.

        The last two are sums of squares, before their weights, the same for all images.
        """
        del adversary
        covariance = self.covariance(outputs)
        diagonal = covariance.diagonal()
        off_diagonal = covariance.square().sum() - diagonal.square().sum()
        diagonal_error = (diagonal - 1).square().sum()
        rates = rate(outputs.mean, outputs.log_variance).sum(dim=1)
        penalty = weights["lambda_od"] * off_diagonal + weights["lambda_d"] * diagonal_error
        return {
            "loss": outputs.distortion + rates + penalty,
            "distortion": outputs.distortion,
            "rate": rates,
            "off_diagonal": off_diagonal.expand(len(rates)),
            "diagonal": diagonal_error.expand(len(rates)),
        }


@dataclass(frozen=True, kw_only=True)
class DIPVAE1(_DIPVAE):
    """Distortion plus rate plus penalties of the covariance of the means.

    Arguments:
        lambda_od: weight of the squared covariances of two channels.
        lambda_d: weight of the squared differences of variances from 1; 10 lambda_od in use.
    """

    lambda_d: Weight = 100.0

    def covariance(self, outputs: Outputs) -> Float[Tensor, "d d"]:
        """Of the means, over the batch, divided by its size."""
        return covariance(outputs.mean)


@dataclass(frozen=True, kw_only=True)
class DIPVAE2(_DIPVAE):
    """Distortion plus rate plus penalties of the covariance of the codes.

    Arguments:
        lambda_od: weight of the squared covariances of two channels.
        lambda_d: weight of the squared differences of variances from 1; lambda_od in use.
        compat: "none"; or "disent", which adds a mean variance to every covariance too. Only to
            read old results.
    """

    compat: Literal["none", "disent"] = "none"

    def covariance(self, outputs: Outputs) -> Float[Tensor, "d d"]:
        """Of the means, plus the mean variances of the posteriors on the diagonal."""
        variance = outputs.log_variance.exp()
        if self.compat == "disent":
            return covariance(outputs.mean) + variance.diagonal().mean()
        return covariance(outputs.mean) + variance.mean(dim=0).diag()


def covariance(values: Float[Tensor, "n d"]) -> Float[Tensor, "d d"]:
    """Over the rows, divided by their number.

    >>> import torch
    >>> covariance(torch.tensor([[0.0, 0.0], [2.0, 4.0]])).tolist()
    [[1.0, 2.0], [2.0, 4.0]]
    """
    centred = values - values.mean(dim=0)
    return centred.T @ centred / len(values)

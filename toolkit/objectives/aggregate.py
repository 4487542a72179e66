"""The density of codes over all images, estimated from one batch.

Chen et al. (NeurIPS 2018), https://arxiv.org/abs/1802.04942, section 4.1 and appendix C. The
posteriors of a batch of B images stand for those of all N images of the data set.
"""

import math
from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from toolkit.errors import ToolkitError
from toolkit.objectives.objective import Outputs

Estimator = Literal["mws", "mss", "mss_ordered"]
Compat = Literal["none", "disvae", "pythae"]


@dataclass(frozen=True, kw_only=True)
class LogDensities:
    """Logarithms of densities at the code of each image, nats.

    Arguments:
        given_image: of the code given its own image.
        joint: of the code, over all images.
        product: of the code, if channels were independent of one another.
        prior: of the code, by the standard normal prior.
    """

    given_image: Float[Tensor, " n"]
    joint: Float[Tensor, " n"]
    product: Float[Tensor, " n"]
    prior: Float[Tensor, " n"]


def log_densities(outputs: Outputs, *, estimator: Estimator, compat: Compat) -> LogDensities:
    """Densities at the codes of a batch.

    Arguments:
        outputs: codes and posteriors of B images, and the number N of all.
        estimator: how posteriors are weighted: "mws": each by 1 / (N B); "mss": the code's own by
            1 / N, the others alike; "mss_ordered": as printed in the paper.
        compat: "none", or the system whose errors are repeated.

    Raises:
        ToolkitError: the batch is larger than the data set, and the estimator is stratified.
    """
    z, mean, log_variance = outputs.z, outputs.mean, outputs.log_variance
    batch, latents = z.shape
    # Density of each code under each posterior
    pairs = log_normal(z.unsqueeze(1), mean.unsqueeze(0), log_variance.unsqueeze(0))
    stratified, times = estimator != "mws", 1
    if stratified:
        weights = log_weights(batch, outputs.dataset_size, estimator=estimator, compat=compat)
        weights = weights.to(device=pairs.device, dtype=pairs.dtype)
        times = latents if compat == "disvae" else 1
    else:
        constant = 0.0 if compat == "disvae" else -math.log(batch * outputs.dataset_size)
        weights = torch.full((batch, batch), constant, device=pairs.device, dtype=pairs.dtype)
    # Weighted sums over posteriors
    return LogDensities(
        given_image=log_normal(z, mean, log_variance).sum(dim=1),
        joint=(pairs.sum(dim=2) + times * weights).logsumexp(dim=1),
        product=(pairs + weights.unsqueeze(2)).logsumexp(dim=1).sum(dim=1),
        prior=log_normal(z, torch.zeros_like(z), torch.zeros_like(z)).sum(dim=1),
    )


def log_weights(
    batch: int, dataset_size: int, *, estimator: Estimator, compat: Compat = "none"
) -> Float[Tensor, "b b"]:
    """Logarithm of the weight of image k in the density at the code of image i (row i).

    Rows sum to 1. Drawing a batch without replacement makes the estimate of the density unbiased:
    an image's own posterior counts 1 / N, as it is always in the batch; the other M = B - 1 share
    (N - 1) / N. The paper gives M - 1 of them 1 / M each and the last one the small rest; which one
    is last is chance. "mss" is the mean over that chance: it is exact where B = N, and varies less.

    >>> log_weights(3, 3, estimator="mss").exp()
    tensor([[0.3333, 0.3333, 0.3333],
            [0.3333, 0.3333, 0.3333],
            [0.3333, 0.3333, 0.3333]], dtype=torch.float64)
    >>> log_weights(3, 10, estimator="mss_ordered").exp()
    tensor([[0.1000, 0.4000, 0.5000],
            [0.5000, 0.1000, 0.4000],
            [0.4000, 0.5000, 0.1000]], dtype=torch.float64)

    Raises:
        ToolkitError: the batch is larger than the data set.
    """
    if batch > dataset_size:
        raise ToolkitError(
            f"stratified sampling draws batches without replacement, and a batch of {batch} is "
            f"larger than the {dataset_size} images. Lower `batch_size`, or set `estimator` to mws."
        )
    if batch == 1:
        return torch.zeros(1, 1, dtype=torch.float64)
    others = batch - 1
    last = (dataset_size - others) / (dataset_size * others)
    weights = torch.full((batch, batch), 1 / others, dtype=torch.float64)
    if compat != "none":
        # Misplaced, as published: the special weights in the first two columns of every row
        weights[:, 0] = 1 / dataset_size
        weights[:, 1] = last
        weights[batch - 2, 0] = last
        return weights.log()
    if estimator == "mss":
        weights = weights * (1 - 1 / dataset_size)
    else:
        following = torch.arange(1, batch + 1) % batch
        weights[torch.arange(batch), following] = last
    return weights.fill_diagonal_(1 / dataset_size).log()


def log_normal(
    values: Float[Tensor, "*s d"], mean: Float[Tensor, "*t d"], log_variance: Float[Tensor, "*t d"]
) -> Float[Tensor, "*u d"]:
    """Logarithm of the normal density of each number, nats."""
    square = (values - mean).square() * (-log_variance).exp()
    return -(square + log_variance + math.log(2 * math.pi)) / 2

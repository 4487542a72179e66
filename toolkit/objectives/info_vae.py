"""InfoVAE with the maximum mean discrepancy: Zhao, Song & Ermon (AAAI 2019).

https://arxiv.org/abs/1706.02262, equation 6. The discrepancy compares the codes of a batch with as
many samples of the prior.
"""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import torch
from annotated_types import Gt
from jaxtyping import Float
from torch import Tensor

from toolkit.errors import ToolkitError
from toolkit.objectives.objective import Discriminator, Objective, Outputs, Terms, Weights, rate
from toolkit.objectives.schedules import Number, highest, lowest

Kernel = Literal["rbf", "imq"]
SCALES = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)  # of the inverse multiquadratic kernels


@dataclass(frozen=True, kw_only=True)
class InfoVAE(Objective):
    """Distortion + (1 - alpha) · rate + (alpha + lambda_z - 1) · discrepancy.

    Arguments:
        alpha: at most 1; above 0 the mutual information of images and codes is rewarded.
        lambda_z: weight of the divergence between all codes and the prior; 1 - alpha of it is
            within the rate already.
        kernel: "rbf": exp(-r² / (2 d b²)); "imq": the sum of C / (C + r²) over seven scales s, with
            C = 2 d b² s; for a bandwidth b and d channels.
        bandwidth: of the kernel, in standard deviations of the prior.

    Raises:
        ToolkitError: the weight of the discrepancy would be negative.
    """

    by_batch: ClassVar[bool] = True

    alpha: Number = 0.0
    lambda_z: Number = 1000.0
    kernel: Kernel = "rbf"
    bandwidth: Annotated[float, Gt(0)] = 1.0

    def __post_init__(self) -> None:
        weight = lowest(self.alpha) + lowest(self.lambda_z) - 1
        if weight < 0:
            raise ToolkitError(
                f"the weight alpha + lambda_z - 1 of the discrepancy can be {weight:g}, and below "
                "0 it would drive codes away from the prior. Raise `lambda_z`."
            )
        if highest(self.alpha) > 1:
            raise ToolkitError(
                f"`alpha` can be {highest(self.alpha):g}, and above 1 the rate would be rewarded. "
                "Lower it."
            )

    def random_inputs(
        self, images: int, latents: int, *, generator: torch.Generator, dtype: torch.dtype
    ) -> dict[str, Tensor]:
        """`prior`: (images, latents) samples of the standard normal."""
        return {"prior": torch.randn(images, latents, generator=generator, dtype=dtype)}

    def terms(
        self, outputs: Outputs, *, weights: Weights, adversary: Discriminator | None
    ) -> Terms:
        """`loss`, `distortion`, `rate` and `discrepancy` of each image.

        Raises:
            ToolkitError: the batch holds a single image.
        """
        del adversary
        rates = rate(outputs.mean, outputs.log_variance).sum(dim=1)
        divergence = discrepancy(
            outputs.z, outputs.random_inputs["prior"], kernel=self.kernel, bandwidth=self.bandwidth
        )
        weight = weights["alpha"] + weights["lambda_z"] - 1
        return {
            "loss": outputs.distortion + (1 - weights["alpha"]) * rates + weight * divergence,
            "distortion": outputs.distortion,
            "rate": rates,
            "discrepancy": divergence,
        }


def discrepancy(
    z: Float[Tensor, "n d"], prior: Float[Tensor, "n d"], *, kernel: Kernel, bandwidth: float
) -> Float[Tensor, " n"]:
    """Squared maximum mean discrepancy of two samples, as n numbers of which it is the mean.

    Within a sample no point is compared with itself, so that it is unbiased and may be negative:
    its expectation is 0 for two samples of one distribution.

    Arguments:
        z: one sample.
        prior: the other sample.
        kernel: "rbf" or "imq".
        bandwidth: of the kernel, in units of the codes.

    Raises:
        ToolkitError: a sample has fewer than two points.
    """
    count, latents = z.shape
    if count < 2:
        raise ToolkitError(
            "the discrepancy compares the codes of a batch, and this batch has one. "
            "Set `batch_size` to 2 or more."
        )
    # Kernel width
    width = 2 * latents * bandwidth**2

    def kernel_matrix(a: Float[Tensor, "n d"], b: Float[Tensor, "n d"]) -> Float[Tensor, "n n"]:
        squares = (a.unsqueeze(1) - b.unsqueeze(0)).square().sum(dim=2)
        if kernel == "rbf":
            return (-squares / width).exp()
        return sum((width * s / (width * s + squares) for s in SCALES), torch.zeros_like(squares))

    def within(sample: Float[Tensor, "n d"]) -> Float[Tensor, " n"]:
        similarities = kernel_matrix(sample, sample)
        return (similarities.sum(dim=1) - similarities.diagonal()) / (count - 1)

    return within(z) + within(prior) - 2 * kernel_matrix(z, prior).mean(dim=1)

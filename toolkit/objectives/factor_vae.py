"""FactorVAE: Kim & Mnih, "Disentangling by factorising" (ICML 2018).

https://arxiv.org/abs/1802.05983, algorithm 2: two independent batches, the second one permuted. The
discriminator is trained with detached latents, so that its loss never reaches the encoder.
"""

from dataclasses import dataclass
from typing import Annotated

import torch
from annotated_types import Ge, Gt
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import cross_entropy

from toolkit.errors import ToolkitError
from toolkit.objectives.objective import (
    Adversary,
    Discriminator,
    Objective,
    Outputs,
    Terms,
    Weights,
    rate,
)
from toolkit.objectives.schedules import Weight

JOINT, MARGINALS = 0, 1


@dataclass(frozen=True, kw_only=True)
class FactorVAE(Objective):
    """Distortion plus rate plus gamma times the total correlation by a discriminator.

    Arguments:
        gamma: weight of the total correlation, at least 0; 10 to 100 in use.
        discriminator_width: of its hidden layers.
        discriminator_layers: number of hidden layers.
        discriminator_learning_rate: of its own Adam (0.5, 0.9).
    """

    gamma: Weight = 35.0
    discriminator_width: Annotated[int, Ge(1)] = 1000
    discriminator_layers: Annotated[int, Ge(1)] = 6
    discriminator_learning_rate: Annotated[float, Gt(0)] = 1e-4

    def terms(
        self, outputs: Outputs, *, weights: Weights, adversary: Discriminator | None
    ) -> Terms:
        """`loss`, `distortion`, `rate` and `total_correlation` of each image, nats."""
        if adversary is None:
            raise ToolkitError("factor_vae needs its discriminator. Pass `adversary`.")
        logits = adversary(outputs.z)
        correlation = logits[:, JOINT] - logits[:, MARGINALS]
        rates = rate(outputs.mean, outputs.log_variance).sum(dim=1)
        return {
            "loss": outputs.distortion + rates + weights["gamma"] * correlation,
            "distortion": outputs.distortion,
            "rate": rates,
            "total_correlation": correlation,
        }

    def adversary(self) -> Adversary:
        """The discriminator's settings."""
        return Adversary(
            width=self.discriminator_width,
            layers=self.discriminator_layers,
            learning_rate=self.discriminator_learning_rate,
        )


def discriminator_loss(
    network: Discriminator, z: Float[Tensor, "n d"], permuted: Float[Tensor, "m d"]
) -> Float[Tensor, ""]:
    """Mean of the two cross-entropies, nats; log 2 at chance.

    Arguments:
        network: from latents to two logits.
        z: samples of q(z); detached here.
        permuted: samples of the product of the marginals; detached here.
    """
    joint = _cross_entropy(network(z.detach()), JOINT)
    marginals = _cross_entropy(network(permuted.detach()), MARGINALS)
    return (joint + marginals) / 2


def _cross_entropy(logits: Float[Tensor, "n 2"], label: int) -> Float[Tensor, ""]:
    return cross_entropy(logits, logits.new_full((len(logits),), label, dtype=torch.int64))


def permute_latents(z: Float[Tensor, "n d"], *, generator: torch.Generator) -> Float[Tensor, "n d"]:
    """Each channel shuffled over the batch by itself: samples of the product of marginals."""
    order = torch.rand(z.shape, generator=generator, device=generator.device).argsort(dim=0)
    return z.gather(0, order.to(z.device))

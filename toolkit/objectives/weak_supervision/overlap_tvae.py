"""Adaptive triplet VAE without labels: triplets of one batch, ordered by their pixels.

Michlo, Klein & James, "Overlooked implications of the reconstruction loss for VAE disentanglement"
(IJCAI 2023), https://arxiv.org/abs/2202.13341; in https://github.com/nmichlo/disent the
`DataOverlapTripletVae`.
"""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import torch
from annotated_types import Ge, Gt, Le
from torch import Tensor

from toolkit.errors import ToolkitError
from toolkit.objectives.objective import Discriminator, Outputs, Terms, Weights, rate
from toolkit.objectives.schedules import Margin, Weight
from toolkit.objectives.weak_supervision.adaptive import AdaptiveDifference
from toolkit.objectives.weak_supervision.mining import (
    Mining,
    PixelDistance,
    in_order,
    mined,
    pixel_distances,
)
from toolkit.objectives.weak_supervision.sharing import Posterior
from toolkit.objectives.weak_supervision.triplets import TripletObjective


@dataclass(frozen=True, kw_only=True)
class OverlapTVAE(AdaptiveDifference, TripletObjective):
    """Distortion plus beta times rate, plus the mean over random triplets of the batch.

    Arguments:
        beta: weight of the rate, at least 0.
        scale: weight of the triplets, at least 0; nats per unit of the code.
        share_scale: what is left of the difference from a negative in a shared channel, 0 to 1.
        ratio: where between the least and the greatest difference the threshold lies, 0 to 1.
        threshold: what the difference is: "kl", "symmetric_kl" or "dist".
        form: "margin", "sigmoid", "soft", "min_clamped" or "split_clamped".
        norm: 1 or 2, of the differences of codes.
        margin: by which the code of the negative must be farther away, above 0.
        margin_least: below which a positive is near enough; of the clamped forms.
        triplets: random triplets per batch, drawn with replacement.
        pixels: how images are compared: mean "squared" or "absolute" difference of pixels.
        mining: which of the triplets count: "none": all, "semi_hard_negative", "hard_negative",
            "hard_positive", "easy_positive", "random".
        mined: share of the triplets that mining keeps, above 0.
        pixel_margin: of "semi_hard_negative", in units of `pixels`.
    """

    sees_images: ClassVar[bool] = True
    by_batch: ClassVar[bool] = True

    beta: Weight = 1.0
    triplets: Annotated[int, Ge(1)] = 512
    pixels: PixelDistance = "squared"
    mining: Mining = "none"
    mined: Annotated[float, Gt(0), Le(1)] = 0.1
    pixel_margin: Margin = 0.1

    def random_inputs(
        self, images: int, latents: int, *, generator: torch.Generator, dtype: torch.dtype
    ) -> dict[str, Tensor]:
        """`triplets` (t, 3) of indices of images, and a `coin` (1,) in [0, 1)."""
        del latents
        count = min(self.triplets, images**3)
        return {
            "triplets": torch.randint(images, (count, 3), generator=generator),
            "coin": torch.rand(1, generator=generator, dtype=dtype),
        }

    def terms(
        self, outputs: Outputs, *, weights: Weights, adversary: Discriminator | None
    ) -> Terms:
        """`loss`, `distortion`, `rate`, and `triplet`: the mean over the triplets of the batch.

        Raises:
            ToolkitError: the images or the triplets are missing.
        """
        del adversary
        if outputs.images is None or not {"triplets", "coin"} <= outputs.random_inputs.keys():
            raise ToolkitError(
                "overlap_tvae compares the images of random triplets. "
                "Pass `images` and what `random_inputs` returned."
            )
        # Order by pixels
        drawn = outputs.random_inputs["triplets"]
        distances = pixel_distances(outputs.images, drawn, by=self.pixels)
        triplets, distances = in_order(drawn, distances)
        chosen = mined(
            distances,
            mining=self.mining,
            kept=max(1, int(self.mined * len(drawn))),
            margin=weights["pixel_margin"],
            coin=outputs.random_inputs["coin"].squeeze(0),
        )
        # Mean chosen loss
        anchor, positive, negative = (
            Posterior(outputs.mean[rows], outputs.log_variance[rows]) for rows in triplets.unbind(1)
        )
        losses = self.triplet_terms(anchor, positive, negative, weights)["triplet"]
        mean_loss = torch.where(chosen, losses, 0).sum() / chosen.sum()
        rates = rate(outputs.mean, outputs.log_variance).sum(dim=1)
        triplet = mean_loss.expand(len(rates))
        return {
            "loss": outputs.distortion + weights["beta"] * rates + weights["scale"] * triplet,
            "distortion": outputs.distortion,
            "rate": rates,
            "triplet": triplet,
        }

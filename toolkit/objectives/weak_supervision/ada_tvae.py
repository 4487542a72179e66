"""Adaptive triplets: where an anchor and its negative are alike, they pull less.

Michlo, Klein & James, "Overlooked implications of the reconstruction loss for VAE disentanglement"
(IJCAI 2023), https://arxiv.org/abs/2202.13341, and https://github.com/nmichlo/disent. Channels that
an adaptive threshold calls shared keep only a part of the difference from the negative, so that
the triplet is satisfied by few channels that differ much.
"""

from dataclasses import dataclass

from toolkit.objectives.weak_supervision.adaptive import AdaptiveTriplets
from toolkit.objectives.weak_supervision.tvae import TAE, TVAE


@dataclass(frozen=True, kw_only=True)
class AdaTVAE(AdaptiveTriplets, TVAE):
    """As the TVAE, with the shared channels of anchor and negative scaled down.

    Arguments:
        beta: weight of the rate, at least 0.
        scale: weight of a triplet, at least 0; nats per unit of the code.
        share_scale: what is left of the difference in a shared channel, 0 to 1.
        ratio: where between the least and the greatest difference of a triplet's channels the
            threshold lies, 0 (nothing is shared) to 1.
        threshold: what the difference is: "kl", "symmetric_kl" or "dist".
        form: "margin", "sigmoid", "soft", "min_clamped" or "split_clamped".
        norm: 1 or 2, of the differences of codes.
        margin: by which the negative must be farther away, above 0.
        margin_least: below which a positive is near enough; of the clamped forms.
        least: fewest factors in which a positive differs from its anchor.
        most: most of them; -1: all but one.
        negative_least: fewest factors in which a negative differs from its anchor.
        negative_most: most of them; -1: all.
    """


@dataclass(frozen=True, kw_only=True)
class AdaTAE(AdaptiveTriplets, TAE):
    """As the TAE, with the shared channels of anchor and negative scaled down.

    Arguments:
        noise: standard deviation below which two codes count as one when members are compared;
            training does not use it. It must be declared.
        scale: weight of a triplet, at least 0; nats per unit of the code.
        share_scale: what is left of the difference in a shared channel, 0 to 1.
        ratio: where between the least and the greatest difference of a triplet's channels the
            threshold lies, 0 (nothing is shared) to 1.
        threshold: what the difference is: "dist": of the codes; "kl" or "symmetric_kl": half of
            the squared distance in units of the noise.
        form: "margin", "sigmoid", "soft", "min_clamped" or "split_clamped".
        norm: 1 or 2, of the differences of codes.
        margin: by which the negative must be farther away, above 0.
        margin_least: below which a positive is near enough; of the clamped forms.
        least: fewest factors in which a positive differs from its anchor.
        most: most of them; -1: all but one.
        negative_least: fewest factors in which a negative differs from its anchor.
        negative_most: most of them; -1: all.

    Raises:
        ToolkitError: `noise` is not above 0.
    """

"""Adaptive triplets: where an anchor and its negative are alike, they pull less.

Michlo, Klein & James, "Overlooked implications of the reconstruction loss for VAE disentanglement"
(IJCAI 2023), https://arxiv.org/abs/2202.13341, and https://github.com/nmichlo/disent. Channels that
an adaptive threshold calls shared keep only a part of the difference from the negative, so that
the triplet is satisfied by few channels that differ much.
"""

from dataclasses import dataclass

from toolkit.objectives.weak_supervision.adaptive import AdaptiveDifference
from toolkit.objectives.weak_supervision.tvae import TripletAE, TripletVAE


@dataclass(frozen=True, kw_only=True)
class AdaTVAE(AdaptiveDifference, TripletVAE):
    """As the TVAE, with the shared channels of anchor and negative scaled down.

    Arguments:
        share_scale: what is left of the difference in a shared channel, 0 to 1.
        ratio: where between the least and the greatest difference of a triplet's channels the
            threshold lies, 0 (nothing is shared) to 1.
        threshold: what the difference is: "kl", "symmetric_kl" or "dist".

    The other settings are those of `TVAE`; `norm` is 1 where nothing else is set.
    """


@dataclass(frozen=True, kw_only=True)
class AdaTAE(AdaptiveDifference, TripletAE):
    """As the TAE, with the shared channels of anchor and negative scaled down.

    Arguments:
        share_scale: what is left of the difference in a shared channel, 0 to 1.
        ratio: where between the least and the greatest difference of a triplet's channels the
            threshold lies, 0 (nothing is shared) to 1.
        threshold: what the difference is: "dist": of the codes; "kl" or "symmetric_kl": half of
            the squared distance in units of the noise.

    The other settings are those of `TAE`; `norm` is 1 where nothing else is set.

    Raises:
        ToolkitError: `noise` is not above 0.
    """

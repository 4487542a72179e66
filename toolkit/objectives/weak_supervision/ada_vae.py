"""Group VAEs: two images that differ in few factors share the posteriors of the other channels.

Ada-GVAE and Ada-ML-VAE find the shared channels by themselves: Locatello et al.,
"Weakly-supervised disentanglement without compromises" (ICML 2020),
https://arxiv.org/abs/2002.02886. GVAE (Hosoya, 2019, https://arxiv.org/abs/1809.02383) and ML-VAE
(Bouchacourt et al., 2018, https://arxiv.org/abs/1705.08841) know the factor that changed.
The loss is distortion plus beta times rate of both images, each with the posterior it shares. The
form without posteriors, Ada-AE, is that of https://github.com/nmichlo/disent.
"""

from dataclasses import dataclass

from toolkit.objectives.autoencoders.points import DistortionAlone
from toolkit.objectives.objective import Discriminator, Outputs, Terms, Weights, rate
from toolkit.objectives.schedules import Weight
from toolkit.objectives.weak_supervision.pairs import AdaptivePairs, LabelledPairs, PairObjective
from toolkit.objectives.weak_supervision.sharing import (
    Average,
    Threshold,
    mean_of_deviations,
    mean_of_precisions,
    mean_of_variances,
)


@dataclass(frozen=True, kw_only=True)
class _GroupVAE(PairObjective):
    """Pairs with posteriors: distortion plus beta times the rate of the shared posteriors."""

    beta: Weight = 1.0

    def terms(
        self, outputs: Outputs, *, weights: Weights, adversary: Discriminator | None
    ) -> Terms:
        """`loss`, `distortion` and `rate` of each image, nats; of the shared posteriors."""
        del adversary
        rates = rate(outputs.mean, outputs.log_variance).sum(dim=1)
        loss = outputs.distortion + weights["beta"] * rates
        return {"loss": loss, "distortion": outputs.distortion, "rate": rates}


@dataclass(frozen=True, kw_only=True)
class AdaGVAE(AdaptivePairs, _GroupVAE):
    """Pairs; the channels that differ least share the mean of their means and variances.

    Arguments:
        beta: weight of the rate, at least 0.
        threshold: what the difference of two posteriors in a channel is: "kl": nats, of the first
            from the second; "symmetric_kl": nats, mean of both; "dist": of their means.
        ratio: where between the least and the greatest difference the threshold lies, 0 to 1.
        least: fewest factors in which the images of a pair differ.
        most: most of them; -1: all but one.
        deviations: standard deviations are averaged in place of variances.
    """

    deviations: bool = False

    def average(self) -> Average:
        """Mean of means, and of variances or standard deviations."""
        return mean_of_deviations if self.deviations else mean_of_variances


@dataclass(frozen=True, kw_only=True)
class AdaMLVAE(AdaptivePairs, _GroupVAE):
    """As Ada-GVAE, with the mean of the precisions in place of that of the variances."""

    def average(self) -> Average:
        """Mean of precisions, and of means weighted by them."""
        return mean_of_precisions


@dataclass(frozen=True, kw_only=True)
class GVAE(LabelledPairs, _GroupVAE):
    """Pairs that differ in one known factor k; every channel but number k is shared.

    Arguments:
        beta: weight of the rate, at least 0.
    """

    def average(self) -> Average:
        """Mean of means and of variances."""
        return mean_of_variances


@dataclass(frozen=True, kw_only=True)
class MLVAE(LabelledPairs, _GroupVAE):
    """As GVAE, with the mean of the precisions in place of that of the variances."""

    def average(self) -> Average:
        """Mean of precisions, and of means weighted by them."""
        return mean_of_precisions


@dataclass(frozen=True, kw_only=True)
class AdaAE(AdaptivePairs, DistortionAlone):
    """Pairs; the channels that differ least share the mean of both codes, which are points.

    Arguments:
        noise: standard deviation below which two codes count as one when members are compared;
            training does not use it. It must be declared.
        threshold: what the difference of two codes in a channel is: "dist": of the codes; "kl" or
            "symmetric_kl": nats, of posteriors with the declared noise, which both are half of the
            squared distance in units of the noise.
        ratio: where between the least and the greatest difference the threshold lies, 0 to 1.
        least: fewest factors in which the images of a pair differ.
        most: most of them; -1: all but one.

    Raises:
        ToolkitError: `noise` is not above 0.
    """

    threshold: Threshold = "dist"

    def average(self) -> Average:
        """Mean of means and of variances."""
        return mean_of_variances

"""beta-TCVAE: Chen et al., "Isolating sources of disentanglement in VAEs" (NeurIPS 2018).

https://arxiv.org/abs/1802.04942. The rate of a batch, split in three: the mutual information
of codes and images, the total correlation of the channels, and the divergence of each channel from
the prior. `toolkit.objectives.aggregate` estimates the density of all codes from a batch.
"""

from dataclasses import dataclass
from typing import ClassVar, Literal

from toolkit.objectives.aggregate import Estimator, log_densities
from toolkit.objectives.objective import Discriminator, Objective, Outputs, Terms, Weights, rate
from toolkit.objectives.schedules import Number, Weight


@dataclass(frozen=True, kw_only=True)
class BetaTCVAE(Objective):
    """Distortion + alpha · mutual information + beta · total correlation + gamma · the rest.

    With alpha = beta = gamma = 1 the three add up to a one-sample estimate of the rate. They depend
    on the number N of images of which a batch is a sample: all training images in training, the
    held-out images in the evaluation, whose record holds N as `dataset_size`.

    Arguments:
        alpha: weight of the mutual information of images and codes; 1 in the paper.
        beta: weight of the total correlation of the channels.
        gamma: weight of the channels' own divergence from the prior; 1 in the paper.
        estimator: "mws": minibatch-weighted sampling; "mss": minibatch-stratified sampling;
            "mss_ordered": the same with the weights as printed, which depend on the position of an
            image in the batch.
        compat: "none"; or "disvae" or "pythae", whose weights of stratified sampling stand in the
            wrong columns. disvae moreover counts them once per channel, and omits the constants of
            "mws". Only to read old results.
    """

    by_batch: ClassVar[bool] = True
    uses_dataset_size: ClassVar[bool] = True

    alpha: Number = 1.0
    beta: Weight = 6.0
    gamma: Weight = 1.0
    estimator: Estimator = "mws"
    compat: Literal["none", "disvae", "pythae"] = "none"

    def terms(
        self, outputs: Outputs, *, weights: Weights, adversary: Discriminator | None
    ) -> Terms:
        """The loss, its parts, and `rate` in closed form, nats.

        Beside `loss`, `distortion` and `rate`: `mutual_information`, `total_correlation` and
        `dimension_wise_rate`, estimates from one sample per image, which may be negative.

        Raises:
            ToolkitError: the batch is larger than the data set, and the estimator is stratified.
        """
        del adversary
        densities = log_densities(outputs, estimator=self.estimator, compat=self.compat)
        information = densities.given_image - densities.joint
        correlation = densities.joint - densities.product
        rest = densities.product - densities.prior
        return {
            "loss": outputs.distortion
            + weights["alpha"] * information
            + weights["beta"] * correlation
            + weights["gamma"] * rest,
            "distortion": outputs.distortion,
            "rate": rate(outputs.mean, outputs.log_variance).sum(dim=1),
            "mutual_information": information,
            "total_correlation": correlation,
            "dimension_wise_rate": rest,
        }

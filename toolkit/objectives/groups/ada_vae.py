"""Group VAEs: two images that differ in few factors share the posteriors of the other channels.

Ada-GVAE and Ada-ML-VAE find the shared channels by themselves: Locatello et al.,
"Weakly-supervised disentanglement without compromises" (ICML 2020),
https://arxiv.org/abs/2002.02886. GVAE (Hosoya, 2019, https://arxiv.org/abs/1809.02383) and ML-VAE
(Bouchacourt et al., 2018, https://arxiv.org/abs/1705.08841) are told the factor that changed.
The loss is distortion plus beta times rate of both images, each with the posterior it shares.
"""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Annotated

import torch
from annotated_types import Ge, Le
from jaxtyping import Bool, Float, Int
from torch import Tensor

from toolkit.errors import ToolkitError
from toolkit.objectives.groups.sharing import (
    Average,
    Posterior,
    Threshold,
    difference,
    mean_of_deviations,
    mean_of_precisions,
    mean_of_variances,
    share,
    shared_channels,
)
from toolkit.objectives.objective import Answer, Consulted, Objective, Terms, Views, Weights, rate
from toolkit.objectives.schedules import Weight

Ratio = Annotated[float, Ge(0), Le(1)]


@dataclass(frozen=True, kw_only=True)
class _GroupVAE(Objective):
    """What all four have in common."""

    beta: Weight = 1.0

    def terms(self, answer: Answer, *, weights: Weights, adversary: Consulted | None) -> Terms:
        """`loss`, `distortion` and `rate` of each image, nats; of the shared posteriors."""
        del adversary
        rates = rate(answer.mean, answer.log_variance).sum(dim=1)
        loss = answer.distortion + weights["beta"] * rates
        return {"loss": loss, "distortion": answer.distortion, "rate": rates}

    def joined(
        self,
        mean: Float[Tensor, "n d"],
        log_variance: Float[Tensor, "n d"],
        *,
        changed: Int[Tensor, " pairs"] | None,
    ) -> tuple[Float[Tensor, "n d"], Float[Tensor, "n d"]]:
        """Posteriors of all first and all second images, averaged in the channels they share."""
        one, other = (
            Posterior(*half) for half in zip(mean.chunk(2), log_variance.chunk(2), strict=True)
        )
        shared = self._shared(one, other, changed)
        first, second = share(one, other, shared, average=self._average())
        return (
            torch.cat([first.mean, second.mean]),
            torch.cat([first.log_variance, second.log_variance]),
        )

    @abstractmethod
    def _average(self) -> Average: ...

    @abstractmethod
    def _shared(
        self, one: Posterior, other: Posterior, changed: Int[Tensor, " pairs"] | None
    ) -> Bool[Tensor, "pairs d"]: ...


@dataclass(frozen=True, kw_only=True)
class _Adaptive(_GroupVAE):
    """Shares the channels in which two posteriors differ least."""

    threshold: Threshold = "kl"
    ratio: Ratio = 0.5
    least: Annotated[int, Ge(1)] = 1
    most: Annotated[int, Ge(-1)] = -1

    def weights(self, step: int | None) -> dict[str, float]:
        """`beta`; where the threshold lies decides the posteriors, and stays as it is."""
        return {"beta": super().weights(step)["beta"]}

    def views(self) -> Views:
        """Pairs that differ in `least` to `most` factors."""
        return Views(images=2, least=self.least, most=self.most)

    def _shared(
        self, one: Posterior, other: Posterior, changed: Int[Tensor, " pairs"] | None
    ) -> Bool[Tensor, "pairs d"]:
        del changed
        return shared_channels(difference(one, other, by=self.threshold), ratio=self.ratio)


@dataclass(frozen=True, kw_only=True)
class _Labelled(_GroupVAE):
    """Channel k stands for factor k: all channels are shared but that of the factor that changed.

    The two images of a pair differ in exactly one factor.
    """

    def views(self) -> Views:
        """Pairs that differ in one factor; there is a channel for each."""
        return Views(images=2, least=1, most=1, labelled=True)

    def _shared(
        self, one: Posterior, other: Posterior, changed: Int[Tensor, " pairs"] | None
    ) -> Bool[Tensor, "pairs d"]:
        del other
        if changed is None:
            raise ToolkitError(
                f"{type(self).__name__} is told which factor differs between the images of a pair. "
                "Pass `changed`."
            )
        return changed[:, None] != torch.arange(one.mean.shape[1], device=one.mean.device)


@dataclass(frozen=True, kw_only=True)
class AdaGVAE(_Adaptive):
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

    def _average(self) -> Average:
        return mean_of_deviations if self.deviations else mean_of_variances


@dataclass(frozen=True, kw_only=True)
class AdaMLVAE(_Adaptive):
    """As Ada-GVAE, with the mean of the precisions in place of that of the variances."""

    def _average(self) -> Average:
        return mean_of_precisions


@dataclass(frozen=True, kw_only=True)
class GVAE(_Labelled):
    """Pairs that differ in one known factor k; every channel but number k is shared.

    Arguments:
        beta: weight of the rate, at least 0.
    """

    def _average(self) -> Average:
        return mean_of_variances


@dataclass(frozen=True, kw_only=True)
class MLVAE(_Labelled):
    """As GVAE, with the mean of the precisions in place of that of the variances."""

    def _average(self) -> Average:
        return mean_of_precisions

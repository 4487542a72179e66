"""The interface of every row of the table of likelihoods."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class Likelihood(ABC):
    """How probable an image is, given the decoder's outputs: a frozen record of settings."""

    @abstractmethod
    def distortion(
        self, outputs: Float[Tensor, "n c h w"], images: Float[Tensor, "n c h w"]
    ) -> Float[Tensor, " n"]:
        """Minus the log-likelihood of each image, nats: a sum over pixels and colours.

        Arguments:
            outputs: of the decoder; any numbers.
            images: values in [0, 1].
        """
        ...

    @abstractmethod
    def expected(self, outputs: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c h w"]:
        """The image that outputs stand for: the mean of the distribution, within [0, 1]."""
        ...

"""What an objective is given, and what it gives back."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from jaxtyping import Float
from torch import Tensor, nn

Terms = dict[str, Float[Tensor, " n"]]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a member makes of one batch of images.

    Arguments:
        distortion: (n,) minus the log-likelihood of each image given its code, nats.
        mean: (n, d) of the posteriors.
        log_variance: (n, d) of the posteriors.
        codes: (n, d) one sample of each posterior.
    """

    distortion: Float[Tensor, " n"]
    mean: Float[Tensor, "n d"]
    log_variance: Float[Tensor, "n d"]
    codes: Float[Tensor, "n d"]


@dataclass(frozen=True, kw_only=True)
class Adversary:
    """A discriminator that a loss consults, trained beside the member by an Adam of its own.

    Arguments:
        width: of its hidden layers.
        layers: number of hidden layers.
        learning_rate: of its Adam.
    """

    width: int
    layers: int
    learning_rate: float


@runtime_checkable
class Objective(Protocol):
    """The weights of a loss. `terms` names its parts, "loss" among them, one value an image."""

    def terms(self, answer: Answer, *, step: int | None, adversary: nn.Module | None) -> Terms:
        """The parts of the loss at a step (updates done so far; None: after training)."""
        ...

    def adversary(self) -> Adversary | None:
        """The second network that the loss consults, if any."""
        ...


def rate(mean: Float[Tensor, "n d"], log_variance: Float[Tensor, "n d"]) -> Float[Tensor, "n d"]:
    """KL of each posterior from the standard normal, in nats, per image and channel.

    >>> import torch
    >>> rate(torch.tensor([[0.0, 2.0]]), torch.zeros(1, 2))
    tensor([[0., 2.]])
    """
    return (mean.square() + log_variance.exp() - 1 - log_variance) / 2

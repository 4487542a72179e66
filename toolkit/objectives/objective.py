"""What an objective is given, what it gives back, and what it asks of the training."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import ClassVar, Literal, get_args, get_type_hints

import torch
from jaxtyping import Float, Int
from torch import Tensor

from toolkit.objectives.schedules import Schedule, value_at

Terms = dict[str, Float[Tensor, " n"]]
Weights = Mapping[str, float | Tensor]
Consulted = Callable[[Tensor], Tensor]


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """What a member makes of one batch of images.

    Where a batch consists of pairs or triplets, all first images come first, then all second ones.

    Arguments:
        distortion: (n,) minus the log-likelihood of each image given its code, nats.
        mean: (n, d) of the posteriors.
        log_variance: (n, d) of the posteriors.
        codes: (n, m) what the decoder was given: one sample of each posterior.
        raw: (n, p) what the encoder said before it was quantised; None without a code book.
        quantised: (n, p) the entries of the code book nearest to that, with their gradient.
        images: (n, c, h, w) in [0, 1], for objectives that compare images themselves.
        changed: (n / views,) the factor in which the images of a pair differ, where it is known.
        draws: random numbers that the objective asked for, by name.
        dataset_size: number of training images.
    """

    distortion: Float[Tensor, " n"]
    mean: Float[Tensor, "n d"]
    log_variance: Float[Tensor, "n d"]
    codes: Float[Tensor, "n m"]
    raw: Float[Tensor, "n p"] | None = None
    quantised: Float[Tensor, "n p"] | None = None
    images: Float[Tensor, "n c h w"] | None = None
    changed: Int[Tensor, " pairs"] | None = None
    draws: Mapping[str, Tensor] = field(default_factory=dict)
    dataset_size: int


@dataclass(frozen=True, kw_only=True)
class Codes:
    """What lies between encoder and decoder; `toolkit.networks.bottleneck` makes it.

    Arguments:
        kind: "gaussian": posteriors, of which one sample each is decoded; "deterministic": points;
            "quantised": the nearest number of a code book for each channel; "vectors": the nearest
            vector of one code book for each channel.
        noise: of a deterministic code, the standard deviation below which two codes count as one.
        values: entries of a code book.
        width: of a vector.
        shared: one code book for all channels.
        learnt: the entries of the code book are trained.
    """

    kind: Literal["gaussian", "deterministic", "quantised", "vectors"] = "gaussian"
    noise: float = 0.0
    values: int = 0
    width: int = 1
    shared: bool = False
    learnt: bool = True


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


@dataclass(frozen=True, kw_only=True)
class Decay:
    """Regularisation by the optimiser, of everything but biases and code books.

    Arguments:
        weight: decoupled weight decay, as AdamW has it.
        clip: bound of every single entry of a gradient; None: none.
    """

    weight: float
    clip: float | None


@dataclass(frozen=True, kw_only=True)
class Views:
    """How the images of a pair or a triplet are drawn, by their known factors.

    Arguments:
        images: 2 for a pair, 3 for anchor, positive and negative.
        least: fewest factors in which the two differ.
        most: most of them; -1: all but one.
        either: a pair differs in `least` or in `most` factors, each half of the time, and in
            nothing between.
        negative_least: fewest factors in which a negative differs from its anchor.
        negative_most: most of them; -1: all.
        ordered: the two partners are swapped where the negative is nearer than the positive, by
            the sum of the steps that factors moved, each divided by the number of its values - 1.
        labelled: channel k stands for factor k, so that there must be as many channels.
    """

    images: Literal[2, 3]
    least: int = 1
    most: int = -1
    either: bool = False
    negative_least: int = 1
    negative_most: int = -1
    ordered: bool = True
    labelled: bool = False


@dataclass(frozen=True, kw_only=True)
class Objective(ABC):
    """The weights of a loss, as a frozen record; `terms` names its parts, one value an image.

    All but `terms` says what a plain VAE needs; a row overrides what differs.
    """

    sees_images: ClassVar[bool] = False  # `terms` compares the images of a batch
    by_batch: ClassVar[bool] = False  # `terms` makes sense for batches, not for a whole split

    @abstractmethod
    def terms(self, answer: Outputs, *, weights: Weights, adversary: Consulted | None) -> Terms:
        """The parts of the loss, "loss", "distortion" and "rate" among them.

        Arguments:
            answer: of the member.
            weights: what `weights` gave for this step; may hold tensors instead of floats.
            adversary: from codes to two logits, for objectives that consult one.
        """
        ...

    def weights(self, step: int | None) -> dict[str, float]:
        """The numbers in force after `step` updates; None: after training.

        These are the fields declared as numbers, their schedules resolved. Members that differ in
        nothing else can be trained as one stack.
        """
        return {name: value_at(getattr(self, name), step) for name in _numbers(type(self))}

    def codes(self) -> Codes:
        """What lies between encoder and decoder."""
        return Codes()

    def rates(
        self, mean: Float[Tensor, "n d"], log_variance: Float[Tensor, "n d"]
    ) -> Float[Tensor, "n d"]:
        """What it takes to say a code to somebody who knows the prior, nats a channel."""
        return rate(mean, log_variance)

    def views(self) -> Views | None:
        """How pairs or triplets are drawn; None: images come alone."""
        return None

    def joined(
        self,
        mean: Float[Tensor, "n d"],
        log_variance: Float[Tensor, "n d"],
        *,
        changed: Int[Tensor, " pairs"] | None,
    ) -> tuple[Float[Tensor, "n d"], Float[Tensor, "n d"]]:
        """The posteriors that codes are drawn from, where the images of a pair share some."""
        del changed
        return mean, log_variance

    def draws(
        self, images: int, latents: int, *, generator: torch.Generator, dtype: torch.dtype
    ) -> dict[str, Tensor]:
        """Random numbers that `terms` needs for a batch of so many images."""
        del images, latents, generator, dtype
        return {}

    def adversary(self) -> Adversary | None:
        """The second network that the loss consults, if any."""
        return None

    def decay(self) -> Decay | None:
        """Weight decay, where the source has it."""
        return None


@cache
def _numbers(kind: type[Objective]) -> tuple[str, ...]:
    """Fields that hold a number which is not a whole one, with or without a schedule."""
    hints = get_type_hints(kind)
    return tuple(
        name for name, hint in hints.items() if hint is float or Schedule in get_args(hint)
    )


def rate(mean: Float[Tensor, "n d"], log_variance: Float[Tensor, "n d"]) -> Float[Tensor, "n d"]:
    """KL of each posterior from the standard normal, in nats, per image and channel.

    >>> import torch
    >>> rate(torch.tensor([[0.0, 2.0]]), torch.zeros(1, 2))
    tensor([[0., 2.]])
    """
    return (mean.square() + log_variance.exp() - 1 - log_variance) / 2

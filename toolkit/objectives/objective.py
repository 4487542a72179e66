"""What an objective receives, what it returns, and what it asks of the training."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import ClassVar, Literal, get_type_hints

import torch
from jaxtyping import Float, Int
from torch import Tensor

from toolkit.objectives.schedules import value_at
from toolkit.tables import admits_row

Terms = dict[str, Float[Tensor, " n"]]
Weights = Mapping[str, float | Tensor]
Discriminator = Callable[[Tensor], Tensor]


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """What a member computes for one batch of images.

    Where a batch consists of pairs or triplets, all first images come first, then all second ones.

    Arguments:
        distortion: (n,) minus the log-likelihood of each image given its latents, nats.
        mean: (n, d) of the posteriors.
        log_variance: (n, d) of the posteriors.
        z: (n, m) input of the decoder: one sample of each posterior.
        encoder_output: (n, p) before quantisation; None without a code book.
        quantised: (n, p) nearest entries of the code book, with their gradient; None without one.
        images: (n, c, h, w) in [0, 1], for objectives that compare images themselves.
        changed: (n / 2,) the factor in which the images of a pair differ, where it is known.
        random_inputs: random numbers that the objective asked for, by name.
        dataset_size: number N of images of which the batch is a sample: of all training images,
            or in an evaluation of the whole split.
    """

    distortion: Float[Tensor, " n"]
    mean: Float[Tensor, "n d"]
    log_variance: Float[Tensor, "n d"]
    z: Float[Tensor, "n m"]
    encoder_output: Float[Tensor, "n p"] | None = None
    quantised: Float[Tensor, "n p"] | None = None
    images: Float[Tensor, "n c h w"] | None = None
    changed: Int[Tensor, " pairs"] | None = None
    random_inputs: Mapping[str, Tensor] = field(default_factory=dict)
    dataset_size: int


@dataclass(frozen=True, kw_only=True)
class BottleneckSpec:
    """What lies between encoder and decoder; `toolkit.networks.bottleneck` builds it.

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
    """A discriminator that is part of a loss, trained beside the member by an Adam of its own.

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
    """Regularisation by the optimiser, of all parameters but biases and code books.

    Arguments:
        weight: decoupled weight decay, as in AdamW.
        clip: bound of each entry of a gradient; None: no bound.
    """

    weight: float
    clip: float | None


@dataclass(frozen=True, kw_only=True)
class Sampling:
    """How the images of a pair or a triplet are sampled, by their known factors.

    Arguments:
        images: 2 for a pair, 3 for anchor, positive and negative.
        least: fewest factors in which the two differ.
        most: most of them; -1: all but one.
        either: a pair differs in `least` or in `most` factors, each half of the time, and in
            no number between.
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
    """A training recipe as a frozen record of weights: a loss, and what it asks of the training.

    - The loss: `terms` has its parts, `weights` the numbers that change or that members of one
      stack may differ in, `rates` the rate of each channel.
    - The model: `bottleneck` between encoder and decoder; `share_posteriors` within pairs.
    - The batches: `sampling` of pairs and triplets; `random_inputs`; `sees_images` where `terms`
      compares the images themselves; `by_batch` where its terms are defined for a batch and not
      for a whole split; `uses_dataset_size` where they depend on the number of images of which
      the batch is a sample.
    - The optimisers: `decay` of weights; an `adversary` with an optimiser of its own.

    Only `terms` is abstract: all others have what a plain VAE needs, and a row overrides what
    differs.
    """

    sees_images: ClassVar[bool] = False
    by_batch: ClassVar[bool] = False
    uses_dataset_size: ClassVar[bool] = False

    @abstractmethod
    def terms(
        self, outputs: Outputs, *, weights: Weights, adversary: Discriminator | None
    ) -> Terms:
        """The parts of the loss, "loss", "distortion" and "rate" among them; one value per image.

        Arguments:
            outputs: of the member for a batch.
            weights: what `weights` returned for this step; may hold tensors instead of floats.
            adversary: from latents to two logits, for objectives that have one.
        """
        ...

    def weights(self, step: int | None) -> dict[str, float]:
        """The weights in force after `step` updates; None: after training.

        These are the fields whose annotation admits a schedule: `Weight`, `Number`, `Share`,
        `Margin`. Members that differ in nothing else can be trained as one stack.
        """
        return {name: value_at(getattr(self, name), step) for name in weight_names(type(self))}

    def rates(
        self, mean: Float[Tensor, "n d"], log_variance: Float[Tensor, "n d"]
    ) -> Float[Tensor, "n d"]:
        """Nats per image and channel to transmit a code to a receiver who knows the prior."""
        return rate(mean, log_variance)

    def bottleneck(self) -> BottleneckSpec:
        """What lies between encoder and decoder."""
        return BottleneckSpec()

    def share_posteriors(
        self,
        mean: Float[Tensor, "n d"],
        log_variance: Float[Tensor, "n d"],
        *,
        changed: Int[Tensor, " pairs"] | None,
    ) -> tuple[Float[Tensor, "n d"], Float[Tensor, "n d"]]:
        """The posteriors that are sampled, where the images of a pair share some of them.

        Arguments:
            mean: of all first images, then of all second ones.
            log_variance: in the same order.
            changed: the factor in which the images of each pair differ, where it is known.
        """
        del changed
        return mean, log_variance

    def sampling(self) -> Sampling | None:
        """How pairs or triplets are sampled; None: single images."""
        return None

    def random_inputs(
        self, images: int, latents: int, *, generator: torch.Generator, dtype: torch.dtype
    ) -> dict[str, Tensor]:
        """Random numbers that `terms` needs for a batch of this many images."""
        del images, latents, generator, dtype
        return {}

    def adversary(self) -> Adversary | None:
        """The discriminator that is part of the loss, if any."""
        return None

    def decay(self) -> Decay | None:
        """Weight decay, where the source has it."""
        return None


@cache
def weight_names(kind: type[Objective]) -> tuple[str, ...]:
    """Names of the fields whose annotation admits a schedule."""
    return tuple(name for name, hint in get_type_hints(kind).items() if admits_row(hint))


def rate(mean: Float[Tensor, "n d"], log_variance: Float[Tensor, "n d"]) -> Float[Tensor, "n d"]:
    """KL of each posterior from the standard normal, nats per image and channel.

    >>> import torch
    >>> rate(torch.tensor([[0.0, 2.0]]), torch.zeros(1, 2))
    tensor([[0., 2.]])
    """
    return (mean.square() + log_variance.exp() - 1 - log_variance) / 2

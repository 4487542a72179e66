"""What lies between encoder and decoder: posteriors, points, or entries of a code book.

Every kind gives a mean and a log-variance for each channel, by which members are compared. A
quantised code is a hard clustering of the images: its log-variance is so small that two images are
alike in a channel if they have the same entry, and have nothing in common otherwise.

Quantised latents: Hsu et al. (2023), https://arxiv.org/abs/2305.18378; vectors: van den Oord et al.
(2017), https://arxiv.org/abs/1711.00937.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from toolkit.tables import require

HARD = -60.0  # log-variance of an entry of a code book, in nats


@dataclass(frozen=True, kw_only=True)
class Posterior:
    """The posteriors of a batch of images.

    Arguments:
        mean: (n, d) of the posteriors.
        log_variance: (n, d) of the posteriors.
        quantised: (n, p) entries of the code book, with their gradient; None without one.
    """

    mean: Float[Tensor, "n d"]
    log_variance: Float[Tensor, "n d"]
    quantised: Float[Tensor, "n m"] | None = None


class Walk(NamedTuple):
    """The values that a traversal sets one channel to: their labels, and (d, v) the values."""

    names: tuple[float, ...]
    codes: Float[Tensor, "d v"]


class Bottleneck(nn.Module):
    """Posteriors of which one sample each is decoded: the bottleneck of a VAE.

    Arguments:
        latents: number of channels d.
    """

    def __init__(self, latents: int) -> None:
        super().__init__()
        self.latents = latents
        self.outputs = 2 * latents  # of the encoder
        self.inputs = latents  # of the decoder

    def posterior(self, encoder_output: Float[Tensor, "n p"]) -> Posterior:
        """The posteriors: first all means, then all log-variances."""
        mean, log_variance = encoder_output.chunk(2, dim=1)
        return Posterior(mean=mean, log_variance=log_variance)

    def indices(self, encoder_output: Float[Tensor, "n p"]) -> Int[Tensor, "n d"] | None:
        """Which entry of the code book each channel has; None without a code book."""
        del encoder_output
        return None

    def sample(
        self,
        encoder_output: Float[Tensor, "n p"],
        posterior: Posterior,
        noise: Float[Tensor, "n d"],
    ) -> Float[Tensor, "n m"]:
        """Input of the decoder in training; gradients reach the encoder.

        Arguments:
            encoder_output: as it was before `posterior`.
            posterior: of `posterior`, or with posteriors that pairs of images share.
            noise: standard normal numbers.
        """
        del encoder_output
        return posterior.mean + (posterior.log_variance / 2).exp() * noise

    def dequantise(self, codes: Float[Tensor, "n d"]) -> Float[Tensor, "n m"]:
        """Input of the decoder for codes of one number per channel."""
        return codes

    def reference_code(self, means: Float[Tensor, "n d"]) -> Float[Tensor, " d"]:
        """A code in the middle of those of some images."""
        return means.mean(dim=0)

    def walk(self, values: Sequence[float]) -> Walk:
        """What a traversal sets a channel to: `values`."""
        return Walk(tuple(values), torch.tensor(values).expand(self.latents, -1))


class Points(Bottleneck):
    """A code without noise, as plain autoencoders have it.

    Arguments:
        latents: number of channels d.
        noise: standard deviation below which two codes count as one. Without it every image would
            have a code of its own, and every channel log2 n bits.
    """

    def __init__(self, latents: int, *, noise: float) -> None:
        super().__init__(latents)
        self.outputs = latents
        self.noise = noise

    def posterior(self, encoder_output: Float[Tensor, "n p"]) -> Posterior:
        """The code itself, with the declared noise."""
        return Posterior(
            mean=encoder_output,
            log_variance=torch.full_like(encoder_output, 2 * math.log(self.noise)),
        )

    def sample(
        self,
        encoder_output: Float[Tensor, "n p"],
        posterior: Posterior,
        noise: Float[Tensor, "n d"],
    ) -> Float[Tensor, "n m"]:
        """The code itself."""
        del encoder_output, noise
        return posterior.mean


class Quantised(Bottleneck):
    """The nearest number of a code book for each channel; ties go to the lower entry.

    Arguments:
        latents: number of channels d.
        values: entries of a code book, evenly from -1/2 to 1/2 before training.
        shared: one code book for all channels.
        learnt: whether the entries are trained.
    """

    def __init__(self, latents: int, *, values: int, shared: bool, learnt: bool) -> None:
        super().__init__(latents)
        self.outputs = latents
        start = torch.linspace(-0.5, 0.5, values).expand(1 if shared else latents, -1).clone()
        self.book = nn.Parameter(start, requires_grad=learnt)

    def indices(self, encoder_output: Float[Tensor, "n d"]) -> Int[Tensor, "n d"]:
        """Which entry is nearest to each number."""
        return (encoder_output.unsqueeze(2) - self.book.detach()).abs().argmin(dim=2)

    def posterior(self, encoder_output: Float[Tensor, "n p"]) -> Posterior:
        """The entries; equal ones are equal to the last bit."""
        book = self.book.expand(self.latents, -1)
        entries = book.gather(1, self.indices(encoder_output).T).T
        hard = torch.full_like(entries, HARD)
        return Posterior(mean=entries, log_variance=hard, quantised=entries)

    def sample(
        self,
        encoder_output: Float[Tensor, "n p"],
        posterior: Posterior,
        noise: Float[Tensor, "n d"],
    ) -> Float[Tensor, "n p"]:
        """The entries, with the gradient of the encoder's numbers."""
        del noise
        return posterior.mean.detach() + (encoder_output - encoder_output.detach())

    def dequantise(self, codes: Float[Tensor, "n d"]) -> Float[Tensor, "n m"]:
        """The nearest entries."""
        return self.posterior(codes).mean

    def walk(self, values: Sequence[float]) -> Walk:
        """As many entries as there are `values`, from the lowest to the highest one."""
        ranks = _ranks(len(values), self.book.shape[1])
        entries = self.book.detach().sort(dim=1).values.expand(self.latents, -1)
        return Walk(tuple(ranks.tolist()), entries[:, ranks.long()])


class Vectors(Bottleneck):
    """The nearest vector of one code book for each channel; its index is the channel's code.

    Arguments:
        latents: number of channels d.
        values: vectors in the code book.
        width: numbers of a vector.
        learnt: whether the vectors are trained.
        generator: draws the code book, uniform within sqrt(3 / width).
    """

    def __init__(
        self, latents: int, *, values: int, width: int, learnt: bool, generator: torch.Generator
    ) -> None:
        super().__init__(latents)
        self.width = width
        self.outputs = self.inputs = latents * width
        bound = math.sqrt(3 / width)
        start = (2 * torch.rand(values, width, generator=generator) - 1) * bound
        self.book = nn.Parameter(start, requires_grad=learnt)

    def indices(self, encoder_output: Float[Tensor, "n p"]) -> Int[Tensor, "n d"]:
        """Which vector is nearest to each channel's numbers; ties go to the lower one."""
        book = self.book.detach()
        vectors = encoder_output.unflatten(1, (self.latents, self.width))
        nearest: Tensor = (book.square().sum(dim=1) - 2 * vectors @ book.T).argmin(dim=2)
        return nearest

    def posterior(self, encoder_output: Float[Tensor, "n p"]) -> Posterior:
        """The indices as numbers, and the vectors."""
        indices = self.indices(encoder_output)
        means = indices.to(encoder_output.dtype)
        vectors = self.book[indices].flatten(1)
        return Posterior(mean=means, log_variance=torch.full_like(means, HARD), quantised=vectors)

    def sample(
        self,
        encoder_output: Float[Tensor, "n p"],
        posterior: Posterior,
        noise: Float[Tensor, "n d"],
    ) -> Float[Tensor, "n p"]:
        """The vectors, with the gradient of the encoder's numbers."""
        del noise
        vectors = encoder_output if posterior.quantised is None else posterior.quantised
        return vectors.detach() + (encoder_output - encoder_output.detach())

    def reference_code(self, means: Float[Tensor, "n d"]) -> Float[Tensor, " d"]:
        """The index that is most frequent in each channel."""
        return means.mode(dim=0).values

    def walk(self, values: Sequence[float]) -> Walk:
        """As many indices as there are `values`, over the whole code book."""
        ranks = _ranks(len(values), len(self.book))
        return Walk(tuple(ranks.tolist()), ranks.to(self.book.dtype).expand(self.latents, -1))

    def dequantise(self, codes: Float[Tensor, "n d"]) -> Float[Tensor, "n m"]:
        """The vectors at the nearest indices."""
        indices = codes.round().long().clamp(0, len(self.book) - 1)
        return self.book[indices].flatten(1)


def _ranks(count: int, entries: int) -> Float[Tensor, " count"]:
    """Whole numbers from the first entry to the last one, as evenly as can be."""
    return torch.linspace(0, entries - 1, count).round()


def bottleneck(
    latents: int,
    *,
    kind: str,
    noise: float,
    values: int,
    width: int,
    shared: bool,
    learnt: bool,
    generator: torch.Generator,
) -> Bottleneck:
    """The bottleneck that an objective asks for.

    >>> wanted = dict(noise=0.0, values=10, width=1, shared=False, learnt=True)
    >>> quantised = bottleneck(3, kind="quantised", **wanted, generator=torch.Generator())
    >>> quantised.outputs, quantised.inputs, quantised.book.shape
    (3, 3, torch.Size([3, 10]))

    Arguments:
        latents: number of channels d.
        kind: "gaussian", "deterministic", "quantised" or "vectors".
        noise, values, width, shared, learnt: as the kinds above take them.
        generator: draws what is random of it.

    Raises:
        UnknownNameError: there is no such kind.
    """
    makers: dict[str, Callable[[], Bottleneck]] = {
        "gaussian": lambda: Bottleneck(latents),
        "deterministic": lambda: Points(latents, noise=noise),
        "quantised": lambda: Quantised(latents, values=values, shared=shared, learnt=learnt),
        "vectors": lambda: Vectors(
            latents, values=values, width=width, learnt=learnt, generator=generator
        ),
    }
    return makers[require("bottleneck", kind, makers)]()

"""What lies between encoder and decoder: posteriors, points, or entries of a code book.

Every kind answers with a mean and a log-variance for each channel, because that is what members are
compared by. A quantised code is a hard clustering of the images: its log-variance is so small that
two images are alike in a channel if they have the same entry, and have nothing in common otherwise.

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

from toolkit.errors import UnknownNameError

HARD = -60.0  # log-variance of an entry of a code book, in nats


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What the encoder's numbers mean.

    Arguments:
        mean: (n, d) of the posteriors.
        log_variance: (n, d) of the posteriors.
        quantised: (n, m) entries of the code book, with a gradient to them; None without one.
    """

    mean: Float[Tensor, "n d"]
    log_variance: Float[Tensor, "n d"]
    quantised: Float[Tensor, "n m"] | None = None


class Walk(NamedTuple):
    """A channel moved in steps: what they are called, and the code (d, v) of each channel."""

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
        self.outputs = 2 * latents  # numbers that the encoder gives
        self.inputs = latents  # numbers that the decoder takes

    def read(self, raw: Float[Tensor, "n m"]) -> Reading:
        """First all means, then all log-variances."""
        mean, log_variance = raw.chunk(2, dim=1)
        return Reading(mean=mean, log_variance=log_variance)

    def indices(self, raw: Float[Tensor, "n m"]) -> Int[Tensor, "n d"] | None:
        """Which entry of the code book each channel has; None without a code book."""
        del raw
        return None

    def codes(
        self,
        raw: Float[Tensor, "n m"],
        reading: Reading,
        noise: Float[Tensor, "n d"],
    ) -> Float[Tensor, "n p"]:
        """What the decoder is given in training; gradients reach the encoder.

        Arguments:
            raw: the encoder's numbers.
            reading: what `read` made of them, or posteriors in its place.
            noise: standard normal numbers.
        """
        del raw
        return reading.mean + (reading.log_variance / 2).exp() * noise

    def entries(self, codes: Float[Tensor, "n d"]) -> Float[Tensor, "n p"]:
        """What the decoder is given for codes of one number a channel."""
        return codes

    def typical(self, means: Float[Tensor, "n d"]) -> Float[Tensor, " d"]:
        """A code in the middle of those of some images."""
        return means.mean(dim=0)

    def walk(self, values: Sequence[float]) -> Walk:
        """What a channel is set to when it is moved: `values`."""
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

    def read(self, raw: Float[Tensor, "n m"]) -> Reading:
        """The code itself, with the declared noise."""
        return Reading(mean=raw, log_variance=torch.full_like(raw, 2 * math.log(self.noise)))

    def codes(
        self, raw: Float[Tensor, "n m"], reading: Reading, noise: Float[Tensor, "n d"]
    ) -> Float[Tensor, "n p"]:
        """The code itself."""
        del raw, noise
        return reading.mean


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

    def indices(self, raw: Float[Tensor, "n d"]) -> Int[Tensor, "n d"]:
        """Which entry is nearest to each number."""
        return (raw.unsqueeze(2) - self.book.detach()).abs().argmin(dim=2)

    def read(self, raw: Float[Tensor, "n m"]) -> Reading:
        """The entries; equal ones are equal to the last bit."""
        book = self.book.expand(self.latents, -1)
        entries = book.gather(1, self.indices(raw).T).T
        hard = torch.full_like(entries, HARD)
        return Reading(mean=entries, log_variance=hard, quantised=entries)

    def codes(
        self, raw: Float[Tensor, "n m"], reading: Reading, noise: Float[Tensor, "n d"]
    ) -> Float[Tensor, "n p"]:
        """The entries, with the gradient of the encoder's numbers."""
        del noise
        return reading.mean.detach() + (raw - raw.detach())

    def entries(self, codes: Float[Tensor, "n d"]) -> Float[Tensor, "n p"]:
        """The nearest entries."""
        return self.read(codes).mean

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

    def indices(self, raw: Float[Tensor, "n m"]) -> Int[Tensor, "n d"]:
        """Which vector is nearest to each channel's numbers; ties go to the lower one."""
        book = self.book.detach()
        given = raw.unflatten(1, (self.latents, self.width))
        nearest: Tensor = (book.square().sum(dim=1) - 2 * given @ book.T).argmin(dim=2)
        return nearest

    def read(self, raw: Float[Tensor, "n m"]) -> Reading:
        """The indices as numbers, and the vectors."""
        indices = self.indices(raw)
        means = indices.to(raw.dtype)
        vectors = self.book[indices].flatten(1)
        return Reading(mean=means, log_variance=torch.full_like(means, HARD), quantised=vectors)

    def codes(
        self, raw: Float[Tensor, "n m"], reading: Reading, noise: Float[Tensor, "n d"]
    ) -> Float[Tensor, "n p"]:
        """The vectors, with the gradient of the encoder's numbers."""
        del noise
        vectors = raw if reading.quantised is None else reading.quantised
        return vectors.detach() + (raw - raw.detach())

    def typical(self, means: Float[Tensor, "n d"]) -> Float[Tensor, " d"]:
        """The index that is most frequent in each channel."""
        return means.mode(dim=0).values

    def walk(self, values: Sequence[float]) -> Walk:
        """As many indices as there are `values`, over the whole code book."""
        ranks = _ranks(len(values), len(self.book))
        return Walk(tuple(ranks.tolist()), ranks.to(self.book.dtype).expand(self.latents, -1))

    def entries(self, codes: Float[Tensor, "n d"]) -> Float[Tensor, "n p"]:
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
    >>> made = bottleneck(3, kind="quantised", **wanted, generator=torch.Generator())
    >>> made.outputs, made.inputs, made.book.shape
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
    if kind not in makers:
        raise UnknownNameError("bottleneck", kind, makers)
    return makers[kind]()

"""Ensembles whose pieces of information are known: what `benchmarks.structure` is measured on.

Every member of an ensemble is a set of channels. A channel carries a piece that several members
know (a copy: the piece itself, with noise of its own and a sharpness of its own), or something that
nobody else knows. The known answer is a label per channel: the piece it carries, or -1.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import combinations

import torch
from jaxtyping import Float
from torch import Tensor

Draw = Callable[[torch.Generator, int], Tensor]


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """How the ensembles of one scenario are drawn.

    Arguments:
        about: in words, for the table.
        members: how many.
        pieces: posterior width of each piece, relative to the spread of its means of 1: 0.05 are
            about 4 bits, 0.1 are 3, 0.3 are 1.5, 1.0 is 0.3.
        carried: probability that a member carries a piece.
        private: channels per member that nobody else has.
        private_width: their posterior width.
        noise: spread of what a copy has of its own, relative to the piece; cycled over members.
        widening: factor on all widths, cycled over members: a larger beta.
        images: how many are shown.
        rotated: share of members in which two of the pieces are turned into each other by an angle
            of 40 to 50 degrees: such channels carry neither piece. No two members have the same
            pair turned, for then they would carry the same; so at most as many as there are pairs.
        split: share of members that carry piece 1 in two channels, one copy each.
        halved: share of members that carry piece 1 in two channels, one where it is positive and
            one where it is negative.
        weak: channels per member of about 0.02 bits that nobody else has.
        collapsed: share of members whose channels all know nothing.
        means: how the means of pieces are spread over images, a row of `MEANS`.
        uneven: spread of log-variances over images.
    """

    about: str
    members: int
    pieces: tuple[float, ...]
    carried: float = 1.0
    private: int = 1
    private_width: float = 0.2
    noise: tuple[float, ...] = (0.05,)
    widening: tuple[float, ...] = (1.0,)
    images: int = 300
    rotated: float = 0.0
    split: float = 0.0
    halved: float = 0.0
    weak: int = 0
    collapsed: float = 0.0
    means: str = "normal"
    uneven: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Planted:
    """Channels with a known answer.

    Arguments:
        mean: one row per image, one column per channel.
        log_variance: of the same shape.
        member: of each channel.
        piece: that each channel carries; -1 for none that another channel carries.
    """

    mean: Float[Tensor, "n c"]
    log_variance: Float[Tensor, "n c"]
    member: tuple[int, ...]
    piece: tuple[int, ...]


def _normal(generator: torch.Generator, images: int) -> Tensor:
    return torch.randn(images, generator=generator, dtype=torch.float64)


def _uniform(generator: torch.Generator, images: int) -> Tensor:
    return torch.rand(images, generator=generator, dtype=torch.float64)


def _skewed(generator: torch.Generator, images: int) -> Tensor:
    return _normal(generator, images).mul(0.6).exp()


def _clusters(generator: torch.Generator, images: int) -> Tensor:
    centres = torch.randint(0, 8, (images,), generator=generator)
    return centres + 0.1 * _normal(generator, images)


MEANS: Mapping[str, Draw] = {
    "normal": _normal,
    "uniform": _uniform,
    "skewed": _skewed,
    "clusters": _clusters,
}


def plant(scenario: Scenario, *, seed: int) -> Planted:
    """One ensemble of a scenario.

    >>> planted = plant(Scenario(about="", members=3, pieces=(0.1, 0.1)), seed=0)
    >>> planted.piece, planted.member
    ((0, 1, -1, 0, 1, -1, 0, 1, -1), (0, 0, 0, 1, 1, 1, 2, 2, 2))
    """
    generator = torch.Generator().manual_seed(seed)
    images, draw = scenario.images, MEANS[scenario.means]

    def standardised(values: Tensor) -> Tensor:
        return (values - values.mean()) / values.std()

    def happens(probability: float) -> bool:
        return float(torch.rand((), generator=generator)) < probability

    pieces = [standardised(draw(generator, images)) for _ in scenario.pieces]
    pairs = list(combinations(range(len(pieces)), 2))
    pairs = [pairs[at] for at in torch.randperm(len(pairs), generator=generator).tolist()]
    means: list[Tensor] = []
    widths: list[float] = []
    owners: list[int] = []
    carried: list[int] = []

    def add(mean: Tensor, width: float, member: int, piece: int) -> None:
        means.append(mean)
        widths.append(width)
        owners.append(member)
        carried.append(piece)

    for member in range(scenario.members):
        if happens(scenario.collapsed):
            for _ in range(len(pieces) + scenario.private):
                add(torch.zeros(images, dtype=torch.float64), 1.0, member, -1)
            continue
        noise = scenario.noise[member % len(scenario.noise)]
        wider = scenario.widening[member % len(scenario.widening)]

        def copy(piece: Tensor, noise: float = noise) -> Tensor:
            return standardised(piece + noise * _normal(generator, images))

        turned: list[int] = []
        if happens(scenario.rotated) and pairs:
            turned = list(pairs.pop())
            angle = math.radians(40 + 10 * float(torch.rand((), generator=generator)))
            first, second = (copy(pieces[number]) for number in turned)
            cosine, sine = math.cos(angle), math.sin(angle)
            add(cosine * first + sine * second, wider * scenario.pieces[turned[0]], member, -1)
            add(cosine * second - sine * first, wider * scenario.pieces[turned[1]], member, -1)
        for number, (piece, width) in enumerate(zip(pieces, scenario.pieces, strict=True)):
            if number in turned or not happens(scenario.carried):
                continue
            parts = [copy(piece)]
            if number == 0 and happens(scenario.split):
                parts.append(copy(piece))
            elif number == 0 and happens(scenario.halved):
                parts = [1.5 * parts[0].relu(), 1.5 * (-parts[0]).relu()]
            for part in parts:
                add(part, wider * width, member, number)
        for _ in range(scenario.private):
            mean = standardised(draw(generator, images))
            add(mean, wider * scenario.private_width, member, -1)
        for _ in range(scenario.weak):
            add(_normal(generator, images), 4.0, member, -1)
    # A piece of one member is its own
    finders = {number: set[int]() for number in range(len(pieces))}
    for owner, number in zip(owners, carried, strict=True):
        if number >= 0:
            finders[number].add(owner)
    mean = torch.stack(means, dim=1)
    spread = scenario.uneven * torch.randn(mean.shape, generator=generator, dtype=torch.float64)
    return Planted(
        mean=mean,
        log_variance=2 * torch.tensor(widths, dtype=torch.float64).log() + spread,
        member=tuple(owners),
        piece=tuple(n if n >= 0 and len(finders[n]) > 1 else -1 for n in carried),
    )

"""What a channel knows about known factors, one or two at a time, and what it would by chance.

By chance means: with the values of the factor permuted over the images, so that how many values it
has and how often each occurs stay as they are. A factor of many values has a high NMI by chance.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from toolkit.errors import ToolkitError
from toolkit.information.checks import check_channels
from toolkit.information.gaussian import coefficients

PERMUTATIONS = 39  # the value itself exceeds all of them by chance with probability 1/40


@dataclass(frozen=True, kw_only=True)
class SecondFactor:
    """What a channel knows about a second factor beyond the first, in bits.

    Arguments:
        factor: column of the second factor.
        bits: I(channel; both) - I(channel; first), less what a second factor gives whose values are
            permuted among images of one value of the first; about 0 or more.
        chance: the largest such number among the permutations.
    """

    factor: int
    bits: float
    chance: float


class ChannelAndFactors:
    """One channel beside known factors, on the same images.

    Arguments:
        mean: (n,) of the channel.
        log_variance: (n,), natural logarithm.
        labels: (n, k) known factors, whole numbers.

    Raises:
        ToolkitError: the channel cannot be compared, or the images of the factors are others.

    >>> label = torch.arange(60) % 4
    >>> known = ChannelAndFactors(label.double(), torch.full((60,), -9.0).double(), label[:, None])
    >>> round(known.shared_bits(label), 3)
    2.0
    """

    def __init__(
        self,
        mean: Float[Tensor, " n"],
        log_variance: Float[Tensor, " n"],
        labels: Int[Tensor, "n k"],
    ) -> None:
        check_channels(mean[:, None], log_variance[:, None])
        if len(labels) != len(mean):
            raise ToolkitError(
                f"factors are known of {len(labels)} images, but the channel answers {len(mean)}. "
                "Give the factors of the same images."
            )
        channel = coefficients(
            mean[:, None], log_variance[:, None], dtype=torch.float64, device=mean.device
        )
        self.overlap = channel.rows(slice(0, len(mean)))[:, 0]
        self.labels = labels.to(mean.device)
        self.bits = -float(self.overlap.mean(dim=1).log2().mean())

    def shared_bits(self, values: Int[Tensor, " n"]) -> float:
        """Information that the channel shares with one factor, bits; near 0 if it has none."""
        _, value, count = values.unique(return_inverse=True, return_counts=True)
        member = torch.nn.functional.one_hot(value).to(self.overlap)
        joint = (self.overlap @ member)[torch.arange(len(value)), value].log2().mean()
        return self.bits + float(joint - count[value].double().log2().mean())

    def by_chance(
        self, column: int, *, generator: torch.Generator, permutations: int = PERMUTATIONS
    ) -> Float[Tensor, " p"]:
        """Bits shared with one factor after each permutation of its values over the images."""
        values = self.labels[:, column]
        shuffled = [
            self.shared_bits(values[torch.randperm(len(values), generator=generator)])
            for _ in range(permutations)
        ]
        return torch.tensor(shuffled, dtype=torch.float64)

    def second_factor(
        self, first: int, *, generator: torch.Generator, permutations: int = PERMUTATIONS
    ) -> SecondFactor | None:
        """The factor of which the channel knows most beyond the first; None if there is no other.

        Arguments:
            first: column of the first factor.
            generator: permutes.
            permutations: how many, each within the images of one value of the first factor.
        """
        leading = self.labels[:, first]
        found: list[SecondFactor] = []
        for column in range(self.labels.shape[1]):
            if column == first:
                continue
            shared = self.shared_bits(_both(leading, self.labels[:, column]))
            chance = torch.tensor(
                [
                    self.shared_bits(
                        _both(leading, _permuted_within(self.labels[:, column], leading, generator))
                    )
                    for _ in range(permutations)
                ]
            )
            expected = float(chance.mean())
            found.append(
                SecondFactor(
                    factor=column, bits=shared - expected, chance=float(chance.max()) - expected
                )
            )
        return max(found, key=lambda second: second.bits, default=None)


def _both(first: Int[Tensor, " n"], second: Int[Tensor, " n"]) -> Int[Tensor, " n"]:
    """Two factors as one: a value for every combination."""
    leading: Tensor = first.unique(return_inverse=True)[1]
    second_value: Tensor = second.unique(return_inverse=True)[1]
    return leading * (int(second_value.max()) + 1) + second_value


def _permuted_within(
    values: Int[Tensor, " n"], within: Int[Tensor, " n"], generator: torch.Generator
) -> Int[Tensor, " n"]:
    """Values permuted among the images of equal `within`.

    >>> _permuted_within(torch.tensor([5, 6, 7]), torch.arange(3), torch.Generator())
    tensor([5, 6, 7])
    """
    order = torch.randperm(len(values), generator=generator).to(values.device)
    target = within.argsort(stable=True)
    source = order[within[order].argsort(stable=True)]
    permuted = torch.empty_like(values)
    permuted[target] = values[source]
    return permuted

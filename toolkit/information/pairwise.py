"""NMI and VI of two channels, from the information of each alone and of both together.

Murphy, Dillavou & Bassett, "Comparing the information content of probabilistic representation
spaces" (TMLR 2025), https://arxiv.org/abs/2405.21042.
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor


def normalised_information(
    information: tuple[Float[Tensor, " c"], Float[Tensor, " e"]],
    doubled: tuple[Float[Tensor, " c"], Float[Tensor, " e"]],
    joint: Float[Tensor, "c e"],
) -> Float[Tensor, "c e"]:
    r"""Information that two channels share, relative to what each shares with itself.

    .. math:: \frac{I_u + I_v - I_{uv}}{\sqrt{(2 I_u - I_{uu}) (2 I_v - I_{vv})}}

    No unit. 1 for equal channels, near 0 for unrelated ones; soft channels can leave [0, 1]
    by a little and are not clipped. NaN where a channel shares no bits with itself (0/0).

    Arguments:
        information: bits of the channels of the rows and of the columns.
        doubled: bits of two independent draws from the same channels.
        joint: bits of both together.

    Half of each channel is shared:

    >>> two = (torch.tensor([2.0]), torch.tensor([2.0]))
    >>> normalised_information(two, two, torch.tensor([[3.0]]))
    tensor([[0.5000]])
    """
    rows, columns = (
        inverse_root_of_shared(single, twice)
        for single, twice in zip(information, doubled, strict=True)
    )
    shared = (information[0][:, None] + information[1][None, :]).sub_(joint)
    return shared.mul_(rows[:, None] * columns[None, :])


def inverse_root_of_shared(
    information: Float[Tensor, "..."], doubled: Float[Tensor, "..."]
) -> Float[Tensor, "..."]:
    """One over the root of the bits a channel shares with itself; NaN where it shares none.

    Arguments:
        information: bits of channels.
        doubled: bits of two independent draws from the same channels.

    >>> inverse_root_of_shared(torch.tensor([3.0, 0.0]), torch.tensor([2.0, 0.0]))
    tensor([0.5000,    nan])
    """
    shared = 2 * information - doubled
    return torch.where(shared > rounding_bits(shared.dtype), shared, torch.nan).rsqrt()


def variation_of_information(
    doubled: tuple[Float[Tensor, " c"], Float[Tensor, " e"]], joint: Float[Tensor, "c e"]
) -> Float[Tensor, "c e"]:
    r"""Bits in one channel and not in the other, 0 or more, 0 for equal channels.

    .. math:: 2 I_{uv} - I_{uu} - I_{vv}

    Not a metric: three soft channels can break the triangle inequality.

    Arguments:
        doubled: bits of the channels of the rows and of the columns, two draws each.
        joint: bits of both together.

    >>> two = (torch.tensor([2.0]), torch.tensor([2.0]))
    >>> variation_of_information(two, torch.tensor([[3.0]]))
    tensor([[2.]])
    """
    return 2 * joint - (doubled[0][:, None] + doubled[1][None, :])


def rounding_bits(dtype: torch.dtype) -> float:
    """Bits below which a difference of informations is rounding, not information.

    >>> rounding_bits(torch.float64) < 1e-12
    True
    """
    return 1000 * torch.finfo(dtype).eps


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A symmetric measure of two channels, by its name in a `ChannelComparison`, and its promises.

    Arguments:
        unit: of the number; "1" for none.
        alike: its value for two equal channels that know something.
        larger_is_alike: whether likeness makes it larger.
        low, high: bounds that are proved. NMI has none: soft channels leave [0, 1].
        invariant: what can be done to one of two channels without changing the value.
    """

    unit: str
    alike: float
    larger_is_alike: bool
    low: float = -math.inf
    high: float = math.inf
    invariant: frozenset[str] = frozenset({"shifted", "mirrored", "scaled"})


COMPARISONS: dict[str, Comparison] = {
    "nmi": Comparison(unit="1", alike=1.0, larger_is_alike=True),
    "vi": Comparison(unit="bits", alike=0.0, larger_is_alike=False, low=0.0),
}

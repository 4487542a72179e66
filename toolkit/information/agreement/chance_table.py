"""Tables of agreement of members that are seen from random axes, one per draw."""

from collections.abc import Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor

from toolkit.errors import ToolkitError
from toolkit.information.agreement.random_axes import turn_axes
from toolkit.information.agreement.table import AgreementTable, agreement_table
from toolkit.information.channels.comparison import compare_channels
from toolkit.information.checks import INFORMATIVE_BITS

LEAST_AXES = 2  # informative channels; a space of one channel has no other axis
LEAST_DRAWS = 10
LEAST_PAIRS = 60  # of members, over all draws: two members take 60 draws, five take 10
TOGETHER = 8  # members compared with one another in a draw; the cost then grows as their number


def random_axes_table(
    mean: Float[Tensor, "n c"],
    log_variance: Float[Tensor, "n c"],
    member: Int[Tensor, " c"],
    information: Float[Tensor, " c"],
    *,
    seed: int,
    threshold_bits: float = INFORMATIVE_BITS,
    draws: int | None = None,
) -> AgreementTable:
    """The table of agreement of the same members seen from random axes, for every draw.

    In a draw the axes of every member are turned, and members are compared in groups of at most 8
    that are drawn anew each time, so that the cost of a draw grows as the number of members; up to
    8 members, all are compared with all. The order in which members are listed does not matter.
    Members with fewer than two informative channels are compared with none (NaN).

    Arguments:
        mean: one row per image, one column per channel.
        log_variance: of the same shape, natural logarithm.
        member: which member each channel belongs to, as whole numbers.
        information: bits of each channel.
        seed: of the random axes.
        threshold_bits: a channel is informative if it has more bits than this.
        draws: without it 10, and more for fewer than 4 members, so that 60 pairs are seen.

    Raises:
        ToolkitError: the number of draws is below 2, or the channels cannot be compared.
    """
    numbers = member.unique()
    columns = [
        ((member == number) & (information > threshold_bits)).nonzero()[:, 0] for number in numbers
    ]
    # Same axes in any order
    bits = [float(information[channels].sum()) for channels in columns]
    counted = [row for row in range(len(numbers)) if len(columns[row]) >= LEAST_AXES]
    counted.sort(key=lambda row: bits[row])
    pairs = max(1, len(counted) * (len(counted) - 1) // 2)
    draws = max(LEAST_DRAWS, LEAST_PAIRS // pairs) if draws is None else draws
    if draws < 2:
        raise ToolkitError(f"{draws} draw(s) of random axes show no spread; ask for 2 or more.")
    tables = AgreementTable(
        found=information.new_full((draws, len(numbers), len(numbers)), torch.nan),
        bits=information.new_zeros(draws, len(numbers)),
        axes=member.new_zeros(draws, len(numbers)),
    )
    if len(counted) < 2:
        return tables
    generator = torch.Generator().manual_seed(seed)
    for draw in range(draws):
        for group in drawn_groups(counted, generator=generator):
            turned = [
                turn_axes(mean[:, columns[row]], log_variance[:, columns[row]], generator=generator)
                for row in group
            ]
            part = _table_of(turned, threshold_bits=threshold_bits)
            rows = torch.tensor(group, device=information.device)
            tables.found[draw, rows[:, None], rows] = part.found.to(information)
            tables.bits[draw, rows] = part.bits.to(information)
            tables.axes[draw, rows] = part.axes
    return tables


def drawn_groups(counted: Sequence[int], *, generator: torch.Generator) -> list[list[int]]:
    """The members in random groups of nearly equal size, at most 8.

    >>> [len(group) for group in drawn_groups(range(17), generator=torch.Generator())]
    [6, 6, 5]
    """
    order = [counted[row] for row in torch.randperm(len(counted), generator=generator).tolist()]
    count = -(-len(order) // TOGETHER)
    return [order[start::count] for start in range(count)]


def _table_of(spaces: Sequence[tuple[Tensor, Tensor]], *, threshold_bits: float) -> AgreementTable:
    """The table of agreement of some members in one draw."""
    means, log_variances = zip(*spaces, strict=True)
    comparison = compare_channels(torch.cat(means, dim=1), torch.cat(log_variances, dim=1))
    widths = torch.tensor([mean.shape[1] for mean in means])
    member = torch.arange(len(spaces)).repeat_interleave(widths).to(comparison.nmi.device)
    return agreement_table(
        comparison.information, comparison.nmi, member, threshold_bits=threshold_bits
    )

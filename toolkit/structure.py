"""Hot spots: groups of channels that many members found, and the order that shows them.

OPTICS (Ankerst, Breunig, Kriegel & Sander, 1999) as in scikit-learn, on the variation of
information or the negative logarithm of NMI, after Murphy, Dillavou & Bassett (TMLR 2025),
https://arxiv.org/abs/2405.21042.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import torch
from jaxtyping import Float, Int
from scipy.sparse.csgraph import connected_components
from sklearn.cluster import OPTICS
from torch import Tensor

from toolkit.errors import ToolkitError, UnknownNameError
from toolkit.information.channels import ChannelComparison
from toolkit.information.checks import INFORMATIVE_BITS

MEASURES = ("vi", "nmi")
SAME = 1e-9  # channels at a smaller distance are copies; distances this close are equal
LEAST_NMI = 1e-4  # the paper's floor under the logarithm


@dataclass(frozen=True, kw_only=True)
class Group:
    """Channels that carry nearly the same information.

    Arguments:
        channels: their positions in the whole comparison, ascending.
        central: the one with the greatest mean NMI to the others.
        members: the members they belong to, ascending; empty if members were not given.
        mean_nmi: over all pairs of the group.
    """

    channels: tuple[int, ...]
    central: int
    members: tuple[int, ...]
    mean_nmi: float


@dataclass(frozen=True, kw_only=True)
class Structure:
    """The order and the groups of similar channels.

    Arguments:
        kept: positions of the informative channels in the whole comparison, ascending.
        order: the same positions as OPTICS visits them; similar channels are neighbours.
        reachability: in that order, bits (or nats of -log NMI); infinite at the start of a part.
        groups: in that order; channels in none are noise.
    """

    kept: Int[Tensor, " k"]
    order: Int[Tensor, " k"]
    reachability: Float[Tensor, " k"]
    groups: tuple[Group, ...]


def default_min_samples(members: int) -> int:
    """How many channels make a group: half of the members, at least 3, at most 20.

    With fewer, OPTICS cuts the channels of one hot spot into parts. 20 is the paper's number; more
    members do not raise it, because large ensembles mix settings, and a group that is found under
    one of them should still be seen.

    >>> [default_min_samples(members) for members in (5, 10, 25, 50, 300)]
    [3, 5, 13, 20, 20]

    Raises:
        ToolkitError: `members` is below 1.
    """
    if members < 1:
        raise ToolkitError(f"`members` is {members}; it must be at least 1.")
    return min(20, max(3, (members + 1) // 2))


def find_structure(
    comparison: ChannelComparison,
    *,
    by: Literal["vi", "nmi"] = "vi",
    min_samples: int,
    threshold_bits: float = INFORMATIVE_BITS,
    members: Sequence[int] | Int[Tensor, " c"] | None = None,
) -> Structure:
    """Order the informative channels by similarity and find the groups among them.

    Deterministic: copies of one channel are given the very same distances, and distances that
    differ by less than 1e-9 do not decide. With fewer informative channels than `min_samples`
    there are no groups, the order is that of the channels, and every reachability is infinite.

    Arguments:
        comparison: of all channels.
        by: `vi`, the variation of information; or `nmi`, minus its natural logarithm.
        min_samples: neighbours that make a channel the core of a group, 2 or more; see
            `default_min_samples`.
        threshold_bits: a channel is informative if it has more bits than this.
        members: which member each channel belongs to.

    Raises:
        ToolkitError: an argument is impossible; the sentence says which.
    """
    _check(comparison, by, min_samples, members)
    kept = (comparison.information > threshold_bits).nonzero()[:, 0].cpu()
    nmi = comparison.nmi.cpu().double()[kept][:, kept].numpy()
    vi = comparison.vi.cpu().double()[kept][:, kept].numpy()
    if np.isnan(nmi).any() or np.isnan(vi).any():
        raise ToolkitError(
            f"channels above {threshold_bits:g} bits were left out of the comparison; find "
            "structure with the threshold that the comparison was made with, or a higher one."
        )
    if len(kept) < min_samples:
        infinite = torch.full((len(kept),), torch.inf, dtype=torch.float64)
        return Structure(kept=kept, order=kept, reachability=infinite, groups=())
    optics = _optics(_distances(vi, nmi, by), min_samples)
    ordering = torch.from_numpy(optics.ordering_.astype(np.int64))
    reachability = optics.reachability_[optics.ordering_]
    found = [np.flatnonzero(optics.labels_ == label) for label in range(optics.labels_.max() + 1)]
    return Structure(
        kept=kept,
        order=kept[ordering],
        reachability=torch.from_numpy(np.where(reachability <= SAME, 0.0, reachability)).double(),
        groups=tuple(_group(inside, nmi, kept.tolist(), members) for inside in found),
    )


def _check(
    comparison: ChannelComparison,
    by: str,
    min_samples: int,
    members: Sequence[int] | Tensor | None,
) -> None:
    if by not in MEASURES:
        raise UnknownNameError("measure of structure", by, MEASURES)
    if min_samples < 2:
        raise ToolkitError(
            f"min_samples is {min_samples}, but a group needs at least 2 channels. "
            "`default_min_samples` gives a number that suits the ensemble."
        )
    channels = comparison.information.shape[0]
    if members is not None and len(members) != channels:
        raise ToolkitError(
            f"{len(members)} members are named for {channels} channels; give one for each channel."
        )


def _optics(distance: npt.NDArray[np.float64], min_samples: int) -> Any:  # noqa: ANN401 - untyped
    estimator: Any = OPTICS
    return estimator(min_samples=min_samples, metric="precomputed").fit(distance)


def _distances(
    vi: npt.NDArray[np.float64], nmi: npt.NDArray[np.float64], by: str
) -> npt.NDArray[np.float64]:
    """Distances for OPTICS: not negative, and equal for copies whatever the rounding."""
    distance = vi if by == "vi" else -np.log(np.maximum(nmi, LEAST_NMI))
    # Copies share distances
    _, copy_of = connected_components(vi < SAME, directed=False)
    _, first = np.unique(copy_of, return_index=True)
    original = first[copy_of]
    distance = distance[original[:, None], original[None, :]]
    # Rounded, positive
    distance = np.maximum(np.round(distance / SAME) * SAME, SAME)
    np.fill_diagonal(distance, 0.0)
    return distance


def _group(
    inside: npt.NDArray[np.intp],
    nmi: npt.NDArray[np.float64],
    kept: list[int],
    members: Sequence[int] | Tensor | None,
) -> Group:
    shared = nmi[np.ix_(inside, inside)]
    to_others = (shared.sum(axis=1) - shared.diagonal()) / (len(inside) - 1)
    channels = tuple(kept[position] for position in inside)
    return Group(
        channels=channels,
        central=channels[int(np.argmax(to_others >= to_others.max() - SAME))],
        members=() if members is None else tuple(sorted({int(members[c]) for c in channels})),
        mean_nmi=float(to_others.mean()),
    )

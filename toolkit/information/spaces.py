"""Information of whole latent spaces by fingerprints, and the similarity of every two.

A space's fingerprint is the table of Bhattacharyya coefficients of every two of its posteriors.

Murphy, Dillavou & Bassett, "Comparing the information content of probabilistic representation
spaces" (TMLR 2025), https://arxiv.org/abs/2405.21042; the bound is Kolchinsky & Tracey's (2017),
https://arxiv.org/abs/1706.02419.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Float, Shaped
from torch import Tensor

from toolkit.errors import ToolkitError
from toolkit.information.checks import check_channels, check_labels
from toolkit.information.gaussian import DIFFERENT_LABELS
from toolkit.information.pairwise import normalised_information, variation_of_information

ELEMENTS = 1_000_000  # coefficients made at once


class Space(NamedTuple):
    """A whole latent space: a normal posterior with diagonal covariance for every image."""

    mean: Float[Tensor, "n d"]
    log_variance: Float[Tensor, "n d"]


@dataclass(frozen=True, kw_only=True)
class SpaceComparison:
    """All spaces against all, and against known factors. Bits, except NMI, which has no unit.

    Arguments:
        information: (s,) bits of each space, a lower bound; at most log2 of the number of images.
        doubled: (s,) bits of two independent draws from each space.
        nmi: (s, s) normalised mutual information; NaN for a space without information.
        vi: (s, s) variation of information, bits.
        label_information: (k,) bits of each known factor.
        label_doubled: (k,) bits of two copies of each known factor.
        label_nmi: (s, k).
        label_vi: (s, k) bits.
        images: how many images were shown.
    """

    information: Float[Tensor, " s"]
    doubled: Float[Tensor, " s"]
    nmi: Float[Tensor, "s s"]
    vi: Float[Tensor, "s s"]
    label_information: Float[Tensor, " k"]
    label_doubled: Float[Tensor, " k"]
    label_nmi: Float[Tensor, "s k"]
    label_vi: Float[Tensor, "s k"]
    images: int


def compare_spaces(
    means: Sequence[Float[Tensor, "n _"]],
    log_variances: Sequence[Float[Tensor, "n _"]],
    *,
    labels: Shaped[Tensor, "n k"] | None = None,
    dtype: torch.dtype = torch.float64,
    device: torch.device | str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> SpaceComparison:
    """Information of every space, and NMI and VI of every two, by their fingerprints.

    Symmetric to the last bit; nothing is clipped. No n x n table is kept: memory grows as the
    number of spaces squared, plus one strip of coefficients.

    Arguments:
        means: of each space, one row per image; spaces may differ in their number of columns.
        log_variances: natural logarithms, same shapes.
        labels: known factors of the images, one column each; only their equality counts.
        dtype: of the arithmetic and the results.
        device: of the arithmetic and the results; that of the first space if not given.
        progress: called with the number of images done and the number of all.

    Raises:
        ToolkitError: spaces are missing, do not fit together, or hold impossible numbers.

    A space and its quarter turn carry the same information:

    >>> mean = torch.tensor([[0.0, 1.0], [2.0, 0.0], [4.0, 3.0]])
    >>> both = compare_spaces([mean, mean.flip(1)], [torch.zeros(3, 2)] * 2)
    >>> round(both.nmi[0, 1].item(), 9), abs(round(both.vi[0, 1].item(), 9))
    (1.0, 0.0)
    """
    check_spaces(means, log_variances)
    images, count = means[0].shape[0], len(means)
    columns = torch.empty(images, 0, dtype=torch.long) if labels is None else labels
    check_labels(columns, images)
    where = means[0].device if device is None else torch.device(device)
    spaces = [
        (mean.to(where, dtype), log_variance.to(where, dtype))
        for mean, log_variance in zip(means, log_variances, strict=True)
    ]
    columns = columns.to(where)
    size = count + columns.shape[1]
    alone, joint = (
        torch.zeros(size, device=where).to(dtype),
        torch.zeros(size, size).to(spaces[0][0]),
    )
    for chosen in torch.arange(images).split(max(1, ELEMENTS // (size * images))):
        rows = _rows(spaces, columns, slice(int(chosen[0]), int(chosen[-1]) + 1))
        alone -= rows.mean(dim=2).log2().sum(dim=0)
        joint -= ((rows @ rows.mT) / images).log2().sum(dim=0)
        if progress is not None:
            progress(int(chosen[-1]) + 1, images)
    # Both triangles
    alone, upper = alone / images, joint.triu() / images
    joint = upper + upper.triu(1).T
    doubled = joint.diagonal()
    nmi = normalised_information((alone, alone), (doubled, doubled), joint)
    vi = variation_of_information((doubled, doubled), joint)
    return SpaceComparison(
        information=alone[:count],
        doubled=doubled[:count],
        nmi=nmi[:count, :count],
        vi=vi[:count, :count],
        label_information=alone[count:],
        label_doubled=doubled[count:],
        label_nmi=nmi[:count, count:],
        label_vi=vi[:count, count:],
        images=images,
    )


def check_spaces(
    means: Sequence[Float[Tensor, "..."]], log_variances: Sequence[Float[Tensor, "..."]]
) -> None:
    """Refuse spaces that cannot be compared.

    Raises:
        ToolkitError: the sentence says which space is wrong, and how.
    """
    if not means or len(means) != len(log_variances):
        raise ToolkitError(
            f"{len(means)} means and {len(log_variances)} log-variances were given; "
            "give one of each for every space, and at least one space."
        )
    for position, (mean, log_variance) in enumerate(zip(means, log_variances, strict=True)):
        try:
            check_channels(mean, log_variance)
        except ToolkitError as error:
            raise ToolkitError(f"space {position}: {error}") from error
        if mean.shape[0] != means[0].shape[0] or mean.device != means[0].device:
            raise ToolkitError(
                f"space {position} has {mean.shape[0]} images on {mean.device}, space 0 "
                f"{means[0].shape[0]} on {means[0].device}; encode the same images on one device."
            )


def _rows(
    spaces: Sequence[tuple[Tensor, Tensor]], labels: Shaped[Tensor, "n k"], chosen: slice
) -> Float[Tensor, "b s n"]:
    """Coefficients of the chosen images with all images, for every space and label column."""
    rows = [coefficients_of_space(*space, chosen=chosen) for space in spaces]
    alike = labels[chosen, None, :] == labels[None, :, :]
    alike_value, other_value = rows[0].new_tensor([1.0, DIFFERENT_LABELS])
    same = torch.where(alike, alike_value, other_value)
    return torch.cat([torch.stack(rows, dim=1), same.movedim(2, 1)], dim=1)


def coefficients_of_space(
    mean: Float[Tensor, "n d"], log_variance: Float[Tensor, "n d"], *, chosen: slice
) -> Float[Tensor, "b n"]:
    """Bhattacharyya coefficients of the chosen posteriors of one space with all of them, 0 to 1.

    >>> coefficients_of_space(torch.tensor([[0.0], [2.0]]), torch.zeros(2, 1), chosen=slice(0, 1))
    tensor([[1.0000, 0.6065]])
    """
    distance = mean.new_zeros(mean[chosen].shape[0], mean.shape[0])
    for centre, log_width in zip(mean.unbind(1), log_variance.unbind(1), strict=True):
        half = (log_width[chosen, None] - log_width[None, :]).abs_() / 2
        middle = (log_width[chosen, None] + log_width[None, :]) / 2
        # log of the average variance over the geometric mean: log cosh of half the difference
        unlike = half + torch.log1p((-2 * half).exp_()) - math.log(2)
        gap = (centre[chosen, None] - centre[None, :]).square_()
        distance += gap.mul_((-middle - unlike).exp_()).div_(8).add_(unlike.div_(2))
    return distance.neg_().exp_()

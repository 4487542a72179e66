"""NMI and VI of whole latent spaces by Monte Carlo, with errors that include covariances.

All spaces are sampled at the same points with the same two streams of noise, so the informations
of one pair (I_u, I_v, I_uu, I_vv, I_uv) are strongly correlated. Their covariance is estimated with
them and goes through the formulas of NMI and VI to first order (delta method). Copies of one space
come out as exactly 1 and 0, without noise.

Murphy, Dillavou & Bassett, "Comparing the information content of probabilistic representation
spaces" (TMLR 2025), https://arxiv.org/abs/2405.21042; its notebook takes errors as independent.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from toolkit.information.monte_carlo.densities import log_density_ratios
from toolkit.information.monte_carlo.draws import Moments, draws_of_points, standard_normal
from toolkit.information.pairwise import normalised_information, variation_of_information
from toolkit.information.spaces import check_spaces

DRAWS = 512  # at once
ELEMENTS = 2_000_000  # densities at once, of all spaces together: 16 MiB
EXPONENT = 600.0  # sums of logarithms below it are safe to exponentiate


@dataclass(frozen=True, kw_only=True)
class SpaceEstimates:
    """Whole spaces against each other, by sampling. Bits, except NMI, which has no unit.

    Arguments:
        information: (s,) bits of each space.
        doubled: (s,) bits of two independent draws from each space.
        joint: (s, s) bits of two spaces together; `doubled` on the diagonal.
        nmi: (s, s) normalised mutual information; NaN for a space without information.
        vi: (s, s) variation of information, bits.
        information_error, doubled_error, joint_error, nmi_error, vi_error: standard errors, same
            shapes and units. They belong together: do not add them as if they were independent.
    """

    information: Float[Tensor, " s"]
    information_error: Float[Tensor, " s"]
    doubled: Float[Tensor, " s"]
    doubled_error: Float[Tensor, " s"]
    joint: Float[Tensor, "s s"]
    joint_error: Float[Tensor, "s s"]
    nmi: Float[Tensor, "s s"]
    nmi_error: Float[Tensor, "s s"]
    vi: Float[Tensor, "s s"]
    vi_error: Float[Tensor, "s s"]


def estimate_spaces(
    means: Sequence[Float[Tensor, "m _"]],
    log_variances: Sequence[Float[Tensor, "m _"]],
    *,
    samples: int,
    generator: torch.Generator,
) -> SpaceEstimates:
    """Information of every space, NMI and VI of every two, each with its standard error.

    Arguments:
        means: of each space, one row per point; spaces may differ in their number of columns.
        log_variances: natural logarithms, same shapes.
        samples: draws in all, as for `full_space_information`; every pair uses all of them.
        generator: the source of all randomness.

    Raises:
        ToolkitError: spaces are missing, do not fit together, or hold impossible numbers.

    >>> mean = torch.linspace(-3, 3, 20)[:, None]
    >>> both = estimate_spaces([mean, -mean], [torch.zeros(20, 1)] * 2, samples=200,
    ...                        generator=torch.Generator().manual_seed(0))
    >>> bool((both.nmi[0, 1] - 1).abs() < 4 * both.nmi_error[0, 1])
    True
    """
    check_spaces(means, log_variances)
    count = len(means)
    pairs = torch.triu_indices(count, count, device=means[0].device)
    u, v = pairs
    # Columns per pair: I_u, I_v, I_uu, I_vv, I_uv
    column = torch.zeros(count, count, dtype=torch.long, device=pairs.device)
    column[u, v] = count + torch.arange(pairs.shape[1], device=pairs.device)
    groups = torch.stack([u, v, column[u, u], column[v, v], column[u, v]], dim=1)
    # Draws
    moments = Moments(count + pairs.shape[1], groups)
    spaces = [(m.double(), w.double()) for m, w in zip(means, log_variances, strict=True)]
    for index in draws_of_points(len(means[0]), samples=samples, generator=generator, block=DRAWS):
        points = index.flatten().to(means[0].device)
        single, joint = _log_overlaps(spaces, points, generator)
        values = torch.cat([single, joint[:, u, v]], dim=1) / -math.log(2)
        moments.add(values.reshape(*index.shape, -1))
    return _estimates(count, pairs, *moments.estimate())


def _log_overlaps(
    spaces: Sequence[tuple[Tensor, Tensor]], points: Int[Tensor, " b"], generator: torch.Generator
) -> tuple[Float[Tensor, "b s"], Float[Tensor, "b s s"]]:
    """log of the mean density ratio, for each space alone and each two together, a row per draw.

    Every space is drawn from twice. Two spaces together are the first draw of one and the second
    of the other, both ways round and averaged.
    """
    m, width = len(spaces[0][0]), max(mean.shape[1] for mean, _ in spaces)
    device = points.device
    noises = [
        standard_normal(len(points), width, generator=generator, device=device) for _ in range(2)
    ]
    single = torch.full((2, len(points), len(spaces)), -math.inf, device=device).double()
    joint = torch.full((len(points), len(spaces), len(spaces)), -math.inf, device=device).double()
    step = max(1, ELEMENTS // (len(points) * len(spaces)))
    for start in range(0, m, step):
        among = slice(start, start + step)
        ratios = []
        for noise in noises:
            of_spaces = [
                log_density_ratios(
                    mean, log_variance, points=points, noise=noise[:, : mean.shape[1]], among=among
                )
                for mean, log_variance in spaces
            ]
            ratios.append(torch.stack(of_spaces, dim=1))
        for held, ratio in zip(single, ratios, strict=True):
            held.copy_(torch.logaddexp(held, ratio.logsumexp(dim=2)))
        joint = torch.logaddexp(joint, _log_grams(*ratios))
    return single.mean(dim=0) - math.log(m), (joint + joint.mT) / 2 - math.log(m)


def _log_grams(
    first: Float[Tensor, "b s j"], second: Float[Tensor, "b s j"]
) -> Float[Tensor, "b s s"]:
    """log sum_j exp(first_uj + second_vj) for every u and v."""
    tops = first.amax(dim=2), second.amax(dim=2)
    if tops[0].max() + tops[1].max() > EXPONENT:  # so wide a range would leave only zeros
        rows = [(row[:, None] + second).logsumexp(dim=2) for row in first.unbind(1)]
        return torch.stack(rows, dim=1)
    grams = (first - tops[0][:, :, None]).exp() @ (second - tops[1][:, :, None]).exp().mT
    return grams.log() + tops[0][:, :, None] + tops[1][:, None, :]


def _estimates(
    count: int,
    pairs: Int[Tensor, "2 p"],
    averages: Float[Tensor, " q"],
    covariance: Float[Tensor, "p 5 5"],
) -> SpaceEstimates:
    single, joint = averages[:count], _mirror(averages[count:], pairs, count)
    twice = joint.diagonal()
    nmi = normalised_information((single, single), (twice, twice), joint)
    vi = variation_of_information((twice, twice), joint)
    # Standard errors
    variances = covariance.diagonal(dim1=1, dim2=2)
    slope_of_vi = torch.tensor([0.0, 0.0, -1.0, -1.0, 2.0]).to(covariance)
    # Derivatives of NMI by I_u, I_v, I_uu, I_vv and I_uv
    u, v = pairs
    shared_with_itself = 2 * single - twice
    scale = (shared_with_itself[u] * shared_with_itself[v]).sqrt()
    nmi_of_pairs = (single[u] + single[v] - joint[u, v]) / scale
    by_u, by_v = nmi_of_pairs / shared_with_itself[u], nmi_of_pairs / shared_with_itself[v]
    slope_of_nmi = torch.stack(
        [1 / scale - by_u, 1 / scale - by_v, by_u / 2, by_v / 2, -1 / scale], dim=1
    )
    joint_error = _mirror(variances[:, 4].sqrt(), pairs, count)
    return SpaceEstimates(
        information=single,
        information_error=_mirror(variances[:, 0].sqrt(), pairs, count).diagonal(),
        doubled=twice,
        doubled_error=joint_error.diagonal(),
        joint=joint,
        joint_error=joint_error,
        nmi=nmi,
        nmi_error=_mirror(_error(slope_of_nmi, covariance), pairs, count),
        vi=vi,
        vi_error=_mirror(_error(slope_of_vi, covariance), pairs, count),
    )


def _error(slope: Float[Tensor, "*p 5"], covariance: Float[Tensor, "p 5 5"]) -> Tensor:
    """First-order standard error of a function whose derivatives are `slope`."""
    return torch.einsum("...v,...vw,...w->...", slope, covariance, slope).clamp_min(0).sqrt()


def _mirror(values: Float[Tensor, " p"], pairs: Int[Tensor, "2 p"], count: int) -> Tensor:
    """A symmetric table from its upper triangle."""
    table = values.new_zeros(count, count)
    table[pairs[0], pairs[1]] = values
    table[pairs[1], pairs[0]] = values
    return table

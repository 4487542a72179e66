"""Information of one whole latent space by Monte Carlo, with its standard error.

Where fingerprints give a bound, this gives the value itself, up to noise that is reported.

Murphy, Dillavou & Bassett, "Comparing the information content of probabilistic representation
spaces" (TMLR 2025), https://arxiv.org/abs/2405.21042. Its estimator draws points with replacement;
here every point gets equally many draws, which never increases the variance.
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from toolkit.information.checks import check_channels
from toolkit.information.monte_carlo.densities import log_density_ratios
from toolkit.information.monte_carlo.draws import Moments, draws_of_points, standard_normal

DRAWS = 1024  # at once, and
POINTS = 2048  # densities of each at once: 16 MiB a matrix, whatever the size of the data


@dataclass(frozen=True)
class Estimate:
    """A number found by sampling, in bits, and the standard deviation of its error."""

    bits: float
    standard_error: float


def full_space_information(
    mean: Float[Tensor, "m d"],
    log_variance: Float[Tensor, "m d"],
    *,
    samples: int,
    generator: torch.Generator,
) -> Estimate:
    r"""Information of a whole latent space about which of m points was encoded, in bits.

    .. math:: I(X; U) = \frac{1}{m} \sum_i \mathrm{E}_{u \sim q(u|x_i)}
              \log_2 \frac{q(u|x_i)}{\frac{1}{m} \sum_j q(u|x_j)}

    At most log2 m. Time grows as samples times m times d; memory only by the points themselves.

    Arguments:
        mean: of the posteriors, one row per point.
        log_variance: natural logarithm, same shape.
        samples: draws in all, at least 2. From 2 m on, every point gets the same number of them
            (rounded up); below that, points are drawn with replacement.
        generator: the source of all randomness.

    Raises:
        ToolkitError: shapes differ, numbers are not finite or out of range, or samples below 2.

    >>> apart = torch.tensor([[0.0], [100.0]])
    >>> full_space_information(
    ...     apart, torch.zeros(2, 1), samples=100, generator=torch.Generator().manual_seed(0)
    ... )
    Estimate(bits=1.0, standard_error=0.0)
    """
    check_channels(mean, log_variance)
    mean, log_variance = mean.double(), log_variance.double()
    m, d = mean.shape
    moments = Moments(1, torch.zeros(1, 1, dtype=torch.long, device=mean.device))
    for index in draws_of_points(m, samples=samples, generator=generator, block=DRAWS):
        points = index.flatten().to(mean.device)
        noise = standard_normal(len(points), d, generator=generator, device=mean.device)
        # log of the mean over all points of q(u | x_j) / q(u | x_i), in nats
        total = mean.new_full((len(points),), -math.inf)
        for start in range(0, m, POINTS):
            among = slice(start, start + POINTS)
            ratios = log_density_ratios(mean, log_variance, points=points, noise=noise, among=among)
            total = torch.logaddexp(total, ratios.logsumexp(dim=1))
        values = -(total - math.log(m))
        moments.add(values.reshape(*index.shape, 1) / math.log(2))
    average, covariance = moments.estimate()
    return Estimate(bits=average.item(), standard_error=covariance.sqrt().item())

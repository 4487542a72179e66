"""The delete-group jackknife: standard error and bias of a number, by leaving groups out.

With groups of unequal size: Busing, Meijer & van der Leeden, "Delete-m jackknife for unequal m"
(Statistics and Computing, 1999). A bootstrap would show an image twice, and the coefficient 1 of an
image with its own copy would count as overlap; leaving out does not.
"""

from dataclasses import dataclass

import scipy
from jaxtyping import Float, Int
from torch import Tensor

from toolkit.errors import ToolkitError

GROUPS = 20


@dataclass(frozen=True, kw_only=True)
class IntervalEstimate:
    """An estimate with its confidence interval; all fields have one shape.

    Arguments:
        estimate: with the bias of a finite number of images removed.
        standard_error: of the estimate.
        low: lower end.
        high: upper end.
    """

    estimate: Float[Tensor, "..."]
    standard_error: Float[Tensor, "..."]
    low: Float[Tensor, "..."]
    high: Float[Tensor, "..."]

    @property
    def parts(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Estimate, standard error, low and high."""
        return self.estimate, self.standard_error, self.low, self.high


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """Numbers computed by all images, without each of g groups of them, and by parts.

    Arguments:
        values: by all images first, then without each group, then by halves and quarters or not.
        sizes: images of each group.
    """

    values: Float[Tensor, "h k"]
    sizes: Int[Tensor, " g"]

    def covariance(self) -> Float[Tensor, "k k"]:
        """Covariance of the numbers over images; its diagonal is their squared standard error.

        >>> import torch
        >>> draws = torch.tensor([1.0, 2.0, 3.0, 4.0])
        >>> left_out = torch.cat([draws.mean()[None], (10 - draws) / 3])[:, None]
        >>> numbers = LeftOut(values=left_out, sizes=torch.ones(4, dtype=torch.int64))
        >>> numbers.covariance().sqrt()
        tensor([[0.6455]])
        """
        share, pseudo = _pseudo_values(
            self.values[0], self.values[1 : len(self.sizes) + 1], self.sizes
        )
        rest = (pseudo - (share * pseudo).sum(dim=0)) * (share / (1 - share)).sqrt()
        return rest.mT @ rest / len(self.sizes)


def jackknife(
    whole: Float[Tensor, "..."],
    without: Float[Tensor, "g ..."],
    sizes: Int[Tensor, " g"],
    *,
    level: float = 0.95,
) -> IntervalEstimate:
    """The interval of a number that was computed with all images and without each group.

    Arguments:
        whole: computed with all.
        without: computed without each of g groups.
        sizes: images of each group.
        level: probability that the interval holds the number.

    Raises:
        ToolkitError: there are fewer than 2 groups, or the level is no probability.

    The mean of 1, 2, 3, 4, with one image per group, has its textbook standard error:

    >>> import torch
    >>> values = torch.tensor([1.0, 2.0, 3.0, 4.0])
    >>> jackknife(values.mean(), (10 - values) / 3, torch.ones(4, dtype=torch.int64)).standard_error
    tensor(0.6455)
    """
    groups = len(without)
    if groups < 2:
        raise ToolkitError(f"{groups} group(s) of images show no spread; make at least 2.")
    if not 0 < level < 1:
        raise ToolkitError(f"the level is {level:g}; give a probability between 0 and 1.")
    share, pseudo = _pseudo_values(whole, without, sizes)
    # Bias removed
    estimate = groups * whole - ((1 - share) * without).sum(dim=0)
    # Variance of pseudo-values
    variance = ((pseudo - estimate).square() * share / (1 - share)).mean(dim=0)
    # Student interval
    width = float(scipy.special.stdtrit(groups - 1, (1 + level) / 2)) * variance.sqrt()
    return IntervalEstimate(
        estimate=estimate,
        standard_error=variance.sqrt(),
        low=estimate - width,
        high=estimate + width,
    )


def _pseudo_values(
    whole: Float[Tensor, "..."], without: Float[Tensor, "g ..."], sizes: Int[Tensor, " g"]
) -> tuple[Tensor, Tensor]:
    """The share of images in each group, and what each group adds to the number."""
    share = (sizes / sizes.sum()).to(whole).reshape(-1, *[1] * whole.ndim)
    return share, (whole - (1 - share) * without) / share

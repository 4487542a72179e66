"""Welch's test of every two settings, over seeds and images together, with Holm's correction.

Welch (1947), https://doi.org/10.1093/biomet/34.1-2.28; Holm (1979), "A simple sequentially
rejective multiple test procedure", https://www.jstor.org/stable/4615733.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from jaxtyping import Float
from scipy.special import stdtr, stdtrit

from toolkit.information import LeftOut
from toolkit.report.intervals import LEVEL, RANKED_DIGITS, Interval
from toolkit.report.setting_difference import Measure, SettingDifference


@dataclass(frozen=True, kw_only=True)
class SettingNumbers:
    """One number of every setting, and the sources of its error.

    Arguments:
        values: (s,) of the settings.
        variances: (t, s) of each value by each source that settings do not share, such as seeds.
        degrees: (t, s) degrees of freedom of each variance.
        images: the numbers with all images and without each group, which settings share; None
            where they are unknown.
    """

    values: Float[np.ndarray, " s"]
    variances: Float[np.ndarray, "t s"]
    degrees: Float[np.ndarray, "t s"]
    images: LeftOut | None = None


def differences(
    measure: Measure, positions: Sequence[int], numbers: SettingNumbers
) -> tuple[SettingDifference, ...]:
    """Welch's test of every two settings, with the variance that the images add.

    Variances add up, and so do degrees of freedom by Welch & Satterthwaite. What the images shift
    in both settings alike cancels. What they shift in one run alone counts among runs and again
    among images, so the test is rather too careful than too bold. A pair without any spread but
    that of rounding is left out.

    Arguments:
        measure: what the numbers are.
        positions: of the settings.
        numbers: of the settings, in that order.
    """
    first, second = np.array(list(combinations(range(len(positions)), 2)), int).reshape(-1, 2).T
    apart = numbers.values[first] - numbers.values[second]
    variances = np.concatenate([numbers.variances[:, first], numbers.variances[:, second]])
    degrees = np.concatenate([numbers.degrees[:, first], numbers.degrees[:, second]])
    if numbers.images is not None:
        covariance = numbers.images.covariance().numpy(force=True)
        own = covariance.diagonal()
        shared = np.maximum(own[first] + own[second] - 2 * covariance[first, second], 0.0)
        variances = np.concatenate([variances, shared[None]])
        groups = len(numbers.images.sizes)
        degrees = np.concatenate([degrees, np.full((1, len(shared)), groups - 1.0)])
    # Student's law
    spread = variances.sum(axis=0)
    known = np.sqrt(spread) > 10.0**-RANKED_DIGITS
    first, second, apart, spread = first[known], second[known], apart[known], spread[known]
    freedom = spread**2 / (variances**2 / degrees).sum(axis=0)[known]
    p_values = 2 * stdtr(freedom, -np.abs(apart) / np.sqrt(spread))
    half = stdtrit(freedom, (1 + LEVEL) / 2) * np.sqrt(spread)
    corrected = holm(p_values)
    return tuple(
        SettingDifference(
            measure=measure,
            first=positions[first[row]],
            second=positions[second[row]],
            difference=float(apart[row]),
            interval=Interval(
                low=float(apart[row] - half[row]), high=float(apart[row] + half[row])
            ),
            over_images=numbers.images is not None,
            p_value=float(p_values[row]),
            p_holm=float(corrected[row]),
        )
        for row in range(len(apart))
    )


def holm(p_values: Float[np.ndarray, " p"]) -> Float[np.ndarray, " p"]:
    """Holm's correction (1979): p-values such that any false claim has at most their probability.

    The smallest is multiplied by their number, the next by one less, and so on; none falls below
    one before it, or exceeds 1.

    >>> holm(np.array([0.04, 0.01, 0.03])).round(2).tolist()
    [0.06, 0.03, 0.06]
    """
    order = np.argsort(p_values)
    scaled = p_values[order] * np.arange(len(p_values), 0, -1)
    corrected = np.empty_like(p_values)
    corrected[order] = np.minimum(np.maximum.accumulate(scaled), 1.0)
    return corrected

"""Whether two settings differ: the record."""

from dataclasses import dataclass
from typing import Literal

from toolkit.report.intervals import Interval

SIGNIFICANT = 0.05

Measure = Literal["bits", "corrected agreement"]


@dataclass(frozen=True, kw_only=True)
class SettingDifference:
    """The difference between two settings in one number, and whether chance explains it.

    Arguments:
        measure: the sum of bits of a run's channels, or corrected agreement among the runs.
        first, second: positions of the settings among those of the findings.
        difference: of the first minus that of the second, in bits or without a unit.
        interval: 95 % interval of this difference alone, over runs and images together.
        over_images: whether images are part of it; not where so few images decide every NMI.
        p_value: probability of so large a difference, either way, between equal settings; 0 to 1.
        p_holm: the same, corrected for all pairs of settings that the measure is tested on.
    """

    measure: Measure
    first: int
    second: int
    difference: float
    interval: Interval
    over_images: bool
    p_value: float
    p_holm: float

    @property
    def differs(self) -> bool:
        """Whether the settings differ: at most 5 % of comparisons claim any difference wrongly."""
        return self.p_holm < SIGNIFICANT

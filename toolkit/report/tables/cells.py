"""How what is not known, and what has two ends, stands in a table."""

import math

from toolkit.report.spans import Span


def unknown(value: float | None) -> float:
    """NaN, an empty place in a CSV file, for what is not known or has no end.

    >>> unknown(0.5), unknown(None), unknown(math.inf)
    (0.5, nan, nan)
    """
    return value if value is not None and math.isfinite(value) else math.nan


def ends(name: str, span: Span | None) -> dict[str, float]:
    """The two columns of an interval.

    >>> ends("agreement", Span(low=0.5, high=0.75))
    {'agreement_low': 0.5, 'agreement_high': 0.75}
    """
    low, high = (None, None) if span is None else (span.low, span.high)
    return {f"{name}_low": unknown(low), f"{name}_high": unknown(high)}

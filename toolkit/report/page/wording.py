"""Findings in plain words."""

from collections.abc import Sequence

from toolkit.report.intervals import Interval
from toolkit.report.records import HotSpot
from toolkit.structure import AverageLinkage, Method

LEAST_FACTOR_NMI = 0.1  # of a hot spot that is named after a factor


def number(value: float | None, *, digits: int = 2) -> str:
    """A number for a reader; a dash for None.

    >>> number(3.14159), number(None), number(12.0, digits=0)
    ('3.14', '–', '12')
    """
    return "–" if value is None else f"{value:.{digits}f}".replace("-", "−")


def between(interval: Interval | None, *, digits: int = 2) -> str:
    """An interval for a reader; an empty text for None.

    >>> between(Interval(low=0.25, high=0.5)), between(Interval(low=-0.5, high=0.5)), between(None)
    ('0.25–0.50', '−0.50 to 0.50', '')
    """
    if interval is None:
        return ""
    low, high = number(interval.low, digits=digits), number(interval.high, digits=digits)
    return f"{low} to {high}" if "−" in low else f"{low}–{high}"


def count(amount: int, noun: str) -> str:
    """An amount with its noun in the right form.

    >>> count(1, "hot spot"), count(3, "hot spot")
    ('1 hot spot', '3 hot spots')
    """
    return f"{amount} {noun}{'' if amount == 1 else 's'}"


def heading(spot: HotSpot) -> str:
    """The title of a hot spot: its factor, if their NMI is large enough."""
    if spot.factor is None:
        return f"Hot spot {spot.rank}"
    if (spot.factor_nmi or 0.0) < LEAST_FACTOR_NMI:
        return "no known factor"
    return spot.factor


def method_in_words(method: Method) -> str:
    """How hot spots were found, with its settings.

    >>> from toolkit.structure import Optics
    >>> method_in_words(AverageLinkage())
    'Average linkage on NMI above chance, cut at 0.45'
    >>> method_in_words(Optics(by="nmi", min_samples=3))
    'OPTICS on −ln NMI, with 3 neighbours of a core channel'
    """
    if isinstance(method, AverageLinkage):
        return f"Average linkage on NMI above chance, cut at {method.cut:g}"
    measure = "the variation of information" if method.by == "vi" else "−ln NMI"
    return f"OPTICS on {measure}, with {method.min_samples} neighbours of a core channel"


def listed(names: Sequence[str]) -> str:
    """Names as a list in a sentence.

    >>> listed(["beta", "gamma", "capacity"])
    'beta, gamma and capacity'
    """
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)

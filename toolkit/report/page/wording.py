"""Findings in plain words."""

from collections.abc import Sequence

from toolkit.report.hot_spots import HotSpot
from toolkit.report.intervals import Interval
from toolkit.structure import AverageLinkage, Method

NEAREST = 2  # factors that a hot spot without a name is said to be near


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
    """The title of a hot spot: its factor or two, or else which factors it is nearest to."""
    if spot.joint is not None:
        return " and ".join(spot.joint)
    if spot.factor is not None:
        return spot.factor
    if not spot.factors:
        return f"Hot spot {spot.rank}"
    near = [match for match in spot.factors if match.above_chance][:NEAREST]
    if not near:
        return f"Hot spot {spot.rank} (no known factor)"
    nearest = ", ".join(f"{match.name} {number(match.nmi)}" for match in near)
    return f"Hot spot {spot.rank} (nearest: {nearest})"


def share(value: float) -> str:
    """A share for a reader, in per cent.

    >>> share(0.8), share(1.0)
    ('80 %', '100 %')
    """
    return f"{100 * value:.0f} %"


def why_not(spot: HotSpot) -> str:
    """Why a group is not claimed as a hot spot; an empty text for one that is."""
    reasons = []
    if not spot.stability.stable:
        reasons.append("not stable")
    if not spot.above_chance:
        reasons.append("no stronger than with random axes")
    return listed(reasons)


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

"""Findings in plain words."""

from collections.abc import Sequence

from toolkit.information import Agreement
from toolkit.report.hot_spots import HotSpot
from toolkit.report.intervals import Interval, interval_of
from toolkit.structure import AverageLinkage, Method

NEAREST = 2  # factors that a hot spot without a name is said to be near


def number(value: float | None, *, digits: int = 2) -> str:
    """A number for a reader; a dash for None.

    >>> number(3.14159), number(None), number(12.0, digits=0), number(-0.001)
    ('3.14', '–', '12', '0.00')
    """
    if value is None:
        return "–"
    return f"{round(value, digits) + 0.0:.{digits}f}".replace("-", "−")  # no minus before a zero


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


def agreement_in_words(agreement: Agreement) -> list[str]:
    """How far runs agree, beside what random axes would give, in a few sentences.

    >>> found = Agreement(value=0.54, by_chance=0.43, chance_low=0.4, chance_high=0.46,
    ...                   corrected=0.19, members=6)
    >>> agreement_in_words(found)[1]
    'So axes are found again beyond chance.'
    """
    if agreement.value <= 0:
        return ["No run carries information that another run confirms."]
    if agreement.corrected is None and agreement.by_chance is not None:
        return [
            f"The runs agree to {number(agreement.value)}, and to {number(agreement.by_chance)} if "
            "seen from random axes: their channels tell nearly all probe images apart, so that any "
            "two agree. Show them more probe images."
        ]
    if agreement.corrected is None:
        return [
            f"The runs agree to {number(agreement.value)}, which says nothing about axes: fewer "
            "than two of them have two active channels."
        ]
    sure = between(interval_of(agreement.corrected_low, agreement.corrected_high))
    draws = between(interval_of(agreement.chance_low, agreement.chance_high))
    sentences = [
        f"The corrected agreement is {number(agreement.corrected)}"
        + (f" (95 % interval {sure})" if sure else "")
        + f": the runs agree to {number(agreement.value)}, and to {number(agreement.by_chance)} if "
        f"seen from random axes (95 % of draws: {draws})."
    ]
    if agreement.value > (agreement.chance_high or 0.0):
        sentences.append("So axes are found again beyond chance.")
    else:
        sentences.append(
            "So nothing shows that axes are found again: the runs share no more than one space "
            "seen from random axes would."
        )
    lone = len(agreement.excluded)
    if lone:
        has, is_ = ("has", "is") if lone == 1 else ("have", "are")
        sentences.append(
            f"{count(lone, 'run')} with fewer than two active channels {has} no axis to agree on "
            f"and {is_} not part of these numbers."
        )
    return sentences

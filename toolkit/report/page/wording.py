"""Findings in plain words."""

from collections.abc import Sequence

from toolkit.report.intervals import Interval
from toolkit.report.records import Findings, HotSpot

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


def summary(findings: Findings) -> list[str]:
    """The comparison in a few sentences."""
    runs, channels, spots = findings.runs, findings.channels, findings.hot_spots
    ensembles = len({run.ensemble for run in runs})
    active = sum(channel.kept for channel in channels)
    totals = [run.total_bits for run in findings.summaries]
    sentences = [
        f"{count(len(runs), 'run')} of {count(ensembles, 'ensemble')} were shown the same "
        f"{findings.images} images.",
        f"{active} of their {len(channels)} channels carry more than {findings.threshold_bits:g} "
        f"bits; the sum over the channels of one run is {number(min(totals), digits=1)} to "
        f"{number(max(totals), digits=1)} bits.",
    ]
    # Hot spots
    if spots:
        first = spots[0]
        named = first.factor is not None and (first.factor_nmi or 0.0) >= LEAST_FACTOR_NMI
        factor = f", and matches {first.factor} (NMI {number(first.factor_nmi)})" if named else ""
        sentences.append(
            f"{count(len(spots), 'hot spot')} {'groups' if len(spots) == 1 else 'group'} channels "
            f"of several runs that carry the same information: the first is in {first.members} of "
            f"{first.runs} runs, with {number(first.mean_bits)} bits per channel{factor}."
        )
    else:
        sentences.append("No information was found in enough runs for a hot spot.")
    # Agreement
    best = findings.most_trusted
    if best.agreement > 0:
        sentences.append(
            f"The agreement of the runs is {number(findings.agreement)} (1 is full agreement); the "
            f"others confirm {runs[best.run].name} best, with {number(best.agreement)}."
        )
    else:
        sentences.append("No run carries information that another run confirms.")
    # Failed members
    failed = len(findings.failed)
    if failed:
        sentences.append(
            f"{count(failed, 'more member')} {'is' if failed == 1 else 'are'} left out, because "
            f"{'its' if failed == 1 else 'their'} training failed."
        )
    return sentences


def listed(names: Sequence[str]) -> str:
    """Names as a list in a sentence.

    >>> listed(["beta", "gamma", "capacity"])
    'beta, gamma and capacity'
    """
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)

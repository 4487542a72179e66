"""Findings in plain words."""

from collections.abc import Sequence

from toolkit.report.intervals import Interval
from toolkit.report.records import Findings, HotSpot

_KNOWN = 0.1


def number(value: float | None, *, digits: int = 2) -> str:
    """A number for a reader; a dash where there is none.

    >>> number(3.14159), number(None), number(12.0, digits=0)
    ('3.14', '–', '12')
    """
    return "–" if value is None else f"{value:.{digits}f}".replace("-", "−")


def between(interval: Interval | None, *, digits: int = 2) -> str:
    """An interval for a reader; nothing where there is none.

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
    """What a hot spot is about: its factor, if any known one has something to do with it."""
    if spot.factor is None:
        return f"Hot spot {spot.rank}"
    if (spot.factor_nmi or 0.0) < _KNOWN:
        return "no known factor"
    return spot.factor


def summary(findings: Findings) -> list[str]:
    """The comparison in a few sentences."""
    sentences = [_what(findings), _how_much(findings), _found_again(findings), _whom(findings)]
    return [sentence for sentence in [*sentences, _failed(findings)] if sentence]


def _what(findings: Findings) -> str:
    ensembles = len({run.ensemble for run in findings.runs})
    return (
        f"{count(len(findings.runs), 'run')} of {count(ensembles, 'ensemble')} were shown the same "
        f"{findings.images} images."
    )


def _how_much(findings: Findings) -> str:
    kept = sum(channel.kept for channel in findings.channels)
    totals = [run.total_bits for run in findings.summaries]
    return (
        f"Of their {len(findings.channels)} channels, {kept} tell more than "
        f"{findings.threshold_bits:g} bits; the channels of one run add up to "
        f"{number(min(totals), digits=1)} to {number(max(totals), digits=1)} bits."
    )


def _found_again(findings: Findings) -> str:
    if not findings.hot_spots:
        return "No piece of information was found again in enough runs to make a hot spot."
    first = findings.hot_spots[0]
    known = first.factor is not None and (first.factor_nmi or 0.0) >= _KNOWN
    goes = f" and goes with {first.factor} (NMI {number(first.factor_nmi)})" if known else ""
    return (
        f"{count(len(findings.hot_spots), 'hot spot')} "
        f"{'holds' if len(findings.hot_spots) == 1 else 'hold'} what was found again and again: "
        f"the first is in {first.members} of {first.runs} runs, tells "
        f"{number(first.mean_bits)} bits a channel{goes}."
    )


def _whom(findings: Findings) -> str:
    best = findings.most_trusted
    if best.agreement <= 0:
        return "No run tells anything that another one confirms."
    return (
        f"The runs agree to {number(findings.agreement)} (1 is full agreement); the others confirm "
        f"{findings.runs[best.run].name} best, to {number(best.agreement)}."
    )


def _failed(findings: Findings) -> str:
    failed = len(findings.failed)
    if not failed:
        return ""
    return (
        f"{count(failed, 'more member')} {'is' if failed == 1 else 'are'} left out, because "
        f"{'its' if failed == 1 else 'their'} training failed."
    )


def listed(names: Sequence[str]) -> str:
    """Names one after the other, as people write them.

    >>> listed(["beta", "gamma", "capacity"])
    'beta, gamma and capacity'
    """
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)

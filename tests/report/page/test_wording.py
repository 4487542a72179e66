"""Findings in words: the right forms, and no factor claimed where there is none."""

from dataclasses import replace

import pytest

from toolkit.report import FactorMatch, Findings, SecondMatch
from toolkit.report.intervals import Interval
from toolkit.report.page.wording import count, heading, listed, number, why_not


def match(name: str, nmi: float, *, spread: float = 0.05, chance: float = 0.1) -> FactorMatch:
    ends = Interval(low=nmi - spread, high=nmi + spread)
    return FactorMatch(name=name, nmi=nmi, interval=ends, chance=chance)


@pytest.mark.parametrize(
    ("factors", "words"),
    [
        ((match("size", 0.8), match("x", 0.3)), "size"),
        ((match("size", 0.8),), "size"),
        # Not clearly ahead
        ((match("x", 0.25), match("y", 0.25)), "Hot spot 1 (nearest: x 0.25, y 0.25)"),
        ((match("x", 0.4, spread=0.2), match("y", 0.3)), "Hot spot 1 (nearest: x 0.40, y 0.30)"),
        ((match("x", 0.25), match("y", 0.22, chance=0.3)), "Hot spot 1 (nearest: x 0.25)"),
        # Many values by chance
        ((match("id", 0.115, spread=0.001, chance=0.12),), "Hot spot 1 (no known factor)"),
        ((), "Hot spot 1"),
    ],
)
def test_a_hot_spot_is_named_only_by_what_is_above_chance_and_ahead(
    factors: tuple[FactorMatch, ...], words: str, findings: Findings
) -> None:
    assert heading(replace(findings.hot_spots[0], factors=factors, second=None)) == words


@pytest.mark.parametrize(
    ("bits", "chance", "words"),
    [(0.9, 0.1, "x and y"), (0.9, 1.0, "x"), (0.01, 0.001, "x")],
)
def test_a_hot_spot_about_two_factors_is_named_by_both(
    bits: float, chance: float, words: str, findings: Findings
) -> None:
    second = SecondMatch(name="y", bits=bits, chance=chance)
    factors = (match("x", 0.6), match("y", 0.2))
    spot = replace(findings.hot_spots[0], factors=factors, second=second)
    assert heading(spot) == words


def test_a_group_says_why_it_is_not_claimed(findings: Findings) -> None:
    spot = findings.hot_spots[0]
    assert why_not(spot) == ""
    wavering = replace(spot, stability=replace(spot.stability, images=0.7))
    assert why_not(wavering) == "not stable"
    assert not wavering.claimed
    weak = replace(wavering, by_chance=1 / 19)
    assert why_not(weak) == "not stable and no stronger than with random axes"


def test_numbers_have_a_true_minus_and_a_dash_for_nothing() -> None:
    assert [number(-0.5), number(2.0, digits=0), number(None)] == ["−0.50", "2", "–"]


def test_one_is_not_many() -> None:
    assert [count(0, "run"), count(1, "run"), count(2, "run")] == ["0 runs", "1 run", "2 runs"]
    assert [listed([]), listed(["a"]), listed(["a", "b"])] == ["", "a", "a and b"]

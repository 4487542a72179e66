"""Findings in words: the right forms, and no factor claimed where there is none."""

from dataclasses import replace

import pytest

from toolkit.report import Findings
from toolkit.report.page.wording import count, heading, listed, number


@pytest.mark.parametrize(
    ("nmi", "factor", "words"),
    [(0.8, "size", "size"), (0.05, "size", "no known factor"), (None, None, "Hot spot 1")],
)
def test_a_hot_spot_is_named_after_a_factor_it_has_to_do_with(
    nmi: float | None, factor: str | None, words: str, findings: Findings
) -> None:
    spot = replace(findings.hot_spots[0], factor=factor, factor_nmi=nmi)
    assert heading(spot) == words


def test_numbers_have_a_true_minus_and_a_dash_for_nothing() -> None:
    assert [number(-0.5), number(2.0, digits=0), number(None)] == ["−0.50", "2", "–"]


def test_one_is_not_many() -> None:
    assert [count(0, "run"), count(1, "run"), count(2, "run")] == ["0 runs", "1 run", "2 runs"]
    assert [listed([]), listed(["a"]), listed(["a", "b"])] == ["", "a", "a and b"]

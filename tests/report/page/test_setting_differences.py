"""Sentences say which settings differ, and never that two are equal."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.report.page.test_render import page
from toolkit.report import Findings
from toolkit.report.page.setting_differences import SHOWN, difference_sentences, rows_shown
from toolkit.report.scores.records import Setting


def judged(findings: Findings, p_values: Sequence[float]) -> Findings:
    """The findings with that p-value of the pairs (0, 1), (0, 2) and so on, in bits."""
    bits = findings.setting_differences[0]
    return replace(
        findings,
        settings=tuple(
            Setting(label=f"beta={number}", runs=()) for number in range(len(p_values) + 1)
        ),
        setting_differences=tuple(
            replace(bits, second=number, p_value=p / len(p_values), p_holm=p)
            for number, p in enumerate(p_values, start=1)
        ),
    )


@pytest.mark.parametrize(
    ("p_values", "sentence"),
    [
        ([0.2, 0.05], "In bits, no difference between settings is shown."),
        ([0.04], "In bits, settings differ: beta=0 from beta=1."),
        (
            [0.04, 0.3, 0.01],
            "In bits, settings differ: beta=0 from beta=1 and beta=0 from beta=3; of 1 other "
            "pair no difference is shown.",
        ),
        (
            [0.01] * 5 + [0.06] * 2,
            "In bits, the settings of 5 of 7 pairs differ; of 2 other pairs no difference is "
            "shown.",
        ),
    ],
)
def test_settings_that_differ_are_named(
    findings: Findings, p_values: list[float], sentence: str
) -> None:
    assert difference_sentences(judged(findings, p_values)) == [sentence]


def test_the_page_shows_the_sentences_and_every_pair(findings: Findings) -> None:
    text = page(findings)
    for sentence in difference_sentences(findings):
        assert sentence in text
    assert text.count("<td>shown</td>") == 2


def test_of_many_pairs_the_surest_are_shown(findings: Findings) -> None:
    many = judged(findings, [1 - 0.01 * number for number in range(60)])
    assert [pair.second for pair in rows_shown(many)] == list(range(60, 60 - SHOWN, -1))


def test_where_nothing_is_tested_there_is_no_section(findings: Findings) -> None:
    assert "Which settings differ" not in page(replace(findings, setting_differences=()))

"""One answer to which run to trust, in each case that can occur."""

from dataclasses import replace

import pytest

from toolkit.report import Findings
from toolkit.report.intervals import Interval
from toolkit.report.page.trust import standing_out, trust_sentences
from toolkit.report.recommendation import Recommendation, SettingConfirmation


def judged(findings: Findings, **changed: object) -> Findings:
    found = findings.recommendation
    settings = tuple(
        SettingConfirmation(
            label=f"beta={beta}",
            runs=runs,
            confirmed_bits=bits,
            interval=Interval(low=bits - 0.5, high=bits + 0.5),
        )
        for beta, runs, bits in ((4, (3, 4, 5), 2.5), (1, (0, 1, 2), 1.0))
    )
    confirmations = tuple(
        replace(entry, bits=4.0, confirmed_bits=2.0 + (entry.run == 3))
        for entry in found.confirmations
    )
    values: dict[str, object] = {
        "confirmations": confirmations,
        "settings": settings,
        "best": 3,
        "rivals": (),
        "setting_stands_out": False,
    }
    return replace(findings, recommendation=Recommendation(**{**values, **changed}))


@pytest.mark.parametrize(
    ("changed", "sentences"),
    [
        (
            {},
            (
                "Trust planted/beta=4 seed=0 (run 4):",
                "the others confirm 3.00 of its 4.0 bits beyond random axes, more than of any "
                "other run.",
            ),
        ),
        (
            {"rivals": (4, 5), "setting_stands_out": True},
            (
                "Trust the runs of beta=4; none of them stands out.",
                "They confirm 2.50 bits of one another (2.00–3.00), more than the runs of any "
                "other setting. planted/beta=4 seed=0 (run 4) leads: the others confirm 3.00 of "
                "its 4.0 bits beyond random axes, but 2 other runs cannot be told from it.",
            ),
        ),
        (
            {"rivals": (4,)},
            (
                "No run stands out.",
                "planted/beta=4 seed=0 (run 4) leads: the others confirm 3.00 of its 4.0 bits "
                "beyond random axes, but 1 other run cannot be told from it.",
                "No setting stands out either: beta=4 leads, whose runs confirm 2.50 bits of one "
                "another (2.00–3.00). More seeds would tell.",
            ),
        ),
        (
            {"rivals": (4,), "settings": ()},
            (
                "No run stands out.",
                "planted/beta=4 seed=0 (run 4) leads: the others confirm 3.00 of its 4.0 bits "
                "beyond random axes, but 1 other run cannot be told from it.",
            ),
        ),
        (
            {"best": None},
            (
                "No run stands out.",
                "Nothing that a run knows comes back in the others beyond what random axes would "
                "share. Train longer, or train more seeds of one setting.",
            ),
        ),
    ],
)
def test_there_is_one_answer(
    findings: Findings, changed: dict[str, object], sentences: tuple[str, ...]
) -> None:
    assert trust_sentences(judged(findings, **changed)) == sentences


def test_a_run_is_marked_only_where_it_stands_out(findings: Findings) -> None:
    assert standing_out(judged(findings)) == 3
    assert standing_out(judged(findings, rivals=(4,))) is None
    assert standing_out(judged(findings, best=None)) is None

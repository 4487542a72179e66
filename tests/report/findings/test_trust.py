"""Which run to trust, in spaces whose answer is known."""

import pytest
import torch

from tests.report.findings.planted_spaces import pieces, space, turned
from toolkit.information import compare_channels
from toolkit.posteriors import Posteriors
from toolkit.report.findings.trust import recommend
from toolkit.report.recommendation import Recommendation
from toolkit.report.scores.records import Setting


def answer(runs: list[Posteriors], settings: list[tuple[int, ...]]) -> Recommendation:
    comparison = compare_channels(
        torch.cat([run.mean for run in runs], dim=1),
        torch.cat([run.log_variance for run in runs], dim=1),
    )
    return recommend(
        comparison,
        runs,
        [Setting(label=f"s{row}", runs=inside) for row, inside in enumerate(settings)],
        kept=comparison.information.numpy() > 0.01,
        seed=0,
    )


def test_axes_that_come_back_are_confirmed_and_turned_ones_are_not() -> None:
    three = pieces(3)
    same = [space(three * torch.tensor([1, -1, 1]))] + [space(three) for _ in range(3)]
    found = answer(
        [*same, *(turned(three, seed) for seed in range(4))], [(0, 1, 2, 3), (4, 5, 6, 7)]
    )
    first, second = found.settings
    assert first.runs == (0, 1, 2, 3)
    assert first.confirmed_bits == pytest.approx(found.of(0).bits, rel=0.05)
    assert first.interval is not None
    assert second.interval is not None
    assert second.interval.low < 0 < second.interval.high
    assert found.setting_stands_out
    assert found.best in first.runs
    assert set(found.rivals) == set(first.runs) - {found.best}  # copies cannot be told apart


def test_a_collapsed_run_is_never_the_answer() -> None:
    three = pieces(3)
    collapsed = [space(three[:, :1])] * 4
    found = answer([*collapsed, *[space(three)] * 4], [(0, 1, 2, 3), (4, 5, 6, 7)])
    assert found.best in (4, 5, 6, 7)
    assert found.of(0).by_chance is None
    assert (found.of(0).confirmed_bits, found.of(0).interval) == (0.0, None)
    alone = answer(collapsed, [(0, 1, 2, 3)])
    assert (alone.best, alone.rivals) == (None, ())


def test_a_run_that_all_others_confirm_more_stands_out() -> None:
    """It alone knows all five pieces; the others know three of them, and noise of their own."""
    five = pieces(5)
    others = [
        space(torch.cat([five[:, [row % 5, (row + 1) % 5]], pieces(2, seed=row + 1)], dim=1))
        for row in range(10)
    ]
    found = answer([*others, space(five)], [(run,) for run in range(11)])
    assert (found.best, found.rivals, found.settings) == (10, (), ())
    assert found.confirmations[0].run == 10


def test_two_runs_show_no_spread_and_neither_stands_out() -> None:
    found = answer([space(pieces(3))] * 2, [(0, 1)])
    assert (found.best, found.rivals) == (0, (1,))
    assert found.settings[0].interval is None
    assert not found.setting_stands_out

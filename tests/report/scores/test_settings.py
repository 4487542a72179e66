"""Which runs differ in nothing but their seed."""

from tests.report.conftest import planted_run
from toolkit.report.scores.settings import settings_of


def test_runs_that_differ_in_a_text_are_of_two_settings() -> None:
    runs = [
        planted_run(1.0, seed, options={"estimator": estimator})
        for estimator in ("mws", "mss")
        for seed in (0, 1)
    ]
    found = settings_of(runs)
    assert [setting.runs for setting in found] == [(0, 1), (2, 3)]
    assert [setting.label for setting in found] == ["estimator=mws", "estimator=mss"]
    assert runs[0].place != runs[2].place


def test_runs_that_differ_in_nothing_but_their_seed_are_of_one() -> None:
    runs = [planted_run(1.0, seed, options={"estimator": "mws"}) for seed in (0, 1)]
    assert [(setting.label, setting.runs) for setting in settings_of(runs)] == [("all", (0, 1))]

"""What runs share, and in what they differ."""

from dataclasses import replace

from tests.report.conftest import planted
from toolkit.report.conditions import conditions_of_runs


def test_a_setting_that_some_runs_lack_is_not_everywhere() -> None:
    runs, _ = planted(betas=(1.0,), seeds=(0, 1))
    first, second = runs
    found = conditions_of_runs([replace(first, conditions={"scale": "2"}), second])
    by_name = {condition.name: condition for condition in found}
    assert by_name["data set"].everywhere
    assert by_name["data set"].runs_of == {"squares": (0, 1)}
    assert not by_name["scale"].everywhere
    assert by_name["scale"].runs_of == {"2": (0,)}


def test_numbers_of_the_objective_are_no_condition() -> None:
    runs, _ = planted()
    assert [condition.name for condition in conditions_of_runs(runs)] == ["data set", "objective"]

"""What decides a study, and what is refused."""

from typing import Any

import pytest

from tests.studies.examples import CAPACITY, settings
from toolkit.errors import ToolkitError
from toolkit.records import Target
from toolkit.studies.outcomes import fresh_record
from toolkit.studies.settings import settings_of


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"space": {}},
            "study 'sweep' has nothing to choose from. "
            "Give its space a range or a list of choices.",
        ),
        ({"trials": 0}, "study 'sweep' has `trials: 0`. Give a whole number of 1 or more."),
        ({"batch": 0}, "study 'sweep' has `batch: 0`. Give a whole number of 1 or more."),
        ({"seed": -1}, "study 'sweep' has `seed: -1`. Give a whole number of 0 or more."),
    ],
)
def test_impossible_settings_are_refused(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ToolkitError) as caught:
        settings("tpe", **change)
    assert str(caught.value) == sentence


def test_everything_but_the_number_of_trials_makes_another_study() -> None:
    changes: list[dict[str, Any]] = [
        {},
        {"name": "other"},
        {"space": {"capacity": CAPACITY}},
        {"seed": 12},
        {"batch": 4},
        {"evaluation": "4567"},
        {"objectives": (Target(name="distortion", direction="minimise"),)},
    ]
    digests = {settings("tpe", **change).digest for change in changes}
    assert len(digests | {settings("random").digest}) == len(changes) + 1
    assert settings("tpe", trials=99).digest == settings("tpe").digest


def test_a_changed_space_has_another_name_in_the_storage() -> None:
    name = settings("tpe").storage_name
    assert name == settings("random", trials=3).storage_name
    assert name.startswith("sweep-")
    assert len(name) == len("sweep-") + 8
    assert settings("tpe", space={"capacity": CAPACITY}).storage_name != name


@pytest.mark.parametrize("sampler", ["grid", "tpe"])
def test_settings_come_back_from_their_record(sampler: str) -> None:
    given = settings(sampler)
    assert settings_of(fresh_record(given), trials=12) == given

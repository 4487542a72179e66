import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.training.examples import OBJECTIVES, settings
from toolkit.errors import ToolkitError, UnknownNameError
from toolkit.networks import NETWORKS, Burgess
from toolkit.objectives import LIKELIHOODS, SCHEDULES, Bernoulli, BetaVAE, Gaussian, Linear
from toolkit.objectives import OBJECTIVES as ROWS
from toolkit.training import MemberSettings

DAMAGED = "what a member was made from is damaged"
AGAIN = "Run `dvc repro` to make its record again, or fetch the member again."

MEMBER_KEYS: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "golden" / "member_keys.json").read_text(encoding="utf-8")
)
GOLDEN = MemberSettings(
    data="d" * 64,
    image_shape=(1, 64, 64),
    network=Burgess(latents=3),
    objective=BetaVAE(beta=2.0),
    likelihood=Bernoulli(),
    learning_rate=1e-3,
    steps=20,
    batch_size=8,
    precision="float32",
    seed=1,
)
CHANGES: dict[str, dict[str, Any]] = {
    "data": {"data": "0" * 64},
    "image_shape": {"image_shape": (3, 32, 32)},
    "network": {"network": Burgess(latents=4)},
    "objective": {"objective": OBJECTIVES["factor_vae"]},
    "weight": {"objective": BetaVAE(beta=2.0000000000000004)},
    "schedule": {"objective": BetaVAE(beta=Linear(end=2.0, steps=5))},
    "likelihood": {"likelihood": Gaussian()},
    "learning_rate": {"learning_rate": 1.1e-3},
    "steps": {"steps": 21},
    "batch_size": {"batch_size": 9},
    "precision": {"precision": "float64"},
    "seed": {"seed": 2},
}


def test_equal_settings_have_one_key() -> None:
    assert settings().key == settings().key
    assert len(settings().key) == 64


@pytest.mark.parametrize("name", CHANGES)
def test_each_setting_changes_the_key(name: str) -> None:
    assert replace(settings(), **CHANGES[name]).key != settings().key


def test_the_key_tells_all_settings_apart() -> None:
    members = [settings(name, **change) for name in OBJECTIVES for change in CHANGES.values()]
    assert len({member.key for member in members}) == len(set(members))


@pytest.mark.usefixtures("unchecked")
def test_whole_numbers_where_floats_are_meant_are_the_same_settings() -> None:
    first = settings(objective=BetaVAE(beta=4.0), learning_rate=1.0)
    other = settings(objective=BetaVAE(beta=4), learning_rate=1)
    assert first.key == other.key


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_settings_come_back_from_their_record(objective: str) -> None:
    chosen = settings(objective)
    back = MemberSettings.from_json(json.loads(json.dumps(chosen.as_json())))
    assert back == chosen
    assert back.key == chosen.key
    assert back.dtype == torch.float32


def test_a_record_of_another_schema_is_refused() -> None:
    with pytest.raises(ToolkitError) as caught:
        MemberSettings.from_json({**settings().as_json(), "schema": "training/0"})
    assert str(caught.value) == (
        "the settings of this member are of schema 'training/0', not 'training/2'. "
        "Train it again, or read it with the version of the toolkit that wrote it."
    )


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"network": {"name": "burges"}},
            "no network is called 'burges'. Did you mean 'burgess'?",
        ),
        (
            {"objective": {"name": "beta"}},
            "no objective is called 'beta'. Did you mean 'beta_vae'?",
        ),
        (
            {"likelihood": {"name": "bernouli"}},
            "no likelihood is called 'bernouli'. Did you mean 'bernoulli'?",
        ),
        (
            {"precision": "float16"},
            "no precision is called 'float16'. Did you mean 'float64'?",
        ),
        (
            {"objective": {"name": "beta_vae", "bta": 1.0}},
            "no setting of the objective 'beta_vae' is called 'bta'. Did you mean 'beta'?",
        ),
    ],
)
def test_names_that_no_table_holds_are_hinted_at(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UnknownNameError) as caught:
        MemberSettings.from_json({**settings().as_json(), **change})
    assert str(caught.value) == sentence


def test_an_incomplete_record_is_refused() -> None:
    record = settings().as_json()
    del record["steps"]
    with pytest.raises(ToolkitError) as caught:
        MemberSettings.from_json(record)
    assert str(caught.value) == f"{DAMAGED}: it lacks `steps`. {AGAIN}"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"steps": "7"}, '`steps` is "7", and a whole number is expected'),
        ({"seed": True}, "`seed` is true, and a whole number is expected"),
        ({"network": 3}, "`network` is 3, and an object is expected"),
        (
            {"optimiser": {"name": "adam", "learning_rate": None}},
            "`optimiser.learning_rate` is null, and a finite number is expected",
        ),
    ],
)
def test_values_of_other_types_are_refused(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(ToolkitError) as caught:
        MemberSettings.from_json({**settings().as_json(), **change})
    assert str(caught.value) == f"{DAMAGED}: {reason}. {AGAIN}"


def test_an_image_has_colours_height_and_width() -> None:
    with pytest.raises(ToolkitError) as caught:
        MemberSettings.from_json({**settings().as_json(), "image_shape": [64, 64]})
    assert str(caught.value) == (
        "an image has [64, 64] as its shape. Give three numbers: colours, height and width."
    )


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("name", MEMBER_KEYS)
def test_keys_stay_what_they_were(name: str) -> None:
    """Keys as they were computed when a row came: a changed one trains every member again."""
    case = MEMBER_KEYS[name]
    record = {**GOLDEN.as_json(), case["part"]: case["row"]}
    assert MemberSettings.from_json(record).key == case["key"]


def test_every_row_of_every_table_has_a_key_that_stays() -> None:
    tables = {
        "objective": ROWS,
        "network": NETWORKS,
        "likelihood": LIKELIHOODS,
    }
    rows = {(case["part"], case["row"]["name"]) for case in MEMBER_KEYS.values()}
    assert rows == {(part, name) for part, table in tables.items() for name in table}
    schedules = {
        value["schedule"]
        for case in MEMBER_KEYS.values()
        for value in case["row"].values()
        if isinstance(value, dict)
    }
    assert schedules == set(SCHEDULES)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"steps": -1}, "`steps` is -1. Set it to 0 or more."),
        ({"batch_size": 0}, "`batch_size` is 0. Set it to 1 or more."),
        ({"seed": -5}, "`seed` is -5. Set it to 0 or more."),
        (
            {"learning_rate": 0.0},
            "`learning_rate` is 0.0. Set it to a finite number above 0.",
        ),
        (
            {"learning_rate": float("nan")},
            "`learning_rate` is nan. Set it to a finite number above 0.",
        ),
    ],
)
def test_impossible_settings_are_refused(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ToolkitError) as caught:
        settings(**change)
    assert str(caught.value) == sentence


class Homemade(BetaVAE):
    """An objective that the table does not hold."""


def test_an_objective_outside_the_table_has_no_key() -> None:
    with pytest.raises(ToolkitError) as caught:
        _ = settings(objective=Homemade()).key
    assert str(caught.value) == (
        f"Homemade is not in the table that holds {', '.join(sorted(ROWS))}. "
        "Add it there, so that its members can be recorded."
    )

import dataclasses
from pathlib import Path

import pytest
import torch

from tests.records.examples import MEMBER
from toolkit.errors import ToolkitError, UnknownNameError
from toolkit.networks import Burgess
from toolkit.objectives.likelihoods import Bernoulli
from toolkit.records import MemberRecord
from toolkit.training import (
    ImportedSettings,
    MemberSettings,
    load_member,
    load_settings,
    save_weights,
)

SETTINGS = ImportedSettings(
    source="disentangling-vae",
    weights="a" * 64,
    data="b" * 64,
    image_shape=(1, 32, 32),
    network=Burgess(latents=3),
    objective={"name": "disvae_betaH", "beta": 4.0},
    seed=1234,
    published={"lr": 5e-4, "img_size": [1, 32, 32]},
)


def write(folder: Path, settings: ImportedSettings = SETTINGS, **changed: object) -> None:
    model = settings.build()
    save_weights(folder, model, key=settings.key)
    value = {**settings.as_json(), **changed}
    record = {**MEMBER, "ensemble": None, "key": settings.key, "settings": value}
    MemberRecord.from_json(record, source="the record").write(folder)


def test_an_imported_member_comes_back_as_any_other(tmp_path: Path) -> None:
    write(tmp_path)
    assert load_settings(tmp_path) == SETTINGS
    back = load_member(tmp_path)
    assert not back.training
    expected = SETTINGS.build().state_dict()
    assert all(torch.equal(value, expected[name]) for name, value in back.state_dict().items())


def test_weights_of_another_import_are_refused(tmp_path: Path) -> None:
    write(tmp_path, weights="c" * 64)
    with pytest.raises(ToolkitError, match="holds the weights of another member"):
        load_member(tmp_path)


@pytest.mark.parametrize("field", ["weights", "data", "seed", "objective", "published"])
def test_the_key_changes_with_every_setting(field: str) -> None:
    other = {"weights": "c" * 64, "data": "c" * 64, "seed": 1, "objective": {"name": "disvae"}}
    changed = dataclasses.replace(SETTINGS, **{field: other.get(field, {})})
    assert changed.key != SETTINGS.key
    assert len(SETTINGS.key) == 64


def test_distortion_and_rate_are_measured_without_a_weight() -> None:
    measured = SETTINGS.measured()
    assert isinstance(measured, MemberSettings)
    assert (measured.likelihood, measured.steps, measured.seed) == (Bernoulli(), 0, 1234)
    assert measured.objective.weights(None)["beta"] == 1.0


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"image_shape": 32}, "`image_shape` is 32, and a list is expected"),
        ({"objective": {"name": None}}, "`objective.name` is null"),
        ({"weights": 5}, "`weights` is 5, and a text is expected"),
    ],
)
def test_damaged_settings_are_refused(changed: dict[str, object], reason: str) -> None:
    with pytest.raises(ToolkitError) as caught:
        ImportedSettings.from_json({**SETTINGS.as_json(), **changed})
    assert str(caught.value) == (
        f"what an imported member was made from is damaged: {reason}. Import it again."
    )


def test_a_network_that_no_table_holds_is_told() -> None:
    with pytest.raises(UnknownNameError) as caught:
        ImportedSettings.from_json({**SETTINGS.as_json(), "network": {"name": "burges"}})
    assert str(caught.value) == "no network is called 'burges'. Did you mean 'burgess'?"

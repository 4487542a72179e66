from pathlib import Path
from typing import Any

import pytest
import torch

import toolkit
from tests.records.examples import MEMBER
from tests.training.examples import halves, run, settings
from toolkit.errors import ToolkitError
from toolkit.files import load_tensors, save_tensors
from toolkit.records import MemberRecord
from toolkit.records.names import RECORD, WEIGHTS
from toolkit.training import Fitted, MemberSettings, fit, load_member, load_settings, save_weights
from toolkit.training.member import WEIGHTS_SCHEMA


def write_record(folder: Path, chosen: MemberSettings, **more: Any) -> None:  # noqa: ANN401
    value = {**MEMBER, "key": chosen.key, "settings": chosen.as_json(), **more}
    MemberRecord.from_json(value, source="the record").write(folder)


def fitted_in(folder: Path, chosen: MemberSettings) -> Fitted:
    """A member on disk."""
    fitted = run(fit(chosen, halves()))
    save_weights(folder, fitted.model, key=chosen.key)
    write_record(folder, chosen)
    return fitted


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_a_member_comes_back_bit_by_bit(tmp_path: Path, precision: str) -> None:
    chosen = settings(steps=2, precision=precision)
    fitted = fitted_in(tmp_path, chosen)
    before = torch.get_rng_state()
    back = load_member(tmp_path)
    assert torch.equal(torch.get_rng_state(), before)
    assert load_settings(tmp_path) == chosen
    assert not back.training
    for name, value in fitted.model.state_dict().items():
        assert back.state_dict()[name].dtype == chosen.dtype
        assert torch.equal(back.state_dict()[name], value)
    images = halves().to(chosen.dtype) / 255
    assert torch.equal(back.encode(images)[0], fitted.model.encode(images)[0])


def test_the_toolkit_has_the_loader_at_its_front_door(tmp_path: Path) -> None:
    fitted_in(tmp_path, settings(steps=1))
    assert isinstance(toolkit.load_member(str(tmp_path)), torch.nn.Module)
    with pytest.raises(AttributeError) as caught:
        _ = toolkit.load_membr
    assert str(caught.value) == "module 'toolkit' has no attribute 'load_membr'"


def test_weights_of_another_member_are_refused(tmp_path: Path) -> None:
    fitted_in(tmp_path, settings(steps=1))
    write_record(tmp_path, settings(steps=1, seed=9))
    with pytest.raises(ToolkitError) as caught:
        load_member(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path / WEIGHTS} holds the weights of another member than {tmp_path / RECORD} "
        "describes. Fetch the member again."
    )


@pytest.mark.parametrize("name", [RECORD, WEIGHTS])
def test_a_missing_file_is_a_sentence(tmp_path: Path, name: str) -> None:
    fitted_in(tmp_path, settings(steps=1))
    (tmp_path / name).unlink()
    with pytest.raises(ToolkitError) as caught:
        load_member(tmp_path)
    assert str(caught.value).startswith(f"{tmp_path / name} is missing. Run `dvc repro` to make it")


def test_p27_weights_that_lack_a_layer_are_refused_and_not_made_up(tmp_path: Path) -> None:
    fitted_in(tmp_path, settings(steps=1))
    tensors, metadata = load_tensors(tmp_path / WEIGHTS, schema=WEIGHTS_SCHEMA)
    del tensors["decoder.0.weight"]
    save_tensors(tmp_path / WEIGHTS, tensors, schema=WEIGHTS_SCHEMA, **metadata)
    with pytest.raises(ToolkitError) as caught:
        load_member(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path / WEIGHTS} is damaged: it does not hold the layers that "
        f"{tmp_path / RECORD} describes. Fetch the member again."
    )


def test_a_member_that_failed_says_why_it_has_no_weights(tmp_path: Path) -> None:
    reason = "the loss became nan at step 3. Lower `learning_rate`."
    write_record(tmp_path, settings(), failure={"step": 3, "reason": reason})
    with pytest.raises(ToolkitError) as caught:
        load_member(tmp_path)
    assert str(caught.value) == (
        f"the member in {tmp_path} has no weights, because it failed: {reason}"
    )


def test_a_record_without_settings_is_refused(tmp_path: Path) -> None:
    value = {**MEMBER, "settings": {}}
    MemberRecord.from_json(value, source="the record").write(tmp_path)
    with pytest.raises(ToolkitError) as caught:
        load_member(tmp_path)
    assert str(caught.value) == (
        "the settings of this member are of schema None, not 'training/2'. "
        "Train it again, or read it with the version of the toolkit that wrote it."
    )

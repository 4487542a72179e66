import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.importers.models import SPECS
from toolkit.errors import ToolkitError
from toolkit.importers.disvae_specs import Specs, read_specs

AGAIN = "Copy it again from its publisher."


def read(folder: Path, **specs: Any) -> Specs:  # noqa: ANN401 - whatever JSON can hold
    path = folder / "specs.json"
    path.write_text(json.dumps({**SPECS, **specs}))
    return read_specs(path)


@pytest.mark.parametrize(
    ("loss", "numbers"),
    [
        ("VAE", {"beta": 1.0, "anneal_steps": 1e4}),
        ("betaH", {"beta": 4.0, "anneal_steps": 1e4}),
        (
            "betaB",
            {"gamma": 1e3, "capacity": 25.0, "capacity_start": 0.0, "capacity_steps": 1e4},
        ),
        ("factor", {"gamma": 6.0, "anneal_steps": 1e4, "discriminator_learning_rate": 5e-5}),
        ("btcvae", {"alpha": 1.0, "beta": 6.0, "gamma": 1.0, "anneal_steps": 1e4}),
    ],
)
def test_a_loss_has_its_own_numbers_and_a_name_that_tells_whose_it_is(
    tmp_path: Path, loss: str, numbers: dict[str, float]
) -> None:
    assert read(tmp_path, loss=loss).objective() == {"name": f"disvae_{loss}", **numbers}


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("img_size", [1, 28, 28], "[1 or 3, 32, 32] or [1 or 3, 64, 64]"),
        ("img_size", None, "[1 or 3, 32, 32] or [1 or 3, 64, 64]"),
        ("img_size", "32", "[1 or 3, 32, 32] or [1 or 3, 64, 64]"),
        ("latent_dim", 0, "a whole number from 1 to 10000"),
        ("latent_dim", 2.5, "a whole number from 1 to 10000"),
        ("latent_dim", True, "a whole number from 1 to 10000"),
        ("latent_dim", 10**6, "a whole number from 1 to 10000"),
        ("seed", -1, "a whole number from 0 to 4294967295"),
        ("loss", "betaX", "one of VAE, betaH, betaB, factor, btcvae"),
        ("loss", ["betaH"], "one of VAE, betaH, betaB, factor, btcvae"),
        ("betaH_B", "four", "a finite number"),
        ("betaH_B", 10**400, "a finite number"),
        ("name", 5, "a text"),
        ("name", "two\nlines", "one line of at most 250 characters"),
        ("dataset", "\x1b[2J", "one line of at most 250 characters"),
        ("experiment", "x" * 251, "one line of at most 250 characters"),
        ("rec_dist", "\ud800", "one line of at most 250 characters"),
    ],
)
def test_settings_that_cannot_be_are_refused(
    tmp_path: Path,
    name: str,
    value: Any,  # noqa: ANN401
    wanted: str,
) -> None:
    shown = json.dumps(value)[:60]
    with pytest.raises(ToolkitError) as caught:
        read(tmp_path, **{name: value})
    assert str(caught.value) == (
        f"{tmp_path / 'specs.json'} says {name} = {shown}, which is not {wanted}. {AGAIN}"
    )


def test_another_network_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ToolkitError) as caught:
        read(tmp_path, model_type="Locatello")
    assert str(caught.value) == (
        f"{tmp_path / 'specs.json'} describes a model of type 'Locatello'; only 'Burgess' is "
        "known here."
    )


@pytest.mark.parametrize(
    "content", [b"", b"{", b'{"lr": NaN}', b"\xff\xfe", b"[" * 100_000], ids=range(5)
)
def test_a_damaged_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "specs.json"
    path.write_bytes(content)
    with pytest.raises(ToolkitError) as caught:
        read_specs(path)
    assert str(caught.value) == (f"{path} is damaged: it is not JSON with finite numbers. {AGAIN}")


def test_a_list_is_no_specs(tmp_path: Path) -> None:
    path = tmp_path / "specs.json"
    path.write_text("[1]")
    with pytest.raises(
        ToolkitError, match=re.escape(f"{path} is not a JSON object of settings. {AGAIN}")
    ):
        read_specs(path)


def test_a_missing_file_and_an_unreadable_one_are_told(tmp_path: Path) -> None:
    with pytest.raises(ToolkitError) as caught:
        read_specs(tmp_path / "specs.json")
    assert str(caught.value) == (
        f"{tmp_path / 'specs.json'} is missing. Copy the whole folder of the model."
    )
    with pytest.raises(ToolkitError) as caught:
        read_specs(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path} cannot be read (Is a directory). Give yourself permission to read it."
    )


def test_only_plain_settings_that_disvae_writes_are_kept(tmp_path: Path) -> None:
    specs = read(tmp_path, experiment={"a": 1}, extra=3, lr=1e-3)
    assert specs.published["lr"] == 1e-3
    assert specs.published["img_size"] == [1, 32, 32]
    assert not {"experiment", "extra", "log_level"} & specs.published.keys()

"""The table of data sets: options, words, adding."""

from collections.abc import Callable
from dataclasses import FrozenInstanceError, fields, is_dataclass
from pathlib import Path

import pytest

from tests.data.writers import write_mnist
from toolkit.data import DATASETS, load
from toolkit.data.adding import add
from toolkit.data.catalogue import info_text, list_text
from toolkit.data.source import build_options
from toolkit.data.summary import summarise
from toolkit.errors import ToolkitError, UnknownNameError


@pytest.mark.parametrize("name", DATASETS)
def test_every_row_says_what_a_person_wants_to_know(name: str) -> None:
    row = DATASETS[name]
    assert row.about.endswith(".")
    assert row.licence
    assert row.home.startswith(("http", "docs/"))
    assert row.procedural == (row.licence == "none needed: computed")
    assert is_dataclass(row.options)
    options = build_options(row, name, {})
    with pytest.raises(FrozenInstanceError):
        setattr(options, fields(row.options)[0].name, 1)
    for text in (list_text(), info_text(name)):
        assert name in text
    assert row.licence in " ".join(info_text(name).split())


def test_info_tells_files_sizes_and_options() -> None:
    text = " ".join(info_text("mnist").split())
    assert "train-images-idx3-ubyte.gz (9,912,422 bytes, sha256 440fcabf" in text
    assert "subset = 'train'" in text
    assert "factors digit 10" in text
    assert "none: the images are computed" in info_text("circle")


@pytest.mark.parametrize("ask", [lambda: load("mnits", Path()), lambda: info_text("mnits")])
def test_an_unknown_name_is_answered_with_the_nearest(ask: Callable[[], object]) -> None:
    with pytest.raises(UnknownNameError) as caught:
        ask()
    assert str(caught.value) == "no data set is called 'mnits'. Did you mean 'mnist'?"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            {"image_sze": 32},
            "no option of data set sprites is called 'image_sze'. Did you mean 'image_size'?",
        ),
        (
            {"image_size": 4},
            "data set sprites cannot be made with image_size = 4: "
            "Input should be greater than or equal to 8.",
        ),
        (
            {"image_size": "32"},
            "data set sprites cannot be made with image_size = '32': "
            "Input should be a valid integer.",
        ),
        (
            {"antialias": 1},
            "data set sprites cannot be made with antialias = 1: Input should be a valid boolean.",
        ),
    ],
)
def test_options_are_checked_one_by_one(options: dict[str, object], sentence: str) -> None:
    with pytest.raises(ToolkitError) as caught:
        load("sprites", Path(), **options)
    assert str(caught.value) == sentence


@pytest.mark.parametrize("link", [False, True])
def test_added_files_are_checked_and_whole(tmp_path: Path, link: bool) -> None:
    write_mnist(tmp_path / "downloads")
    summary = add(
        "mnist", tmp_path / "downloads", tmp_path / "raw" / "mnist", link=link, subset="test"
    )
    again = load("mnist", tmp_path / "raw" / "mnist", subset="test")
    assert again.digest == load("mnist", tmp_path / "downloads", subset="test").digest
    assert summary == summarise(again)
    assert all(file.is_symlink() is link for file in (tmp_path / "raw" / "mnist").iterdir())
    assert [file.name for file in (tmp_path / "raw").iterdir()] == ["mnist"]


def test_files_that_cannot_be_read_are_not_added(tmp_path: Path) -> None:
    write_mnist(tmp_path / "downloads")
    (tmp_path / "downloads" / "t10k-labels-idx1-ubyte.gz").write_bytes(b"damage")
    with pytest.raises(ToolkitError, match="is no whole gzip file"):
        add("mnist", tmp_path / "downloads", tmp_path / "raw" / "mnist", link=False, subset="test")
    assert list((tmp_path / "raw").iterdir()) == []


def test_what_cannot_be_added_is_said(tmp_path: Path) -> None:
    def said(name: str, path: Path, folder: Path) -> str:
        with pytest.raises(ToolkitError) as caught:
            add(name, path, folder, link=False)
        return str(caught.value)

    nowhere, here = tmp_path / "nowhere", tmp_path / "here"
    here.mkdir()
    assert said("sprites", here, nowhere) == "sprites is computed; there is no file to add."
    assert said("mnist", nowhere, nowhere) == (
        f"{nowhere} is missing. Name the file or the folder that holds mnist."
    )
    assert said("mnist", here, here) == (
        f"{here} exists already. Delete it, or choose another place."
    )
    assert said("mnits", here, here) == "no data set is called 'mnits'. Did you mean 'mnist'?"
    (tmp_path / "file").write_text("")
    assert said("mnist", here, tmp_path / "file" / "mnist") == (
        f"{here} cannot be brought to {tmp_path}/file/mnist (File exists). Check both places."
    )

"""`toolkit data`, as people type it."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.cli.test_cli import refused, said
from toolkit.data import DATASETS
from toolkit.workspace import Workspace


def test_every_data_set_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    listed = said(capsys, "data", "list")
    for name in DATASETS:
        assert name in listed


def test_a_data_set_is_described(capsys: pytest.CaptureFixture[str]) -> None:
    told = said(capsys, "data", "info", "dsprites")
    assert "orientation" in told
    assert "dsprites_ndarray_co1sh3sc6or40x32y32_64x64" in told
    assert refused(capsys, "data", "info", "dsprits") == (
        "error: no data set is called 'dsprits'. Did you mean 'dsprites'?\n"
    )


def test_a_prepared_data_set_is_drawn(copy: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    told = said(capsys, "data", "show", "tiny").split()
    folder = "pictures/tiny"
    assert told == [f"{folder}/samples.png", f"{folder}/factors.png", f"{folder}/factors.gif"]
    with Image.open(copy.root / folder / "factors.gif") as moving:
        assert moving.n_frames > 4
    with Image.open(copy.root / folder / "samples.png") as sheet:
        assert sheet.width > 12 * 2 * 32
    assert refused(capsys, "data", "show", "tini") == (
        "error: no data set of params.yaml is called 'tini'. Did you mean 'tiny'?\n"
    )


def test_files_are_checked_and_put_in_place(
    copy: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    images = np.arange(5 * 64, dtype=np.uint16).reshape(5, 1, 8, 8).astype(np.uint8)
    np.savez(tmp_path / "mine.npz", images=images)
    add = ("data", "add", "npz", str(tmp_path / "mine.npz"))
    assert said(capsys, *add, "--option", "layout=nchw") == (
        "5 images of 8 × 8 × 1, 4 distinct, values 0 to 255\n"
        'in raw/npz; in params.yaml: `raw: raw/npz` and `options: {layout: "nchw"}`\n'
    )
    assert refused(capsys, *add, "--to", "raw/other", "--option", "layout") == (
        "error: `--option layout` is no NAME=VALUE. Write `--option layout=nchw`.\n"
    )
    assert refused(capsys, *add, "--to", "raw/other", "--option", "layuot=nchw") == (
        "error: no option of data set npz is called 'layuot'. Did you mean 'layout'?\n"
    )
    (tmp_path / "mine.npz").write_bytes(b"nothing")
    assert refused(
        capsys, "data", "add", "npz", str(tmp_path / "mine.npz"), "--to", "raw/other"
    ).startswith("error: ")
    assert not (copy.root / "raw/other").exists()


def test_what_is_computed_is_not_fetched(
    copy: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert refused(capsys, "data", "download", "sprites") == (
        "error: sprites is computed; there is no file to fetch.\n"
    )
    assert refused(capsys, "data", "download", "sprits") == (
        "error: no data set is called 'sprits'. Did you mean 'sprites'?\n"
    )
    assert "error: any pictures cannot be fetched" in refused(capsys, "data", "download", "folder")

"""Mistakes end a stage with a sentence, and leave nothing behind."""

import shutil
import sys
from pathlib import Path

import pytest

from tests.small import SMALL
from toolkit.stages import data as data_stage
from toolkit.stages.command import run_stage

RAW = SMALL[SMALL.index("source: sprites") : SMALL.index("    held_out")]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with nothing built."""
    source = tmp_path / "toolkit/data/procedural"
    source.mkdir(parents=True)
    (source / "sprites.py").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DVC_ROOT", raising=False)
    return tmp_path


def stage(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the data stage as DVC does."""
    monkeypatch.setattr(sys, "argv", ["data", name])
    run_stage(data_stage.make_data, kind="data", about="")


@pytest.mark.parametrize(
    ("good", "bad", "sentence"),
    [
        pytest.param(
            "size: 40",
            "size: 4000",
            "error: a probe set of 4000 images was asked of sprites, which has 128. "
            "Set `probe.size` in params.yaml to 1 up to 128.\n",
            id="probe larger than the data",
        ),
        pytest.param(
            RAW,
            "source: mnist\n    raw: nowhere\n",
            None,
            id="missing raw files",
        ),
        pytest.param("size: 40", "siz: 40", None, id="mistake in params.yaml"),
    ],
)
def test_a_mistake_is_a_sentence_and_exit_code_one(
    good: str,
    bad: str,
    sentence: str | None,
    place: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert good in SMALL
    (place / "params.yaml").write_text(SMALL.replace(good, bad))
    with pytest.raises(SystemExit) as ended:
        stage("tiny", monkeypatch)
    assert ended.value.code == 1
    said = capsys.readouterr().err
    assert said.startswith("error: ")
    assert "Traceback" not in said
    assert sentence is None or said == sentence
    assert not (place / "data").exists()


def test_a_name_that_is_not_declared_is_hinted(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "params.yaml").write_text(SMALL)
    with pytest.raises(SystemExit) as ended:
        stage("tini", monkeypatch)
    assert ended.value.code == 1
    assert capsys.readouterr().err == "error: no data is called 'tini'. Did you mean 'tiny'?\n"


def test_stopping_by_hand_says_how_to_go_on(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    (place / "params.yaml").write_text(SMALL)
    monkeypatch.setattr(sys, "argv", ["data", "tiny"])
    with pytest.raises(SystemExit) as ended:
        run_stage(interrupted, kind="data", about="")
    assert ended.value.code == 130
    assert capsys.readouterr().err == ("stopped. Run the same command again to go on from here.\n")


def test_a_folder_without_permission_is_said(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "params.yaml").write_text(SMALL)
    shutil.rmtree(place / "data", ignore_errors=True)
    (place / "data").write_text("a file where a folder should be")
    with pytest.raises(SystemExit) as ended:
        stage("tiny", monkeypatch)
    assert ended.value.code == 1
    assert "cannot be written" in capsys.readouterr().err

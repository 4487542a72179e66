"""Where Optuna keeps its copy, and what happens when it cannot."""

import gc
import os
from collections.abc import Callable
from pathlib import Path

import optuna
import pytest
from optuna_dashboard._storage_url import get_storage

from tests.studies.examples import finish, settings
from toolkit.errors import ToolkitError
from toolkit.records import read_study
from toolkit.studies import storage as storages
from toolkit.studies.projection import rebuild
from toolkit.studies.samplers import quiet
from toolkit.studies.storage import dashboard_command, open_storage, reachable
from toolkit.tracking.addresses import sqlite_address


def names(location: str | Path) -> list[str]:
    found = optuna.get_all_study_names(open_storage(location))
    gc.collect()
    return found


def test_a_journal_is_made_with_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "studies" / "journal.log"
    assert names(path) == []
    assert path.exists()


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "cut": lambda content: content[:-20],
    "cut at a line": lambda content: content[: content[:-1].rindex(b"\n") + 1],
    "half": lambda content: content[: len(content) // 2],
    "zeroed": lambda content: bytes(len(content)),
    "zeroed at the end": lambda content: content[:-40] + bytes(40),
    "zeroed in the middle": lambda content: content[:300] + bytes(40) + content[340:],
    "empty": lambda _: b"",
    "a database": lambda _: b"SQLite format 3\x00" + bytes(4080),
    "a picture": lambda _: b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    "UTF-16": lambda content: content.decode().encode("utf-16"),
    "no journal": lambda content: content + b"no journal\n",
    "glued": lambda content: content + b'{"op_code": 0, "worker',
    "a list": lambda content: content + b"[]\n",
    "an empty entry": lambda content: content + b"{}\n",
    "a number": lambda content: content + b"1\n",
    "an unknown entry": lambda content: content + b'{"op_code": 99, "worker_id": "x"}\n',
    "nested": lambda content: content + b"[" * 100_000 + b"\n",
    "a trial of no study": lambda content: content.replace(b'"study_id": 0', b'"study_id": 7'),
    "twice": lambda content: content + content,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_journal_is_mended_from_the_record(
    tmp_path: Path, damage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path, given = tmp_path / "journal.log", settings("random", trials=3)
    finish(tmp_path, given)
    path.write_bytes(DAMAGES[damage](path.read_bytes()))
    rebuild(tmp_path / "study", path)
    study = optuna.load_study(study_name=given.storage_name, storage=open_storage(path))
    known = [trial for trial in study.trials if "interrupted" not in trial.user_attrs]
    told = [(trial.user_attrs["record"], trial.params) for trial in known]
    record = read_study(tmp_path / "study")
    assert told == [(trial.number, trial.parameters) for trial in record.trials]
    warned = capsys.readouterr().err
    if damage in ("cut at a line", "empty", "twice", "a trial of no study"):  # whole entries
        assert warned == ""
    else:
        assert warned.startswith(f"warning: {path} is damaged, and ")
        assert warned.endswith(": studies are shown again from their records\n")
    finish(tmp_path, settings("random", trials=4))  # and it goes on


def test_a_folder_in_place_of_a_journal_is_told(tmp_path: Path) -> None:
    (tmp_path / "journal.log").mkdir()
    with pytest.raises(ToolkitError, match=r"journal\.log cannot be used \(\[Errno 21\]"):
        open_storage(tmp_path / "journal.log")


ODD = ["50%25 off", "a#b?c=d", 'it\'s "quoted"', "{braces}", "a b", "redis", "-x", "sqlite:", "ü"]


@pytest.mark.parametrize("odd", ODD)
def test_a_project_may_lie_in_a_folder_of_any_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, odd: str
) -> None:
    """Its journal, a database beside it, and what Optuna's dashboard is told of both."""
    folder = tmp_path / odd
    folder.mkdir()
    monkeypatch.chdir(folder)
    given = settings("random", trials=2)
    database = sqlite_address(folder / "studies.db", {"timeout": "60"})
    for storage in (Path(".studies/journal.log"), database):
        (folder / "study" / "study.json").unlink(missing_ok=True)
        finish(folder, given, storage)
        _, address, _, kind, *_ = dashboard_command(storage)
        assert not address.startswith("-")
        shown = get_storage(address, storage_class=kind) if kind == "JournalFileStorage" else None
        study = optuna.load_study(
            study_name=given.storage_name, storage=shown or open_storage(address)
        )
        assert len(study.trials) == 2
    gc.collect()
    assert {path.name for path in folder.iterdir()} <= {
        ".studies",
        "study",
        "studies.db",
    }
    assert [path.name for path in tmp_path.iterdir()] == [odd]


def test_a_lock_left_by_a_killed_process_is_taken_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storages, "PATIENCE", 3)
    (tmp_path / "journal.log.lock").touch()
    os.utime(tmp_path / "journal.log.lock", (1, 1))
    with quiet():
        optuna.create_study(study_name="sweep", storage=open_storage(tmp_path / "journal.log"))
    assert names(tmp_path / "journal.log") == ["sweep"]


def test_a_path_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    path = tmp_path / "file" / "journal.log"
    with pytest.raises(ToolkitError) as caught:
        open_storage(path)
    assert str(caught.value) == (
        f"the study storage {path} cannot be used ([Errno 17] File exists: "
        f"'{tmp_path / 'file'}'). Check the address and your permission, "
        "or remove it to use the journal file."
    )


def test_a_database_that_does_not_answer_is_refused_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(ToolkitError) as caught:
        open_storage("postgresql+nothing://me:secret@localhost:1/studies")
    assert str(caught.value) == (
        "the study storage postgresql+nothing://me:***@localhost:1/studies cannot be used "
        "(Can't load plugin: sqlalchemy.dialects:postgresql.nothing). Check the address and "
        "your permission, or remove it to use the journal file."
    )
    with pytest.raises(ToolkitError, match="unable to open database file") as caught:
        open_storage(f"sqlite:///{tmp_path}/absent/studies.db")
    assert "\n" not in str(caught.value)


def test_an_address_that_is_none_is_refused_without_what_follows_it() -> None:
    with pytest.raises(ToolkitError) as caught, reachable("://me:secret@x"):
        raise OSError("no such thing")
    assert str(caught.value) == (
        "the study storage ://… cannot be used (no such thing). Check the address and "
        "your permission, or remove it to use the journal file."
    )

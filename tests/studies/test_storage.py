"""Where Optuna keeps its copy, and what happens when it cannot."""

import gc
import os
from pathlib import Path

import optuna
import pytest

from tests.studies.examples import finish, settings
from toolkit.errors import ToolkitError
from toolkit.studies import storage as storages
from toolkit.studies.samplers import quiet
from toolkit.studies.storage import open_storage, reachable


def names(location: str | Path) -> list[str]:
    found = optuna.get_all_study_names(open_storage(location))
    gc.collect()
    return found


def test_a_journal_is_made_with_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "studies" / "journal.log"
    assert names(path) == []
    assert path.exists()


@pytest.mark.parametrize("damage", [b"no journal\n", b'{"op_code": 0, "worker', b"[]\n", b"{}\n"])
def test_a_journal_that_cannot_be_read_is_begun_anew(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "journal.log"
    finish(tmp_path, settings("random", trials=2))
    with path.open("ab") as file:
        file.write(damage)
    assert names(path) == []
    assert path.read_bytes() == b""


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

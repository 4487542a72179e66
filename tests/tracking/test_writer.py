"""Every clone of a project has a name of its own, which stays with it."""

import platform
import shutil
from pathlib import Path

import pytest

from toolkit.errors import ToolkitError
from toolkit.tracking.writer import FILE, writer_of


@pytest.fixture(autouse=True)
def _forget() -> None:
    """Every test starts as a new process does."""
    writer_of.cache_clear()


def test_two_projects_are_two_writers_and_no_name_of_the_machine_is_told(tmp_path: Path) -> None:
    first, second = writer_of(tmp_path / "first"), writer_of(tmp_path / "second")
    assert first != second
    assert len(first) == 16
    assert platform.node() not in (tmp_path / "first" / FILE).read_text()


def test_the_name_stays_when_the_project_is_moved(tmp_path: Path) -> None:
    name = writer_of(tmp_path / "before")
    (tmp_path / "before").rename(tmp_path / "after")
    writer_of.cache_clear()
    assert writer_of(tmp_path / "after") == name
    writer_of.cache_clear()
    assert writer_of(tmp_path / "after") == name


def test_a_copy_of_a_project_is_another_writer(tmp_path: Path) -> None:
    name = writer_of(tmp_path / "original")
    shutil.copytree(tmp_path / "original", tmp_path / "copy")
    writer_of.cache_clear()
    copy = writer_of(tmp_path / "copy")
    writer_of.cache_clear()
    assert copy != name == writer_of(tmp_path / "original")
    assert writer_of(tmp_path / "copy") == copy


@pytest.mark.parametrize("content", ["", "one line", "a\nb\nc\n"])
def test_a_damaged_file_is_written_again(tmp_path: Path, content: str) -> None:
    path = tmp_path / FILE
    path.parent.mkdir()
    path.write_text(content)
    name = writer_of(tmp_path)
    assert path.read_text() == f"{name}\n{tmp_path}\n"


def test_a_folder_that_may_not_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / ".toolkit").write_text("")
    with pytest.raises(ToolkitError) as refused:
        writer_of(tmp_path)
    assert str(refused.value) == (
        f"{tmp_path / FILE}.lock cannot be written (File exists). "
        "Give yourself permission to write there, or choose another folder."
    )

"""A shared folder is filled once, and again only when filling it failed."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.shared import shared_folder


def test_a_shared_folder_is_filled_once(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    calls: list[Path] = []

    def fill(folder: Path) -> None:
        calls.append(folder)
        (folder / "file").write_text("whole")

    def folder(_: int) -> Path:
        return shared_folder(tmp_path_factory, f"once-{tmp_path.name}", fill)

    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(folder, range(8)))
    assert found == set(calls)
    assert len(calls) == 1
    assert (calls[0] / "file").read_text() == "whole"


def test_a_folder_that_could_not_be_filled_is_filled_again(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    name = f"again-{tmp_path.name}"

    def fail(folder: Path) -> None:
        (folder / "half").touch()
        raise RuntimeError("no room")

    with pytest.raises(RuntimeError):
        shared_folder(tmp_path_factory, name, fail)
    folder = shared_folder(tmp_path_factory, name, lambda folder: (folder / "whole").touch())
    assert [path.name for path in folder.iterdir()] == ["whole"]

"""Parts: what a block gave is found again, by everything that decides it and by nothing else."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from torch import Tensor

from toolkit.analyses import Parts
from toolkit.errors import ToolkitError
from toolkit.execution import Done, serial
from toolkit.files import digest_of_json, read_json


@dataclass(frozen=True, kw_only=True)
class Square:
    """What the work on a block gives."""

    value: Tensor
    root: Tensor


class Squaring:
    """Work that counts its blocks, and may be killed in the middle."""

    def __init__(self, killed_at: int | None = None) -> None:
        self.worked: list[int] = []
        self.killed_at = killed_at

    def __call__(self, block: int) -> Generator[int, None, Square]:
        if block == self.killed_at:
            raise KeyboardInterrupt
        self.worked.append(block)
        yield 1
        yield 1
        return Square(value=torch.tensor([block**2]), root=torch.tensor([block]))


def run(folder: Path, work: Squaring, blocks: Sequence[int], *, about: str = "squares") -> Parts:
    """Run and check what comes out."""
    parts = Parts(folder=folder)
    execute = parts.keep(
        Square, engine=lambda count: serial, key=lambda b: digest_of_json([about, b]), units=2
    )
    results, units = {}, 0
    for position, event in execute(work, blocks):
        if isinstance(event, Done):
            results[position] = event.value
        else:
            units += event
    assert [int(results[position].value) for position in range(len(blocks))] == [
        b**2 for b in blocks
    ]
    assert [int(results[position].root) for position in range(len(blocks))] == list(blocks)
    assert units == 2 * len(blocks)
    return parts


def test_a_second_start_works_only_on_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, Squaring(killed_at=5), [3, 4, 5])
    work = Squaring()
    run(tmp_path, work, [3, 4, 5])
    assert work.worked == [5]
    again = Squaring()
    run(tmp_path, again, [7, 5, 3])
    assert again.worked == [7]


def test_other_settings_are_other_parts(tmp_path: Path) -> None:
    run(tmp_path, Squaring(), [3])
    work = Squaring()
    run(tmp_path, work, [3], about="other squares")
    assert work.worked == [3]


def test_parts_that_nothing_asks_for_go_when_the_work_is_done(tmp_path: Path) -> None:
    run(tmp_path, Squaring(), [3, 4])
    (tmp_path / ".x.safetensors.1234.draft").touch()
    parts = run(tmp_path, Squaring(), [4, 5])
    parts.close()
    left = sorted(path.name for path in tmp_path.iterdir())
    names = sorted(f"{digest_of_json(['squares', b])[:16]}.safetensors" for b in (4, 5))
    assert left == sorted([*names, "parts.json"])
    assert read_json(tmp_path / "parts.json", schema="parts/1")["parts"] == names


def test_a_damaged_part_is_a_sentence(tmp_path: Path) -> None:
    run(tmp_path, Squaring(), [3])
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(ToolkitError) as caught:
        run(tmp_path, Squaring(), [3])
    assert str(caught.value).startswith(f"{path} is damaged (")
    assert str(caught.value).endswith("Delete it and run `dvc repro`.")

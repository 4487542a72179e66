import csv
import json
import math
import multiprocessing
import os
import signal
import stat
import time
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from toolkit.errors import ToolkitError
from toolkit.files import (
    canonical_json,
    digest_of_arrays,
    digest_of_bytes,
    digest_of_file,
    digest_of_json,
    draft,
    load_tensors,
    read_json,
    save_tensors,
    write_bytes,
    write_csv,
    write_json,
    write_text,
    writing,
)

LARGE = 16 * 2**20


@pytest.fixture(scope="module")
def context() -> ForkServerContext:
    """Real processes that start at once, because the toolkit is imported before they fork."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["toolkit.files"])
    return context


def write_without_end(path: Path, told: Connection) -> None:
    told.send("begun")
    while True:
        for letter in (b"a", b"b"):
            write_bytes(path, letter * LARGE)


def write_half(path: Path, told: Connection) -> None:
    with draft(path) as work:
        work.write_text("ha")
        told.send("half")
        time.sleep(60)


def killed(context: ForkServerContext, work: Any, path: Path, *, after: float) -> None:  # noqa: ANN401
    """Run `work` in a process of its own and end it without warning."""
    here, there = context.Pipe()
    process = context.Process(target=work, args=(path, there))
    process.start()
    assert here.poll(60)
    time.sleep(after)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert process.exitcode == -signal.SIGKILL


@pytest.mark.parametrize("after", [0.0, 0.003, 0.01, 0.02, 0.05])
def test_a_process_killed_while_it_writes_leaves_a_whole_file(
    context: ForkServerContext, tmp_path: Path, after: float
) -> None:
    path = tmp_path / "file"
    write_bytes(path, b"c" * LARGE)
    killed(context, write_without_end, path, after=after)
    content = path.read_bytes()
    assert len(content) == LARGE
    assert len(set(content)) == 1


def test_a_process_killed_in_the_middle_of_a_first_writing_leaves_no_file(
    context: ForkServerContext, tmp_path: Path
) -> None:
    killed(context, write_half, tmp_path / "file", after=0)
    assert not (tmp_path / "file").exists()
    assert [path.suffix for path in tmp_path.iterdir()] == [".draft"]


def test_a_block_that_fails_leaves_the_old_file_and_no_draft(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_text(path, "old")
    with pytest.raises(ZeroDivisionError), draft(path) as work:
        work.write_text(f"new {1 / 0}")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_folders_are_made_and_the_mode_is_what_the_user_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "file"
    before = os.umask(0o027)
    try:
        write_text(path, "text\n")
    finally:
        os.umask(before)
    assert path.read_bytes() == b"text\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_folder_without_permission_is_refused(forbidden: Path) -> None:
    path = forbidden / "file"
    with pytest.raises(ToolkitError) as caught:
        write_text(path, "text")
    assert str(caught.value) == (
        f"{path} cannot be written (Permission denied). "
        "Give yourself permission to write there, or choose another folder."
    )


def test_a_name_that_a_folder_has_is_refused(tmp_path: Path) -> None:
    (tmp_path / "taken" / "inside").mkdir(parents=True)
    with pytest.raises(ToolkitError) as caught:
        write_text(tmp_path / "taken", "text")
    assert str(caught.value) == (
        f"{tmp_path / 'taken'} cannot be written (Is a directory). "
        "Give yourself permission to write there, or choose another folder."
    )
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_a_full_disk_is_a_sentence() -> None:
    path = Path("/dev/full")
    with pytest.raises(ToolkitError) as caught, writing(path):
        path.write_bytes(b"1")
    assert str(caught.value) == (
        "/dev/full cannot be written (No space left on device). "
        "Give yourself permission to write there, or choose another folder."
    )


def test_json_has_one_text_for_one_value() -> None:
    one = canonical_json({"b": [1, 2.5, None, True], "a": {"y": "ä", "x": 1e-9}})
    other = canonical_json({"a": {"x": 1e-9, "y": "ä"}, "b": (1, 2.5, None, True)})
    assert one == other == '{"a":{"x":1e-09,"y":"\\u00e4"},"b":[1,2.5,null,true]}'
    assert digest_of_json(json.loads(one)) == digest_of_bytes(one.encode())


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_numbers_that_are_not_finite_are_refused(tmp_path: Path, number: float) -> None:
    sentence = "Records hold finite numbers only: find the computation that left them."
    with pytest.raises(ToolkitError) as caught:
        canonical_json({"loss": number})
    assert str(caught.value) == (
        f"a record cannot hold these values (Out of range float values are not JSON compliant: "
        f"{number}). {sentence}"
    ) or str(caught.value) == (
        f"a record cannot hold these values (Out of range float values are not JSON compliant). "
        f"{sentence}"
    )
    with pytest.raises(ToolkitError):
        write_json(tmp_path / "record.json", {"loss": [number]})
    assert not list(tmp_path.iterdir())


def test_records_come_back(tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    record = {"schema": "test/1", "numbers": [0.1, 1e-17, 3], "none": None}
    write_json(path, record)
    assert read_json(path, schema="test/1") == record
    assert path.read_text().startswith('{\n "none": null,\n "numbers": [')


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "is missing. Run `dvc repro` to make it."),
        (b"{", "is damaged: it is not JSON. Delete it and run `dvc repro`."),
        (b"\xff\xfe", "is damaged: it is not JSON. Delete it and run `dvc repro`."),
        (b'{"schema": "b/1"}', "holds 'b/1', not 'a/1'. Delete it and run `dvc repro`."),
        (b"[1]", "holds None, not 'a/1'. Delete it and run `dvc repro`."),
    ],
)
def test_records_that_are_something_else_are_refused(
    tmp_path: Path, content: bytes | None, sentence: str
) -> None:
    path = tmp_path / "record.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ToolkitError) as caught:
        read_json(path, schema="a/1")
    assert str(caught.value) == f"{path} {sentence}"


def test_tensors_come_back_with_their_metadata(tmp_path: Path) -> None:
    path = tmp_path / "tensors"
    tensors = {
        "turned": torch.arange(6.0).reshape(2, 3).T,
        "last": torch.rand(2, 3, 4, 4, dtype=torch.float64).contiguous(
            memory_format=torch.channels_last
        ),
        "gradient": torch.ones(2, requires_grad=True),
    }
    save_tensors(path, tensors, schema="a/1", key="k")
    back, metadata = load_tensors(path, schema="a/1")
    assert metadata == {"key": "k"}
    assert back.keys() == tensors.keys()
    assert all(torch.equal(back[name], tensors[name]) for name in tensors)


def test_equal_tensors_are_equal_bytes(tmp_path: Path) -> None:
    contents = set()
    for number in range(20):
        more = {"b": "2", "a": "1", "c": "3"} if number % 2 else {"a": "1", "c": "3", "b": "2"}
        save_tensors(tmp_path / "tensors", {"x": torch.ones(2)}, schema="a/1", **more)
        contents.add((tmp_path / "tensors").read_bytes())
    assert len(contents) == 1


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "is missing. Run `dvc repro` to make it."),
        (
            b"",
            "is damaged (Error while deserializing header: header too small). "
            "Delete it and run `dvc repro`.",
        ),
        (
            b"x" * 100,
            "is damaged (Error while deserializing header: header too large). "
            "Delete it and run `dvc repro`.",
        ),
    ],
)
def test_tensors_that_are_damaged_are_refused(
    tmp_path: Path, content: bytes | None, sentence: str
) -> None:
    path = tmp_path / "tensors"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ToolkitError) as caught:
        load_tensors(path, schema="a/1")
    assert str(caught.value) == f"{path} {sentence}"


def test_tensors_that_are_cut_short_or_of_another_schema_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "tensors"
    save_tensors(path, {"a": torch.ones(9)}, schema="b/1")
    with pytest.raises(ToolkitError) as caught:
        load_tensors(path, schema="a/1")
    assert str(caught.value) == f"{path} holds 'b/1', not 'a/1'. Delete it and run `dvc repro`."
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ToolkitError, match=r"is damaged .*Delete it and run `dvc repro`"):
        load_tensors(path, schema="b/1")


def test_a_folder_in_place_of_a_file_is_refused(tmp_path: Path) -> None:
    end = "Give yourself permission to read it, or delete it and run `dvc repro`."
    with pytest.raises(ToolkitError) as caught:
        read_json(tmp_path, schema="a/1")
    assert str(caught.value) == f"{tmp_path} cannot be read (Is a directory). {end}"
    with pytest.raises(ToolkitError) as caught:
        load_tensors(tmp_path, schema="a/1")
    assert str(caught.value) == f"{tmp_path} cannot be read (No such device (os error 19)). {end}"


def test_tables_have_nine_significant_digits_and_line_feeds(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    write_csv(path, pd.DataFrame({"step": [1, 2], "loss": [1234.56789012345, 1e-12 / 3]}))
    assert path.read_bytes() == b"step,loss\n1,1234.56789\n2,3.33333333e-13\n"


def test_digests_tell_type_shape_order_and_numbers() -> None:
    array = np.arange(6, dtype=np.int64)
    different = [
        digest_of_arrays(array),
        digest_of_arrays(array.astype(np.int32)),
        digest_of_arrays(array.reshape(2, 3)),
        digest_of_arrays(array[::-1]),
        digest_of_arrays(array, array),
        digest_of_arrays(array[:0]),
    ]
    assert len(set(different)) == len(different)
    assert digest_of_arrays(torch.from_numpy(array)) == digest_of_arrays(array)
    assert digest_of_arrays(array.reshape(2, 3).T.copy()) == digest_of_arrays(
        torch.from_numpy(array).reshape(2, 3).T
    )


def test_a_digest_of_a_file_is_that_of_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"abc")
    assert digest_of_file(tmp_path / "file") == digest_of_bytes(b"abc")
    assert digest_of_bytes(b"abc").startswith("ba7816bf")  # FIPS 180-2, appendix B.1


FOREIGN = st.one_of(
    st.text(),
    st.text("=+-@\t\r\n'\",;|0.1e ", max_size=8),
    st.sampled_from(
        ['=cmd|"/C calc"!A0', "@SUM(1)", "\t=1", "\r=1", "a\r=1", "a\n-1", "\uff1d1", "-"]
    ),
)


@given(names=st.lists(FOREIGN, min_size=2, max_size=2, unique=True), cells=st.lists(FOREIGN))
def test_no_text_of_a_table_is_a_formula_or_a_new_line(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], cells: list[str]
) -> None:
    path = tmp_path_factory.getbasetemp() / "table.csv"
    numbers = [-(10.0 ** -(n % 7)) for n, _ in enumerate(cells)]
    columns = [pd.Series(cells, dtype=object), pd.Series(numbers, dtype=float)]
    table = pd.concat(columns, axis=1, keys=range(2))
    table.columns = pd.Index(names)
    write_csv(path, table)
    text = path.read_text()
    assert text.count("\n") == len(cells) + 1
    assert all(letter.isprintable() or letter == "\n" for letter in text)
    with path.open(newline="") as file:
        head, *rows = csv.reader(file)
    for cell in [*head, *(row[0] for row in rows)]:
        if cell[:1] in tuple("=+-@\uff1d\uff0b\uff0d\uff20"):
            assert math.isfinite(float(cell))
    assert [float(row[1]) for row in rows] == numbers
    # The text itself, after the apostrophe
    for cell, (shown, _) in zip(cells, rows, strict=True):
        if cell.isprintable():
            assert shown in (cell, f"'{cell}")

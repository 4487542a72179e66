"""Runs of other writers: whatever is odd about one is told, and the others are compared."""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.tracking.members import make_member
from toolkit.errors import ToolkitError
from toolkit.files import digest_of_file, digest_of_json, save_tensors, write_json
from toolkit.posteriors import SCHEMA
from toolkit.tracking import OddRunError, Store, answers_of_run, project_member, select, sync

TAGS = {"key": "key", "ensemble": "ensemble", "dataset": "data", "study": "study"}
ESCAPE = "\x1b[2J"


def log_foreign(
    store: Store,
    root: Path,
    change: Callable[[dict[str, Any]], None],
) -> None:
    """A run as its writer wants it: record, digest and tags agree with each other."""
    record, folder = make_member(root / "theirs", seed=7)
    run = project_member(record, folder)
    content = record.to_json()
    change(content)
    write_json(folder / "record.json", content)
    said = {tag: text for tag, name in TAGS.items() if isinstance(text := content.get(name), str)}
    theirs = replace(store, root=root / "another")
    sync(theirs, [replace(run, digest=digest_of_json(content), tags={**run.tags, **said})])


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"ensemble": "../../.."}, "the name of its ensemble is '../../..', which is not"),
        ({"data": "../../.."}, "the name of its data is '../../..', which is not"),
        ({"data": ESCAPE}, r"the name of its data is '\x1b[2J', which is not"),
        ({"study": "a/b"}, "the name of its study is 'a/b', which is not"),
        ({"name": "=HYPERLINK(1)"}, "it is named '=HYPERLINK(1)', which is not a line of text"),
        ({"name": "two\nlines"}, r"it is named 'two\nlines', which is not a line of text"),
        ({"name": "x" * 5000}, "it is named 'xxx"),
        ({"name": 5}, "its record is damaged: `name` is 5, and a text is expected"),
        ({"key": "short"}, "'short' is no SHA-256"),
        ({"probe": None}, "its record is damaged: `probe` is null"),
        ({"probe": {"digest": "0" * 64, "size": "many"}}, "its record is damaged: `probe.size`"),
        ({"final": [1, 2]}, "its record is damaged: `final` is [1, 2]"),
        ({"final": {"rate": "high"}}, "its record is damaged: `final.rate` is"),
        ({"channels": {"information": [True]}}, "its record is damaged: `channels.information[0]`"),
        ({"scores": {ESCAPE: 1.0}}, r"it has a number named '\x1b[2J'"),
        ({"settings": []}, "its record is damaged: `settings` is []"),
        ({"settings": {"seed": 0}}, "its objective is 'None'"),
        ({"settings": {"seed": 0, "objective": {"name": "a b"}}}, "its objective is 'a b'"),
        ({"settings": {"seed": 0, "objective": {"name": "vae", ESCAPE: 1}}}, "its objective has"),
        ({"settings": {"seed": True, "objective": {"name": "vae"}}}, "its seed is 'True'"),
        ({"settings": {"seed": -1, "objective": {"name": "vae"}}}, "its seed is '-1'"),
        ({"settings": {"seed": 2**70, "objective": {"name": "vae"}}}, "its seed is '1180591620717"),
        ({"trial": -3}, "its trial is -3"),
        ({"trial": 1.5}, "its record is damaged: `trial` is 1.5"),
        ({"status": "failed"}, "its record says that it failed, and its run that it finished"),
        ({"status": "maybe"}, "its record is damaged: `status` is"),
        ({"schema": "member/99"}, "its record is of schema 'member/99', and this version"),
        ({"schema": None}, "its record is of schema None, and this version"),
        ({"more": 1}, "its record is damaged: it has a field `more` that no such record has"),
        ({"files": ["a"]}, "its record is damaged: "),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_an_odd_record_is_left_out_with_its_reason(
    store: Store, root: Path, change: dict[str, Any], reason: str
) -> None:
    sync(store, [project_member(*make_member(root / "made"))])
    log_foreign(store, root, lambda record: record.update(change))
    selection = select(store, "")
    assert [run.record.seed for run in selection.runs] == [0]
    (odd,) = selection.left_out
    assert reason in odd.reason
    assert (odd.name + odd.reason).isprintable()
    assert len(odd.reason) < 450


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ("dataset", "../../.."),
        ("dataset", ESCAPE),
        ("ensemble", "another"),
        ("study", "a-study"),
        ("trial", "three"),
        ("objective", "vae"),
        ("key", "0" * 64),
        ("probe.digest", ""),
        ("record.digest", "0" * 64),
    ],
)
def test_a_tag_that_contradicts_the_record_leaves_the_run_out(
    store: Store, root: Path, tag: str, text: str
) -> None:
    sync(store, [project_member(*make_member(root / "made"))])
    sync(store, [project_member(*make_member(root / "made", seed=7))])
    odd_run = next(run for run in select(store, "").runs if run.record.seed == 7)
    store.client.set_tag(odd_run.run_id, tag, text)
    selection = select(store, "")
    assert [run.record.seed for run in selection.runs] == [0]
    (odd,) = selection.left_out
    assert (f"its tag {tag!r} says " in odd.reason) or odd.reason.startswith(
        "its record is damaged"
    )
    assert (odd.name + odd.reason).isprintable()


@pytest.mark.parametrize(
    "tag",
    [
        "key",
        "dataset",
        "objective",
        "probe.digest",
        "record.digest",
        "mlflow.runName",
        "record.writer",
        "ensemble",
    ],
)
def test_a_run_that_lacks_a_tag_ends_nothing(store: Store, root: Path, tag: str) -> None:
    sync(store, [project_member(*make_member(root / "made", seed=seed)) for seed in (0, 7)])
    for run in select(store, "").runs:
        if run.record.seed == 7:
            store.client.delete_tag(run.run_id, tag)
    selection = select(store, "")
    assert len(selection.runs) + len(selection.left_out) == 2


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{", b'{"schema": NaN}', b"\xff\xfe", b"[" * 99999]
)
def test_a_file_that_is_no_record_is_told(store: Store, root: Path, content: bytes) -> None:
    sync(store, [project_member(*make_member(root / "made", seed=seed)) for seed in (0, 7)])
    odd_run = next(run for run in select(store, "").runs if run.record.seed == 7)
    assert odd_run.run.folder is not None
    (odd_run.run.folder / "member/record.json").write_bytes(content)
    selection = select(store, "")
    assert [run.record.seed for run in selection.runs] == [0]
    assert selection.left_out[0].reason.startswith("its record is damaged")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "/",
        "//",
        "\0",
        "x" * 4900,
        "file://%00",
        "file://[x",
        "s3://[",
        "s3://bucket/x",
        "r2://",
        "gs://b/x",
        "wasbs://x",
        "sftp://h.invalid/x",
        "http://127.0.0.1:9/x",
        "nosuch://x",
        "runs:/x",
        "models:/x",
        "mlflow-artifacts:/x",
    ],
)
def test_files_at_an_odd_address_leave_the_run_out(store: Store, root: Path, address: str) -> None:
    sync(store, [project_member(*make_member(root / "made", seed=seed)) for seed in (0, 7)])
    odd_run = next(run for run in select(store, "").runs if run.record.seed == 7)
    with sqlite3.connect(root / "mlflow.db") as database:
        command = "UPDATE runs SET artifact_uri = ? WHERE run_uuid = ?"
        database.execute(command, [address, odd_run.run_id])
    selection = select(store, "")
    assert [run.record.seed for run in selection.runs] == [0]
    (odd,) = selection.left_out
    assert odd.reason.startswith(("its record is missing", "its record is out of reach: "))
    assert (odd.name + odd.reason).isprintable()
    assert len(odd.reason) < 450


def test_nothing_but_odd_runs_is_an_error_with_the_reasons(store: Store, root: Path) -> None:
    log_foreign(store, root, lambda record: record.update(trial=-3))
    with pytest.raises(ToolkitError) as refused:
        select(store, "")
    assert str(refused.value) == (
        "none of the 1 runs that the query selects can be compared. sprites-beta/beta=4 seed=7: "
        "its trial is -3."
    )


def tensors(**changes: torch.Tensor) -> dict[str, torch.Tensor]:
    return {"mean": torch.zeros(30, 4), "log_variance": torch.zeros(30, 4)} | changes


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (tensors(mean=torch.zeros(30, 4, dtype=torch.int64)), "int64"),
        (tensors(log_variance=torch.zeros(30, 4, dtype=torch.bool)), "bool"),
        (tensors(mean=torch.zeros(30, 4, dtype=torch.complex64)), "complex64"),
        (tensors(mean=torch.full((30, 4), float("nan"))), "not finite"),
        (
            tensors(mean=torch.full((30, 4), 1e200, dtype=torch.float64)),
            "too large to compute with",
        ),
        (tensors(log_variance=torch.full((30, 4), -900.0)), "too large to compute with"),
        (tensors(mean=torch.zeros(30, 5)), "a row per image"),
        (tensors(mean=torch.zeros(30, 5), log_variance=torch.zeros(30, 5)), "5 channels, and its"),
        (tensors(mean=torch.zeros(30, 0), log_variance=torch.zeros(30, 0)), "0 channels, and its"),
        (tensors(mean=torch.zeros(29, 4), log_variance=torch.zeros(29, 4)), "of other images"),
        (tensors(mean=torch.zeros(120), log_variance=torch.zeros(120)), "a row per image"),
        ({"mean": torch.zeros(30, 4)}, "lacks a mean, a log-variance"),
    ],
)
def test_odd_posteriors_are_refused(
    store: Store, root: Path, content: dict[str, torch.Tensor], reason: str
) -> None:
    record, folder = make_member(root / "made")
    path = folder / "posteriors.safetensors"
    save_tensors(path, content, schema=SCHEMA, probe=record.probe.digest)
    record = replace(record, files={**record.files, path.name: digest_of_file(path)})
    record.write(folder)
    sync(store, [project_member(record, folder)])
    (run,) = select(store, "").runs
    with pytest.raises(OddRunError) as refused:
        answers_of_run(store, run.run, run.record)
    assert reason in str(refused.value)


@pytest.mark.parametrize("how", ["missing", "damaged"])
def test_posteriors_that_are_gone_or_changed_are_refused(
    store: Store, root: Path, how: str
) -> None:
    sync(store, [project_member(*make_member(root / "made"))])
    (run,) = select(store, "").runs
    assert run.run.folder is not None
    path = run.run.folder / "member/posteriors.safetensors"
    if how == "missing":
        path.unlink()
    else:
        path.write_bytes(json.dumps(None).encode())
    with pytest.raises(OddRunError) as refused:
        answers_of_run(store, run.run, run.record)
    assert str(refused.value).startswith(f"member/posteriors.safetensors is {how}")

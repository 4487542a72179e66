"""A data set as a run: its sizes and pictures, once, however often it is logged."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.tracking.members import make_member
from toolkit.errors import ToolkitError
from toolkit.files import canonical_json, digest_of_file
from toolkit.records import DataRecord, Factor, ProbeReference
from toolkit.tracking import Store, TrackedRun, fetch, project_data, project_member, select, sync
from toolkit.tracking.experiments import experiment_ids

RECORD = DataRecord(
    name="npz",
    digest="d" * 64,
    image_shape=(1, 32, 32),
    count=90,
    train=80,
    held_out=10,
    probe=ProbeReference(size=30, digest="e" * 64),
    factors=(Factor(name="shape", size=3), Factor(name="x [µm]", size=30)),
)
TRAINING = "f" * 64


@pytest.fixture
def sheets(tmp_path: Path) -> Path:
    """A folder with the pictures of a data set."""
    folder = tmp_path / "sheets"
    folder.mkdir()
    for name in ("samples.png", "factors.png", "factors.gif"):
        (folder / name).write_bytes(name.encode())
    return folder


def run_of(folder: Path, **changes: Any) -> TrackedRun:  # noqa: ANN401 - fields of the record
    return project_data(replace(RECORD, **changes), folder, name="mine", training=TRAINING)


def test_a_data_set_tells_its_sizes_and_shows_its_pictures(sheets: Path) -> None:
    run = run_of(sheets)
    assert (run.kind, run.name, run.experiment) == ("data", "mine", "mine")
    assert run.params == {
        "count": "90",
        "factors": "shape 3, x [µm] 30",
        "held_out": "10",
        "image_shape": "[1,32,32]",
        "probe.size": "30",
        "source": "npz",
        "train": "80",
    }
    assert run.tags == {
        "kind": "data",
        "record.schema": "data/1",
        "dataset": "mine",
        "source": "npz",
        "images.digest": "d" * 64,
        "data.digest": TRAINING,
        "probe.digest": "e" * 64,
    }
    assert run.dataset == ("mine", TRAINING)
    assert set(run.files) == {"samples.png", "factors.png", "factors.gif"}
    assert run.checksums == {name: digest_of_file(path) for name, path in run.files.items()}
    assert run.texts == {"data/record.json": canonical_json(RECORD.to_json())}


def test_without_known_factors_there_is_one_picture(sheets: Path) -> None:
    (sheets / "factors.png").unlink()
    (sheets / "factors.gif").unlink()
    run = run_of(sheets, factors=())
    assert set(run.files) == {"samples.png"}
    assert run.params["factors"] == "not known"


def test_another_picture_or_record_is_another_run_about_the_same(sheets: Path) -> None:
    one, other = run_of(sheets), run_of(sheets, count=91)
    (sheets / "samples.png").write_bytes(b"other")
    third = run_of(sheets)
    assert len({one.digest, other.digest, third.digest}) == 3
    assert len({one.identity, other.identity, third.identity}) == 1


def test_a_data_set_is_logged_once_and_replaced_when_it_changes(store: Store, sheets: Path) -> None:
    first, again = sync(store, [run_of(sheets)]), sync(store, [run_of(sheets)])
    assert (first.created, again.created, again.kept) == (1, 0, 1)
    changed = sync(store, [run_of(sheets, held_out=11)])
    assert (changed.created, changed.removed) == (1, 1)
    (run,) = store.client.search_runs(experiment_ids(store), "tags.kind = 'data'")
    assert run.data.params["held_out"] == "11"
    places = {item.path for item in store.client.list_artifacts(run.info.run_id)}
    assert places == {"samples.png", "factors.png", "factors.gif", "data"}
    (given,) = run.inputs.dataset_inputs
    assert (given.dataset.name, given.dataset.digest) == ("mine", TRAINING[:32])


def test_a_data_set_is_no_member(store: Store, sheets: Path, tmp_path: Path) -> None:
    member = project_member(*make_member(tmp_path / "made"))
    sync(store, [run_of(sheets), member])
    assert [run.run.name for run in select(store, "").runs] == [member.name]
    (run,) = store.client.search_runs(experiment_ids(store), "tags.kind = 'data'")
    with pytest.raises(ToolkitError) as refused:
        fetch(store, run.info.run_id, tmp_path / "fetched")
    assert str(refused.value) == (
        f"run '{run.info.run_id}' (mine) is no member but a data set, so it has no weights to "
        "bring back. Choose a run whose tag `kind` is member."
    )

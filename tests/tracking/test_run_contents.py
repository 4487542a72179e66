"""What the run of a member says: parameters, metrics, curves, tags and artifacts."""

import json
from pathlib import Path

import pytest

from tests.tracking.members import make_member
from tests.tracking.runs import runs_in
from toolkit.tracking import (
    Store,
    SyncSummary,
    TrackedRun,
    project_member,
    sync,
)


def test_a_member_run_says_all_that_its_record_says(store: Store, root: Path) -> None:
    record, folder = make_member(root / "made", beta=4.0, seed=1)
    sync(store, [project_member(record, folder, tags={"dvc_data_md5": "0" * 32})])
    (run,) = runs_in(store)
    assert (run.info.run_name, run.info.status) == ("sprites-beta beta=4 seed=1", "FINISHED")
    assert run.data.params["objective.beta"] == "4.0"
    assert run.data.params["network.name"] == "burgess"
    assert run.data.metrics == {
        "hp/batch_size": 32,
        "hp/beta": 4.0,
        "hp/latents": 4,
        "hp/learning_rate": 0.001,
        "hp/seed": 1,
        "hp/steps": 50,
        "final/distortion": 94.0,
        "final/rate": 5.0,
        "final/loss": 110.0,
        "information/channel/00": 2.5,
        "information/channel/01": 1.25,
        "information/channel/02": 0.5,
        "information/channel/03": 0.001,
        "information/total": 4.251,
        "information/active": 3,
        "training/loss": pytest.approx(100 / 46),
        "training/distortion": pytest.approx(100 / 46),
        "training/rate": 1.0,
    }
    history = store.client.get_metric_history(run.info.run_id, "training/loss")
    assert [point.step for point in history] == list(range(0, 50, 5))
    assert [point.value for point in history] == pytest.approx(
        [100 / (1 + s.step) for s in history]
    )
    tags = run.data.tags
    assert tags["record.digest"] == record.digest
    expected = {"kind": "member", "ensemble": "sprites-beta", "dataset": "sprites"}
    expected |= {"objective": "beta_vae", "key": record.key, "dvc_data_md5": "0" * 32}
    expected |= {"probe.digest": record.probe.digest, "mlflow.source.name": "toolkit sync"}
    assert expected.items() <= tags.items()
    assert not {"study", "trial"} & tags.keys()
    (data,) = run.inputs.dataset_inputs
    assert (data.dataset.name, data.dataset.digest) == ("sprites", record.data_digest[:32])


def test_files_lie_at_the_same_path_in_every_run(store: Store, root: Path) -> None:
    record, folder = make_member(root / "made")
    sync(store, [project_member(record, folder)])
    (run,) = runs_in(store)
    place = Path(run.info.artifact_uri)
    found = {p.relative_to(place).as_posix(): p for p in place.rglob("*") if p.is_file()}
    assert found.keys() == {
        "channels.json",
        "member/posteriors.safetensors",
        "member/record.json",
        "member/weights.safetensors",
        "reconstructions.png",
        "traversals.png",
    }
    assert not any(path.is_symlink() for path in found.values())
    weights = found["member/weights.safetensors"].read_bytes()
    assert weights == (folder / "weights.safetensors").read_bytes()
    assert json.loads(found["channels.json"].read_text())["columns"][0] == "channel"


def test_the_table_is_what_mlflow_itself_would_read(
    store: Store, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", store.uri)  # its reader asks the store of the session
    record, folder = make_member(root / "made")
    sync(store, [project_member(record, folder)])
    (run,) = runs_in(store)
    table = store.client.load_table(run.info.experiment_id, "channels.json")
    assert list(table["information_bits"]) == [2.5, 1.25, 0.5, 0.001]
    assert list(table["rate_nats"]) == [3.0, 1.5, 0.75, 0.002]


def test_a_failed_member_is_a_failed_run_that_says_why(store: Store, root: Path) -> None:
    record, folder = make_member(root / "made", failed=True)
    run = project_member(record, folder)
    assert sync(store, [run]).created == 1
    assert sync(store, [run]) == SyncSummary(created=0, kept=1, removed=0)
    (found,) = runs_in(store)
    assert found.info.status == "FAILED"
    assert found.data.tags["failure.step"] == "17"
    assert found.data.tags["mlflow.note.content"] == "Failed at step 17: the loss is not finite"
    assert "final/loss" not in found.data.metrics


def test_long_curves_are_logged_whole(store: Store, root: Path) -> None:
    record, folder = make_member(root / "made")
    points = [(step, float(step)) for step in range(2500)]
    run = project_member(record, folder)
    parameters = {f"setting.{i}": str(i) for i in range(250)}
    changed = {**run.__dict__, "histories": {"training/loss": points}, "params": parameters}
    sync(store, [TrackedRun(**changed)])
    (found,) = runs_in(store)
    history = store.client.get_metric_history(found.info.run_id, "training/loss")
    assert [(point.step, point.value) for point in history] == points
    assert found.data.params == parameters

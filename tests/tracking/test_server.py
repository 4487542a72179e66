"""The command that serves MLflow's pages, links into them, and runs kept by such a server."""

import os
import socket
import subprocess
import time
import urllib.request
from dataclasses import replace
from pathlib import Path

import pytest

from tests.tracking.members import make_member
from toolkit.errors import ToolkitError, UnknownNameError
from toolkit.tracking import (
    Store,
    SyncSummary,
    artifact_path,
    fetch,
    open_store,
    project_member,
    run_list_link,
    select,
    sync,
    ui_command,
    ui_environment,
)


def test_the_command_serves_this_machine_alone_and_starts_no_jobs(store: Store) -> None:
    command = ui_command(store, port=5001)
    assert command[1:4] == ["-m", "mlflow", "server"]
    options = dict(zip(command[4::2], command[5::2], strict=True))
    assert options == {"--host": "127.0.0.1", "--port": "5001", "--workers": "1"}
    environment = ui_environment(store)
    assert environment["MLFLOW_BACKEND_STORE_URI"] == store.uri
    assert environment["MLFLOW_ARTIFACTS_DESTINATION"] == str(store.root / "mlartifacts")
    assert environment["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"] == "false"
    assert environment["MLFLOW_DISABLE_TELEMETRY"] == "true"


def test_a_password_is_in_the_environment_and_in_no_command_line(store: Store) -> None:
    shared = replace(store, uri="postgresql://ada:s3cret@host/runs")
    assert "s3cret" not in " ".join(ui_command(shared))
    assert ui_environment(shared)["MLFLOW_BACKEND_STORE_URI"] == shared.uri


def test_a_server_needs_no_other(store: Store) -> None:
    remote = replace(store, uri="https://runs.example.org/")
    with pytest.raises(ToolkitError) as refused:
        ui_command(remote)
    assert str(refused.value) == (
        "the runs are kept by the server at https://runs.example.org/. "
        "Open that address in a browser."
    )


def test_links_open_the_training_view(store: Store, root: Path) -> None:
    record, folder = make_member(root / "made")
    sync(store, [project_member(record, folder)])
    number = store.client.get_experiment_by_name("sprites").experiment_id
    start = "http://127.0.0.1:5000/#"
    assert run_list_link(store, "sprites") == (
        f"{start}/experiments/{number}/runs?workflowType=machine_learning"
        "&viewStateShareKey=members-by-ensemble"
    )
    assert run_list_link(store, "sprites", query="tags.a = 'b'").endswith(
        "runs?workflowType=machine_learning&searchFilter=tags.a%20%3D%20%27b%27"
    )
    remote = replace(store, uri="https://ada:s3cret@runs.example.org/")
    assert run_list_link(remote, "sprites").startswith("https://runs.example.org/#/experiments/")
    with pytest.raises(UnknownNameError) as refused:
        run_list_link(store, "sprits")
    assert str(refused.value) == "no experiment is called 'sprits'. Did you mean 'sprites'?"


@pytest.mark.slow
def test_a_server_keeps_runs_as_a_file_does(store: Store, root: Path, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    address = f"http://127.0.0.1:{port}"
    log = (tmp_path / "server.log").open("w")
    server = subprocess.Popen(
        ui_command(store, port=port), env=os.environ | ui_environment(store), stdout=log, stderr=log
    )
    try:
        wait_for(f"{address}/health")
        remote = open_store(tmp_path / "client", address)
        made = [make_member(root / "made", seed=seed) for seed in range(2)]
        runs = [project_member(record, folder) for record, folder in made]
        assert sync(remote, runs) == SyncSummary(created=2, kept=0, removed=0)
        assert sync(remote, runs) == SyncSummary(created=0, kept=2, removed=0)
        chosen = select(remote, "tags.ensemble = 'sprites-beta'").runs
        assert [run.record.key for run in chosen] == [record.key for record, _ in made]
        place = fetch(remote, chosen[0].run_id, tmp_path / "back")
        assert (place / "weights.safetensors").read_bytes() == (
            made[0][1] / "weights.safetensors"
        ).read_bytes()
        assert artifact_path(remote, chosen[1].run_id, "traversals.png").exists()
    finally:
        server.terminate()
        server.wait(timeout=60)
        log.close()


def wait_for(address: str) -> None:
    for _ in range(200):
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.3)
    raise AssertionError(f"{address} does not answer")

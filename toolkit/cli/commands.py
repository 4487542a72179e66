"""What each subcommand does: read, call, tell."""

import argparse
import os
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from toolkit.cli.compare import run_compare
from toolkit.cli.data import run_data
from toolkit.cli.experiments import listed_experiments, place_experiment
from toolkit.cli.imports import run_import
from toolkit.config import Params, read_params
from toolkit.errors import ToolkitError, UnknownNameError
from toolkit.pipeline.sync import track_all
from toolkit.records.names import STUDY
from toolkit.studies.projection import rebuild
from toolkit.studies.storage import dashboard_command
from toolkit.tracking import (
    fetch,
    open_store,
    run_list_link,
    ui_address,
    ui_command,
    ui_environment,
)
from toolkit.workspace import Workspace


def run(arguments: argparse.Namespace) -> None:
    """Run the subcommand that was given."""
    COMMANDS[arguments.command](Workspace.here(), arguments)


def _tell(text: str) -> None:
    sys.stdout.write(text + "\n")


def _fetch(workspace: Workspace, arguments: argparse.Namespace) -> None:
    folder = fetch(
        open_store(workspace.home), arguments.run_id, Path(arguments.to) / arguments.run_id
    )
    _tell(f"the member is in {folder}; in Python: toolkit.load_member({str(folder)!r})")


def _experiment(workspace: Workspace, arguments: argparse.Namespace) -> None:
    if arguments.name is None:
        _tell(listed_experiments(workspace.root / "experiments"))
        return
    _tell(place_experiment(workspace, arguments.name))


def _sync(workspace: Workspace, arguments: argparse.Namespace) -> None:
    del arguments
    params = read_params(workspace.params)
    done = track_all(workspace, params)
    _rebuild_studies(workspace, params)
    _tell(f"MLflow: {done.described(removed=True)}")


def _rebuild_studies(workspace: Workspace, params: Params) -> int:
    """Make Optuna's copy of every study from its record; how many there are."""
    names = [name for name in params.studies if (workspace.study(name) / STUDY).exists()]
    for name in names:
        rebuild(workspace.study(name), workspace.journal)
    return len(names)


def _ui(workspace: Workspace, arguments: argparse.Namespace) -> None:
    store = open_store(workspace.home)
    _require_free(arguments.port)
    command = ui_command(store, port=arguments.port)
    params = read_params(workspace.params)
    for name in dict.fromkeys([*params.data, *params.analyses]):
        with suppress(UnknownNameError):  # nothing was tracked of it yet
            _tell(f"runs on {name}: {run_list_link(store, name, port=arguments.port)}")
    home = f"{ui_address(store, port=arguments.port)}/?workflowType=machine_learning"
    _tell(f"all experiments: {home} (Ctrl-C ends it)")
    _serve(command, ui_environment(store))


def _dashboard(workspace: Workspace, arguments: argparse.Namespace) -> None:
    if not _rebuild_studies(workspace, read_params(workspace.params)):
        raise ToolkitError("there is no study to show yet. Run `dvc repro` to make those declared.")
    _require_free(arguments.port)
    _tell(f"http://127.0.0.1:{arguments.port} (Ctrl-C ends it)")
    _serve(dashboard_command(workspace.journal, port=arguments.port), {})


def _require_free(port: int) -> None:
    """Refuse a port that another program holds: servers notice it late, and end without saying."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise ToolkitError(
                f"port {port} cannot be used ({error.strerror}). Choose another with `--port`."
            ) from error


def _serve(command: list[str], environment: dict[str, str]) -> None:
    sys.stdout.flush()
    code = subprocess.run(command, env={**os.environ, **environment}, check=False).returncode
    sys.exit(code)


COMMANDS = {
    "compare": run_compare,
    "data": run_data,
    "dashboard": _dashboard,
    "experiment": _experiment,
    "fetch": _fetch,
    "import": run_import,
    "sync": _sync,
    "ui": _ui,
}

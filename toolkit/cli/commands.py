"""What each subcommand does: read, call, tell."""

import argparse
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from toolkit.cli.data import run_data
from toolkit.cli.experiments import listed_experiments, place_experiment
from toolkit.cli.imports import run_import
from toolkit.config import Comparison, Params, read_params
from toolkit.errors import ToolkitError, UnknownNameError
from toolkit.pipeline.comparison import compare, summary
from toolkit.pipeline.sync import track_all
from toolkit.records.names import STUDY
from toolkit.stages.command import plain_mistakes
from toolkit.studies.dashboard import dashboard_command
from toolkit.studies.projection import rebuild
from toolkit.tracking import (
    fetch,
    open_store,
    run_list_link,
    ui_address,
    ui_command,
    ui_environment,
)
from toolkit.workspace import Workspace


def run(given: argparse.Namespace) -> None:
    """Run the subcommand that was given, mistakes told as sentences."""
    with plain_mistakes():
        COMMANDS[given.command](Workspace.here(), given)


def _tell(text: str) -> None:
    sys.stdout.write(text + "\n")


def _compare(workspace: Workspace, given: argparse.Namespace) -> None:
    params = read_params(workspace.params)
    track_all(workspace, params)
    section = Comparison(
        query=given.query,
        threshold_bits=given.threshold_bits,
        by=given.by,
        min_samples=given.min_samples,
    )
    made = compare(
        workspace,
        params,
        section,
        name=given.name,
        folder=workspace.report(given.name),
        how=f'toolkit compare --query "{given.query}"',
        outdated=given.outdated,
    )
    _tell(summary(made))


def _fetch(workspace: Workspace, given: argparse.Namespace) -> None:
    folder = fetch(open_store(workspace.home), given.run_id, Path(given.to) / given.run_id)
    _tell(f"the member is in {folder}; in Python: toolkit.load_member({str(folder)!r})")


def _experiment(workspace: Workspace, given: argparse.Namespace) -> None:
    if given.name is None:
        _tell(listed_experiments(workspace.root / "experiments"))
        return
    _tell(place_experiment(workspace, given.name))


def _check(workspace: Workspace, given: argparse.Namespace) -> None:
    del given
    params = read_params(workspace.params)
    _tell(
        f"{workspace.params} is in order: {len(params.data)} data sets, "
        f"{len(params.ensembles)} ensembles, {len(params.studies)} studies, "
        f"{len(params.comparisons)} comparisons, {len(params.analyses)} analyses"
    )


def _sync(workspace: Workspace, given: argparse.Namespace) -> None:
    del given
    params = read_params(workspace.params)
    done = track_all(workspace, params)
    _rebuild_studies(workspace, params)
    _tell(f"MLflow: {done.created} runs new, {done.kept} kept, {done.removed} removed")


def _rebuild_studies(workspace: Workspace, params: Params) -> int:
    """Make Optuna's copy of every study from its record; how many there are."""
    made = [name for name in params.studies if (workspace.study(name) / STUDY).exists()]
    for name in made:
        rebuild(workspace.study(name), workspace.journal)
    return len(made)


def _where(workspace: Workspace, given: argparse.Namespace) -> None:
    """Reports, and the two commands that open what lies beside them."""
    del given
    params = read_params(workspace.params)
    reports = [workspace.report(name) / "report.html" for name in params.comparisons]
    reports += [workspace.analysis(name) / "report.html" for name in params.analyses]
    for path in reports:
        _tell(f"report          {path if path.exists() else f'{path} (not made yet: dvc repro)'}")
    toolkit = _shown_command()
    _tell(f"MLflow pages    {toolkit} ui")
    _tell(f"Optuna studies  {toolkit} dashboard")


def _shown_command() -> str:
    """How to call this command: with its folder where the shell would not find it."""
    folder = Path(sys.executable).parent
    if str(folder) in os.environ.get("PATH", "").split(os.pathsep):
        return "toolkit"
    here = Path.cwd()
    shown = folder.relative_to(here) if folder.is_relative_to(here) else folder
    return str(shown / "toolkit")


def _ui(workspace: Workspace, given: argparse.Namespace) -> None:
    store = open_store(workspace.home)
    command = ui_command(store, port=given.port)
    _tell(f"{ui_address(store, port=given.port)}/?workflowType=machine_learning (Ctrl-C ends it)")
    params = read_params(workspace.params)
    for name in dict.fromkeys([*params.data, *params.analyses]):
        with suppress(UnknownNameError):  # nothing was tracked of it yet
            _tell(f"runs on {name}: {run_list_link(store, name, port=given.port)}")
    _serve(command, ui_environment())


def _dashboard(workspace: Workspace, given: argparse.Namespace) -> None:
    if not _rebuild_studies(workspace, read_params(workspace.params)):
        raise ToolkitError("there is no study to show yet. Run `dvc repro` to make those declared.")
    _tell(f"http://127.0.0.1:{given.port} (Ctrl-C ends it)")
    _serve(dashboard_command(workspace.journal, port=given.port), {})


def _serve(command: list[str], environment: dict[str, str]) -> None:
    sys.stdout.flush()
    code = subprocess.run(command, env={**os.environ, **environment}, check=False).returncode
    sys.exit(code)


COMMANDS = {
    "check": _check,
    "compare": _compare,
    "data": run_data,
    "dashboard": _dashboard,
    "experiment": _experiment,
    "fetch": _fetch,
    "import": run_import,
    "sync": _sync,
    "ui": _ui,
    "where": _where,
}

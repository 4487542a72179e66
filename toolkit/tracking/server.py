"""Looking at the runs in a browser: the command that serves MLflow's pages, and links into them."""

import re
import sys
from urllib.parse import quote

from toolkit.errors import ToolkitError
from toolkit.tracking.addresses import SERVERS
from toolkit.tracking.experiments import VIEW, experiment_ids
from toolkit.tracking.mlflow_import import ENVIRONMENT
from toolkit.tracking.store import Store

TRAINING = "workflowType=machine_learning"  # MLflow opens its pages for language models otherwise
PORT = 5000


def ui_command(store: Store, *, port: int = PORT) -> list[str]:
    """The command that serves the pages to this machine alone; run it with `ui_environment`.

    One worker and no job processes: 0.5 GB of memory where MLflow's defaults take 2.6.

    Raises:
        ToolkitError: the runs are kept by a server already.
    """
    if store.uri.startswith(SERVERS):
        raise ToolkitError(
            f"the runs are kept by the server at {store.shown}. Open that address in a browser."
        )
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1"]
    return [*command, "--port", str(port), "--workers", "1"]


def ui_environment(store: Store) -> dict[str, str]:
    """Variables to add to the server's environment: where the runs are among them.

    The address may hold a password, and everybody on the machine can read command lines.
    """
    return {
        **ENVIRONMENT,
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "MLFLOW_BACKEND_STORE_URI": store.uri,
        "MLFLOW_ARTIFACTS_DESTINATION": str(store.artifacts),
    }


def ui_address(store: Store, *, port: int = PORT) -> str:
    """Where the pages are: the server that keeps the runs, or the one `ui_command` starts."""
    if store.uri.startswith(SERVERS):
        return re.sub("://[^/@]*@", "://", store.uri).rstrip("/")
    return f"http://127.0.0.1:{port}"


def run_list_link(store: Store, experiment: str, *, query: str = "", port: int = PORT) -> str:
    """The list of runs of an experiment: its members grouped by ensemble.

    Arguments:
        store: where they are.
        experiment: a data set's name.
        query: an MLflow filter string; the list shows what answers to it, not grouped.
        port: of the server that `ui_command` starts.

    Raises:
        UnknownNameError: there is no such experiment.
    """
    with store.translate_errors():
        number = experiment_ids(store, experiment)[0]
    shown = f"searchFilter={quote(query)}" if query else f"viewStateShareKey={VIEW}"
    return f"{ui_address(store, port=port)}/#/experiments/{number}/runs?{TRAINING}&{shown}"


def run_link(store: Store, run_id: str, *, port: int = PORT) -> str:
    """The page of one run.

    Arguments:
        store: where it is.
        run_id: MLflow's name of it.
        port: of the server that `ui_command` starts.

    Raises:
        ToolkitError: the store does not have it.
    """
    with store.translate_errors():
        experiment = store.client.get_run(run_id).info.experiment_id
    return f"{ui_address(store, port=port)}/#/experiments/{experiment}/runs/{run_id}?{TRAINING}"


def commit_of(store: Store, run_id: str) -> str:
    """The git commit of the project when a run was written; empty where git did not know it."""
    with store.translate_errors():
        run = store.client.get_run(run_id)
    return str(run.data.tags.get("mlflow.source.git.commit", ""))

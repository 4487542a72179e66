"""Looking at the runs in a browser: the command that serves MLflow's pages, and links into them."""

import json
import sys
from collections.abc import Iterable
from urllib.parse import quote

from toolkit.errors import ToolkitError
from toolkit.tracking.experiments import VIEW, experiment_ids
from toolkit.tracking.mlflow_import import ENVIRONMENT
from toolkit.tracking.store import SERVERS, Store

TRAINING = "workflowType=machine_learning"  # MLflow opens its pages for language models otherwise
PORT = 5000


def ui_command(store: Store, *, port: int = PORT) -> list[str]:
    """The command that serves the pages to this machine alone; run it with `ui_environment()`.

    One worker and no job processes: 0.5 GB of memory where MLflow's defaults take 2.6.

    Raises:
        ToolkitError: the runs are kept by a server already.
    """
    if store.uri.startswith(SERVERS):
        raise ToolkitError(
            f"the runs are kept by the server at {store.uri}. Open that address in a browser."
        )
    command = [sys.executable, "-m", "mlflow", "server", "--backend-store-uri", store.uri]
    command += ["--artifacts-destination", str(store.artifacts)]
    return [*command, "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]


def ui_environment() -> dict[str, str]:
    """Variables to add to the server's environment."""
    return {**ENVIRONMENT, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}


def ui_address(store: Store, *, port: int = PORT) -> str:
    """Where the pages are: the server that keeps the runs, or the one `ui_command` starts."""
    return store.uri.rstrip("/") if store.uri.startswith(SERVERS) else f"http://127.0.0.1:{port}"


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
    with store.plainly():
        number = experiment_ids(store, experiment)[0]
    shown = f"searchFilter={quote(query)}" if query else f"viewStateShareKey={VIEW}"
    return f"{ui_address(store, port=port)}/#/experiments/{number}/runs?{TRAINING}&{shown}"


def compare_link(store: Store, experiment: str, run_ids: Iterable[str], *, port: int = PORT) -> str:
    """The page that shows runs side by side.

    Raises:
        UnknownNameError: there is no such experiment.
    """
    with store.plainly():
        number = experiment_ids(store, experiment)[0]
    runs, experiments = quote(json.dumps(list(run_ids))), quote(json.dumps([number]))
    address = ui_address(store, port=port)
    return f"{address}/#/compare-runs?runs={runs}&experiments={experiments}&{TRAINING}"

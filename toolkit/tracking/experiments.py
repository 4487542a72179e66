"""Experiments and the runs in them: found, or made once however many ask at the same time.

One experiment a data set or analysis; runs are asked for with MLflow's filter strings, page by
page.
"""

import json
import re
from collections.abc import Iterator, Sequence

from toolkit.errors import ToolkitError, UnknownNameError
from toolkit.tracking.addresses import artifact_location, local_path, quoted
from toolkit.tracking.store import Store
from toolkit.tracking.stored import StoredRun

PAGE = 1000
MARK = "toolkit.schema"
VIEW = "members-by-ensemble"
NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,63}", re.ASCII)  # it becomes a folder of files
COLUMNS = (
    "hp/beta",
    "hp/gamma",
    "hp/seed",
    "final/distortion",
    "final/rate",
    "information/total",
    "information/active",
)
NOTE = (
    "Runs about **{name}**, repeated from the project's records by `toolkit sync`.\n\n"
    "Tag `kind` tells a member (one trained model) from an ensemble, a trial of a study, a "
    "comparison and an analysis. Group by the tag `ensemble`. Losses are in nats, information is "
    "in bits."
)


def experiment_for(store: Store, name: str) -> str:
    """The identity of the experiment called `name`, made where there is none.

    A deleted one is brought back: the records it repeats are still there.

    Raises:
        ToolkitError: the name could lead out of the folder of files, or the project was copied.
    """
    from mlflow.exceptions import MlflowException

    if not NAME.fullmatch(name):
        raise ToolkitError(
            f"no experiment can be called {quoted(name)}. Use letters, digits, and _ - . "
            "after the first, 64 at most."
        )
    found = store.client.get_experiment_by_name(name)
    if found is None:
        location = artifact_location(store.artifacts, name) if store.artifacts else None
        tags = {"mlflow.note.content": NOTE.format(name=name), MARK: "experiment/1"} | _view()
        try:
            return str(store.client.create_experiment(name, artifact_location=location, tags=tags))
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
            found = store.client.get_experiment_by_name(name)
    if found.lifecycle_stage == "deleted":
        store.client.restore_experiment(found.experiment_id)
    # MLflow writes absolute paths into its tables: a copied project would write to the old one
    if MARK in found.tags and store.rebuildable:
        folder = local_path(found.artifact_location)
        if folder and folder != local_path(artifact_location(str(store.artifacts), name)):
            raise ToolkitError(
                f"{store.database} was made when the project lay elsewhere: it keeps the files of "
                f"{name!r} in {found.artifact_location}. Delete it and run `toolkit sync`."
            )
    return str(found.experiment_id)


def experiment_ids(store: Store, name: str | None = None) -> list[str]:
    """The experiment called `name`, or all of them.

    Raises:
        UnknownNameError: there is none of that name.
    """
    known: dict[str, str] = {}
    token = None
    while True:
        page = store.client.search_experiments(max_results=1000, page_token=token)
        known |= {experiment.name: experiment.experiment_id for experiment in page}
        token = page.token
        if not token:
            break
    if name is None:
        return sorted(known.values())
    if name not in known:
        raise UnknownNameError("experiment", name, known)
    return [known[name]]


def _view() -> dict[str, str]:
    """A saved view for MLflow's run list: the members, grouped by ensemble, and what they reached.

    Source: the tag `mlflow.sharedViewState.*` that the page's own "Save as new view" writes.
    """
    grouped = {"mode": "tag", "groupByData": "ensemble"}
    state = {
        "searchFilter": "tags.kind = 'member'",
        "groupBy": {"aggregateFunction": "average", "groupByKeys": [grouped]},
        "selectedColumns": [f"metrics.`{name}`" for name in COLUMNS],
        "groupsExpanded": {},
    }
    envelope = {"name": "Members by ensemble", "createdAt": 0, "state": json.dumps(state)}
    return {f"mlflow.sharedViewState.{VIEW}": json.dumps(envelope)}


def literal(text: str) -> str:
    """A text as MLflow's filter strings quote it.

    >>> literal("sprites-beta")
    "'sprites-beta'"
    >>> literal("Ada's")
    '"Ada\\'s"'
    """
    if "'" not in text:
        return f"'{text}'"
    if '"' not in text:
        return f'"{text}"'
    raise ToolkitError(f"{text!r} holds both kinds of quotes, which no filter can. Rename it.")


def pages(store: Store, experiments: Sequence[str], query: str) -> Iterator[StoredRun]:
    """Every run that answers to `query`, in no particular order."""
    token = None
    while experiments:
        page = store.client.search_runs(
            list(experiments), query, max_results=PAGE, page_token=token
        )
        yield from map(StoredRun.of, page)
        token = page.token
        if not token:
            return

"""Which runs a query means: MLflow's filter strings over the finished members of a store."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from toolkit.errors import ToolkitError
from toolkit.tracking.experiments import experiment_ids, pages
from toolkit.tracking.mlflow_import import library
from toolkit.tracking.projections import MEMBER
from toolkit.tracking.store import Store

GRAMMAR = (
    "Write comparisons joined by `and`, such as "
    "tags.ensemble = 'sprites-beta' and metrics.`hp/beta` >= 4; texts are quoted, names with "
    "a slash or dot stand in backticks, `or` does not exist, and numbers are metrics "
    "(params.* hold texts)."
)
_MEMBER = f"tags.kind = 'member' and tags.`record.schema` LIKE '{MEMBER}%'"
MEMBERS = f"attributes.status = 'FINISHED' and {_MEMBER}"
FAILURES = f"attributes.status = 'FAILED' and {_MEMBER}"
SHOWN = 10  # names in a message


@dataclass(frozen=True, kw_only=True)
class SelectedRun:
    """A finished member that a query chose.

    Arguments:
        run_id: MLflow's name of the run; another after the store was rebuilt.
        name: the run's name.
        key: the member's key, the same everywhere.
        ensemble, study, trial: what it belongs to, or none.
        data: name of its data set.
        objective: name of its objective.
        hyperparameters: its numeric settings, from `hp/*`.
        seed: of its training.
        final: its final losses, in nats.
        tags: all its tags.
        probe: digest of the images it answered.
    """

    run_id: str
    name: str
    key: str
    ensemble: str | None
    study: str | None
    trial: int | None
    data: str
    objective: str
    hyperparameters: Mapping[str, float]
    seed: int
    final: Mapping[str, float]
    tags: Mapping[str, str]
    probe: str


def select(store: Store, query: str, *, experiment: str | None = None) -> tuple[SelectedRun, ...]:
    """The finished members that `query` means, sorted by ensemble, name and key.

    A member that several ensembles share is one member, and is there once.

    Arguments:
        store: where to look.
        query: an MLflow filter string; an empty one means every member.
        experiment: only the experiment of this name (a data set's); all when left out.

    Raises:
        ToolkitError: MLflow does not understand the query, or nothing answers to it.
        UnknownNameError: there is no such experiment.
    """
    with store.plainly():
        experiments = experiment_ids(store, experiment)
        found = _asked(store, experiments, query)
        if not found:
            raise _nothing(query, experiment, list(pages(store, experiments, MEMBERS)))
    once: dict[tuple[str, str], SelectedRun] = {}
    for run in sorted(found, key=lambda run: _order(run.data.tags)):
        chosen = _selected(run)
        once.setdefault((chosen.key, chosen.probe), chosen)
    return tuple(once.values())


def clauses_of(query: str) -> list[dict[str, str]]:
    """The comparisons that a query is made of, as MLflow reads it, without a store.

    >>> clauses_of("tags.ensemble = 'a'")
    [{'type': 'tag', 'key': 'ensemble', 'comparator': '=', 'value': 'a'}]

    Raises:
        ToolkitError: MLflow does not understand the query.
    """
    from mlflow.exceptions import MlflowException

    try:
        return list(library("mlflow.utils.search_utils").SearchUtils.parse_search_filter(query))
    except MlflowException as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise ToolkitError(f"the query {query!r} is not understood: {reason}. {GRAMMAR}") from error


@dataclass(frozen=True, kw_only=True)
class FailedRun:
    """A member that a query means too, but whose training came to no result.

    Arguments:
        name: the run's name.
        record: digest of its record.
        ensemble, study: what it belongs to, or none.
        reason: at which step it failed, and why.
    """

    name: str
    record: str
    ensemble: str | None
    study: str | None
    reason: str


def select_failed(store: Store, query: str) -> tuple[FailedRun, ...]:
    """The failed members that `query` means, sorted by ensemble, name and key; may be none.

    Raises:
        ToolkitError: MLflow does not understand the query.
    """
    with store.plainly():
        found = _asked(store, experiment_ids(store, None), query, FAILURES)
    once: dict[str, FailedRun] = {}
    for tags in sorted((dict(run.data.tags) for run in found), key=_order):
        failed = FailedRun(
            name=tags["mlflow.runName"],
            record=tags["record.digest"],
            ensemble=tags.get("ensemble"),
            study=tags.get("study"),
            reason=tags.get("mlflow.note.content", "it failed, and its record does not say why"),
        )
        once.setdefault(tags["key"], failed)
    return tuple(once.values())


def _order(tags: Mapping[str, str]) -> tuple[str, ...]:
    names = ("ensemble", "mlflow.runName", "key", "record.digest", "record.writer")
    return tuple(tags.get(name, "") for name in names)


def _asked(store: Store, experiments: list[str], query: str, among: str = MEMBERS) -> list[Any]:
    from mlflow.exceptions import MlflowException

    whole = f"{among} and {query}" if query.strip() else among
    try:
        return list(pages(store, experiments, whole))
    except MlflowException as error:
        if error.error_code != "INVALID_PARAMETER_VALUE":
            raise
        reason = str(error).splitlines()[0].rstrip(".")
        raise ToolkitError(f"the query {query!r} is not understood: {reason}. {GRAMMAR}") from error


def _nothing(query: str, experiment: str | None, there: list[Any]) -> ToolkitError:
    where = f" in the experiment {experiment!r}" if experiment else ""
    if not there:
        return ToolkitError(
            f"the run store holds no finished member{where} yet, so nothing answers to the query "
            f"{query!r}. Run `dvc repro`, or `toolkit sync` if the store was deleted."
        )
    known = "; ".join(
        f"{tag}s: {_listed({run.data.tags[tag] for run in there if tag in run.data.tags})}"
        for tag in ("ensemble", "dataset", "objective")
    )
    return ToolkitError(
        f"no finished member{where} answers to the query {query!r}. There are {known}."
    )


def _listed(names: Iterable[str]) -> str:
    names = sorted(names)
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more if names else "none"


def _selected(run: Any) -> SelectedRun:  # noqa: ANN401 - MLflow's run
    tags, metrics = dict(run.data.tags), run.data.metrics
    settings = _under("hp/", metrics)
    return SelectedRun(
        run_id=run.info.run_id,
        name=tags["mlflow.runName"],
        key=tags["key"],
        ensemble=tags.get("ensemble"),
        study=tags.get("study"),
        trial=int(tags["trial"]) if "trial" in tags else None,
        data=tags["dataset"],
        objective=tags["objective"],
        hyperparameters=settings,
        seed=int(settings["seed"]),
        final=_under("final/", metrics),
        tags=tags,
        probe=tags["probe.digest"],
    )


def _under(prefix: str, metrics: Mapping[str, float]) -> dict[str, float]:
    chosen = sorted(name for name in metrics if name.startswith(prefix))
    return {name.removeprefix(prefix): metrics[name] for name in chosen}

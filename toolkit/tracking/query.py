"""Which runs a query means: MLflow's filter strings over the members of a store."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from toolkit.errors import ToolkitError
from toolkit.records import MemberRecord
from toolkit.tracking.addresses import printable, quoted
from toolkit.tracking.clauses import Clause, plain_clauses
from toolkit.tracking.experiments import experiment_ids, pages
from toolkit.tracking.foreign import OddRunError, member_record
from toolkit.tracking.mlflow_import import library
from toolkit.tracking.projections import MEMBER
from toolkit.tracking.retrieval import RECORD, RunFileError, file_of
from toolkit.tracking.store import Store
from toolkit.tracking.stored import NOTE, StoredRun

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
REASONS = 3  # of odd runs in a message


@dataclass(frozen=True, kw_only=True)
class SelectedRun:
    """A finished member that a query selects.

    Arguments:
        run: as the store holds it.
        record: its record, every field of it checked.
    """

    run: StoredRun
    record: MemberRecord

    @property
    def run_id(self) -> str:
        """MLflow's name of the run; another after the store was rebuilt."""
        return self.run.run_id

    @property
    def name(self) -> str:
        """What people call it: its ensemble or trial, and its own name."""
        record = self.record
        owner = record.ensemble or (f"{record.study} trial {record.trial}" if record.study else "")
        return f"{owner}/{record.name}" if owner else record.name


@dataclass(frozen=True, kw_only=True)
class LeftOutRun:
    """A run that a query selects too, and why it cannot be compared.

    Arguments:
        name: the run's name, with its ensemble or study; control characters are escaped.
        reason: a failed member's step and reason, or what is odd about a run.
    """

    name: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Selection:
    """What a query selects; all are sorted by ensemble, name and key.

    Arguments:
        runs: to compare; a member that several ensembles share is there once.
        left_out: members whose training failed, and runs that are not in order.
        replaced: names of runs that this project wrote and whose records it holds no more.
    """

    runs: tuple[SelectedRun, ...]
    left_out: tuple[LeftOutRun, ...]
    replaced: tuple[str, ...]


def select(
    store: Store,
    query: str,
    *,
    experiment: str | None = None,
    records: Collection[str] | None = None,
) -> Selection:
    """The members that `query` means.

    Arguments:
        store: where to look.
        query: an MLflow filter string; an empty one means every member.
        experiment: only the experiment of this name (a data set's); all when left out.
        records: digests of the records that this project holds now. Runs that it wrote of other
            records are set aside: a fresh clone would not have them. None sets nothing aside.

    Raises:
        ToolkitError: MLflow does not understand the query, or no run is left to compare.
        UnknownNameError: there is no such experiment.
    """

    def is_replaced(run: StoredRun) -> bool:
        return records is not None and run.digest not in records and store.wrote(run.tags)

    with store.translate_errors():
        experiments = experiment_ids(store, experiment)
        found = sorted(_asked(store, experiments, query, MEMBERS), key=_order)
        if not found:
            raise _nothing(query, experiment, list(pages(store, experiments, MEMBERS)))
        failed = sorted(_asked(store, experiments, query, FAILURES), key=_order)
        distinct: dict[tuple[str, str], SelectedRun] = {}
        odd = []
        for run in found:
            if is_replaced(run):
                continue
            try:
                record = member_record(run, file_of(store, run, RECORD, checked=False))
            except OddRunError as error:
                odd.append(_left_out(run, f"{error}."))
            except RunFileError as error:
                odd.append(_left_out(run, f"its record is {error.what}."))
            else:
                chosen = SelectedRun(run=run, record=record)
                distinct.setdefault((record.key, record.probe.digest), chosen)
    replaced = tuple(printable(run.name) for run in found if is_replaced(run))
    if not distinct:
        raise _none_left(len(found), replaced, odd)
    failures: dict[str, LeftOutRun] = {}
    for run in failed:
        if not is_replaced(run):
            reason = printable(run.tags.get(NOTE, "it failed, and its record does not say why"))
            failures.setdefault(run.tags.get("key", run.run_id), _left_out(run, reason))
    left_out = (*failures.values(), *odd)
    return Selection(runs=tuple(distinct.values()), left_out=left_out, replaced=replaced)


def clauses_of(query: str) -> list[Clause]:
    """The comparisons that a query is made of, as MLflow reads it, without a store.

    >>> clauses_of("tags.ensemble LIKE 'a%'")
    [Clause(kind='tag', key='ensemble', comparator='LIKE', value='a%')]

    Raises:
        ToolkitError: MLflow does not understand the query.
    """
    plain = plain_clauses(query)
    if plain is not None:
        return plain
    read = library("mlflow.utils.search_utils").SearchUtils.parse_search_filter
    try:
        return [
            Clause(
                kind=clause["type"],
                key=clause["key"],
                comparator=clause["comparator"],
                value=clause["value"],
            )
            for clause in read(query)
        ]
    except library("mlflow.exceptions").MlflowException as error:
        raise _not_understood(query, error) from error


def _order(run: StoredRun) -> tuple[str, ...]:
    names = ("ensemble", "mlflow.runName", "key", "record.digest", "record.writer")
    return tuple(run.tags.get(name, "") for name in names)


def _asked(store: Store, experiments: Sequence[str], query: str, among: str) -> list[StoredRun]:
    from mlflow.exceptions import MlflowException

    whole = f"{among} and {query}" if query.strip() else among
    try:
        return list(pages(store, experiments, whole))
    except MlflowException as error:
        if error.error_code != "INVALID_PARAMETER_VALUE":
            raise
        raise _not_understood(query, error) from error


def _not_understood(query: str, error: Exception) -> ToolkitError:
    reason = printable(str(error).splitlines()[0]).rstrip(".")
    return ToolkitError(f"the query {quoted(query)} is not understood: {reason}. {GRAMMAR}")


def _nothing(query: str, experiment: str | None, there: Sequence[StoredRun]) -> ToolkitError:
    where = f" in the experiment {experiment!r}" if experiment else ""
    if not there:
        return ToolkitError(
            f"the run store holds no finished member{where} yet, so nothing answers to the query "
            f"{quoted(query)}. Run `dvc repro`, or `toolkit sync` if the store was deleted."
        )
    known = "; ".join(
        f"{tag}s: {_listed({run.tags[tag] for run in there if tag in run.tags})}"
        for tag in ("ensemble", "dataset", "objective")
    )
    return ToolkitError(
        f"no finished member{where} answers to the query {quoted(query)}. There are {known}."
    )


def _none_left(count: int, replaced: Sequence[str], odd: Sequence[LeftOutRun]) -> ToolkitError:
    if not odd:
        return ToolkitError(
            f"all {count} runs that the query selects are of records that this project holds no "
            "more: they were replaced, or params.yaml no longer declares them. Run `dvc repro` to "
            "make what it declares, or compare them all the same with `toolkit compare --outdated`."
        )
    reasons = " ".join(f"{run.name}: {run.reason}" for run in odd[:REASONS])
    return ToolkitError(
        f"none of the {count} runs that the query selects can be compared. {reasons}"
    )


def _listed(names: Iterable[str]) -> str:
    names = sorted(names)
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(printable(name) for name in names[:SHOWN]) + more if names else "none"


def _left_out(run: StoredRun, reason: str) -> LeftOutRun:
    ensemble, owner = run.tags.get("ensemble"), run.tags.get("ensemble") or run.tags.get("study")
    name = run.name.removeprefix(f"{ensemble} ") or run.run_id
    return LeftOutRun(name=printable(f"{owner}/{name}" if owner else name), reason=reason)

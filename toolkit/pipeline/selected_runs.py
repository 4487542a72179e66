"""The runs of a comparison, read from the run store: which count, what they answered and scored."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from toolkit.config import Params
from toolkit.data import read_prepared
from toolkit.errors import ToolkitError
from toolkit.files import canonical_json, read_json
from toolkit.pipeline.conditions import conditions_of
from toolkit.pipeline.sync import current_records
from toolkit.posteriors import Posteriors
from toolkit.report import ComparedRun, FailedMember
from toolkit.tracking import OddRunError, SelectedRun, Store, answers_of_run, select
from toolkit.tracking.addresses import printable
from toolkit.tracking.records import final_value, is_number
from toolkit.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class ChosenRuns:
    """What a query selects.

    Arguments:
        runs: those to compare.
        posteriors: what each of them answered.
        failed: those that are left out, because their training failed or something about them is
            not in order.
        replaced: names of runs of this project whose records it holds no more.
    """

    runs: tuple[ComparedRun, ...]
    posteriors: tuple[Posteriors, ...]
    failed: tuple[FailedMember, ...]
    replaced: tuple[str, ...]


def choose(
    workspace: Workspace, params: Params, store: Store, query: str, *, outdated: bool
) -> ChosenRuns:
    """The runs that a query selects, with their answers.

    Runs that this project wrote count while its records say the same, unless `outdated`: without
    this, two clones with different histories would compare different runs. What other projects
    wrote counts always.

    Raises:
        ToolkitError: the query is wrong, or nothing is left to compare.
    """
    records = None if outdated else current_records(workspace, params)
    selection = select(store, query, records=records)
    failed = [FailedMember(name=run.name, reason=run.reason) for run in selection.left_out]
    runs, posteriors = [], []
    for selected in selection.runs:
        try:
            run, answers = _compared(selected), answers_of_run(store, selected.run, selected.record)
        except OddRunError as error:
            failed.append(FailedMember(name=selected.name, reason=f"{error}."))
        else:
            runs.append(run)
            posteriors.append(answers)
    if not runs:
        reasons = " ".join(f"{member.name}: {member.reason}" for member in failed[:3])
        raise ToolkitError(f"none of the runs that the query selects can be compared. {reasons}")
    return ChosenRuns(
        runs=tuple(runs),
        posteriors=tuple(posteriors),
        failed=tuple(failed),
        replaced=selection.replaced,
    )


def _compared(selected: SelectedRun) -> ComparedRun:
    record = selected.record
    try:
        final_values = {name: final_value(value) for name, value in record.objective.items()}
        hyperparameters = {
            name: float(value) for name, value in final_values.items() if is_number(value)
        }
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        reason = printable(error).rstrip(".")
        raise OddRunError(f"its objective is not known here: {reason}") from error
    return ComparedRun(
        name=selected.name,
        key=record.key,
        run_id=selected.run_id,
        ensemble=record.ensemble or record.study or "",
        data=record.data,
        objective=record.objective_name,
        hyperparameters=hyperparameters,
        options={
            name: value if isinstance(value, str) else canonical_json(value)
            for name, value in record.objective.items()
            if name != "name" and not is_number(value)
        },
        conditions=conditions_of(record),
        seed=record.seed,
        distortion=record.final.get("distortion"),
        rate=record.final.get("rate"),
        record=str(selected.run.digest),
        scores=record.scores,
        trajectory=tuple((point.step, point.information) for point in record.trajectory),
    )


def factors_of(
    workspace: Workspace, params: Params, posteriors: Sequence[Posteriors]
) -> tuple[torch.Tensor | None, tuple[str, ...]]:
    """Known factors of the probe images, if a data set of this project has that probe set."""
    for name in params.data:
        folder = workspace.data(name)
        if not (folder / "data.json").exists():
            continue
        record = read_json(folder / "data.json", schema="data/1")
        if record["probe"]["digest"] == posteriors[0].probe and record["factors"]:
            data = read_prepared(folder, mapped=True, verify=False)
            factors = data.probe_factors
            if factors is not None:
                return torch.from_numpy(factors), data.images.factor_names
    return None, ()

"""The runs of a comparison, read from the run store: which count, what they answered and scored."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from toolkit.config import Params
from toolkit.data import read_prepared
from toolkit.errors import ToolkitError
from toolkit.files import canonical_json, read_json
from toolkit.pipeline.sync import current_records
from toolkit.posteriors import Posteriors, load_posteriors
from toolkit.records import MemberRecord, read_object
from toolkit.report import ComparedRun, FailedMember
from toolkit.tracking import (
    FailedRun,
    SelectedRun,
    Store,
    artifact_path,
    select,
    select_failed,
)
from toolkit.tracking.records import final_value, is_number
from toolkit.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """What a query means.

    Arguments:
        runs: those to compare.
        failed: those that would have been compared, had their training come to a result.
        replaced: names of runs whose records this project has since replaced.
    """

    runs: tuple[SelectedRun, ...]
    failed: tuple[FailedMember, ...]
    replaced: tuple[str, ...]


def choose(
    workspace: Workspace, params: Params, store: Store, query: str, *, outdated: bool
) -> Chosen:
    """The runs that a query means; replaced ones are set aside unless `outdated`.

    Without this two clones with different histories would compare different runs.

    Raises:
        ToolkitError: the query is wrong, or nothing is left to compare.
    """
    records = current_records(workspace, params)

    def counts(run: SelectedRun | FailedRun, record: str) -> bool:
        ours = run.ensemble in params.ensembles or run.study in params.studies
        return outdated or not ours or record in records

    selected = select(store, query)
    runs = tuple(run for run in selected if counts(run, run.tags["record.digest"]))
    if not runs:
        raise ToolkitError(
            f"all {len(selected)} runs that the query selects belong to earlier versions of "
            "ensembles in params.yaml. Run `dvc repro` to make the current ones, or compare the "
            "earlier ones with `toolkit compare --outdated`."
        )
    failed = [run for run in select_failed(store, query) if counts(run, run.record)]
    return Chosen(
        runs=runs,
        failed=tuple(_failed(run) for run in failed),
        replaced=tuple(run.name for run in selected if run not in runs),
    )


def _failed(run: FailedRun) -> FailedMember:
    owner = run.ensemble or run.study
    own = run.name.removeprefix(f"{run.ensemble} ")
    return FailedMember(name=f"{owner}/{own}" if owner else own, reason=run.reason)


def answers_of(
    store: Store, selected: Sequence[SelectedRun]
) -> tuple[list[ComparedRun], list[Posteriors]]:
    """Every run as it enters a comparison, and what it answered.

    Raises:
        ToolkitError: a file is damaged, or the store refuses.
    """
    runs, posteriors = [], []
    for run in selected:
        path = artifact_path(store, run.run_id, "member/record.json")
        record = MemberRecord.from_json(read_object(path), source=str(path))
        runs.append(_compared(run, record))
        posteriors.append(
            load_posteriors(artifact_path(store, run.run_id, "member/posteriors.safetensors"))
        )
    return runs, posteriors


def _compared(run: SelectedRun, record: MemberRecord) -> ComparedRun:
    owner = run.ensemble or (f"{run.study} trial {run.trial}" if run.study else "")
    objective = record.objective
    return ComparedRun(
        name=f"{owner}/{record.name}" if owner else record.name,
        key=run.key,
        run_id=run.run_id,
        ensemble=run.ensemble or run.study or "",
        data=run.data,
        objective=run.objective,
        hyperparameters={
            k: float(number) for k, v in objective.items() if is_number(number := final_value(v))
        },
        options={
            k: v if isinstance(v, str) else canonical_json(v)
            for k, v in objective.items()
            if k != "name" and not is_number(v)
        },
        seed=run.seed,
        distortion=record.final.get("distortion"),
        rate=record.final.get("rate"),
        record=run.tags["record.digest"],
        scores=record.scores,
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

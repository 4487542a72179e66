"""From the records of this project to its MLflow runs.

Names come from params.yaml, members from the records of their ensemble or study; no folder is
listed but that of imported members, which nothing else declares.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from toolkit.config import Params
from toolkit.data import read_prepared
from toolkit.data.prepared import RECORD as DATA
from toolkit.files import read_json
from toolkit.pipeline.imported import imported_records
from toolkit.pipeline.members.jobs import member_folder, training_digest
from toolkit.pipeline.progress import Progress
from toolkit.pipeline.scores import mean_scores
from toolkit.studies.records import FILE as STUDY
from toolkit.studies.records import Trial, read_study
from toolkit.tracking import (
    SyncSummary,
    TrackedRun,
    open_store,
    project_analysis,
    project_data,
    project_ensemble,
    project_member,
    project_trial,
    sync,
)
from toolkit.training.member import RECORD, RECORD_SCHEMA
from toolkit.workspace import Workspace

ENSEMBLE, ENSEMBLE_SCHEMA = "ensemble.json", "ensemble/1"
ANALYSIS, ANALYSIS_SCHEMA = "analysis.json", "analysis/1"


def track(
    workspace: Workspace,
    params: Params,
    *,
    ensembles: Sequence[str] = (),
    studies: Sequence[str] = (),
    analyses: Sequence[str] = (),
    imported: bool = False,
) -> SyncSummary:
    """Bring MLflow up to date with some ensembles and studies with their data, and analyses.

    Arguments:
        ensembles, studies: names in params.yaml.
        imported: also all members that other programs trained.

    Raises:
        ToolkitError: a record is damaged, or the tracking store refuses.
    """
    foreign = imported_records(workspace) if imported else []
    sections = [params.ensembles[n] for n in ensembles] + [params.studies[n] for n in studies]
    data = [section.data for section in sections] + [record["data"] for _, record in foreign]
    runs = [run for name in dict.fromkeys(data) for run in data_runs(workspace, name)]
    runs += [run for name in ensembles for run in ensemble_runs(workspace, params, name)]
    runs += [run for name in studies for run in study_runs(workspace, params, name)]
    runs += [imported_run(workspace, folder, record) for folder, record in foreign]
    runs += [analysis_run(workspace, name) for name in analyses]
    with Progress("MLflow", len(runs)) as progress:
        return sync(
            open_store(workspace.home), runs, progress=lambda done, _: progress.reach(0, done)
        )


def track_all(workspace: Workspace, params: Params) -> SyncSummary:
    """Bring MLflow up to date with every record there is."""
    return track(
        workspace,
        params,
        ensembles=[n for n in params.ensembles if (workspace.ensemble(n) / ENSEMBLE).exists()],
        studies=[n for n in params.studies if (workspace.study(n) / STUDY).exists()],
        analyses=[n for n in params.analyses if (workspace.analysis(n) / ANALYSIS).exists()],
        imported=True,
    )


def imported_run(workspace: Workspace, folder: Path, record: dict[str, Any]) -> TrackedRun:
    """The run of a member that another program trained; the tag `imported` names the program."""
    tags = {"imported": record["settings"]["source"], **dvc_tags(workspace, record["data"])}
    return project_member(record, folder, tags=tags)


def data_runs(workspace: Workspace, name: str) -> Iterator[TrackedRun]:
    """The run of a data set; none where its folder was not brought to this machine."""
    folder = workspace.data(name)
    if not (folder / DATA).exists():
        return
    data = read_prepared(folder, mapped=True, verify=False)
    yield project_data(
        data.record(),
        workspace.sheets(name),
        name=name,
        training=training_digest(data),
        tags=dvc_tags(workspace, name),
    )


def ensemble_runs(workspace: Workspace, params: Params, name: str) -> Iterator[TrackedRun]:
    """The runs of an ensemble's members, then its own."""
    folder = workspace.ensemble(name)
    record = read_json(folder / ENSEMBLE, schema=ENSEMBLE_SCHEMA)
    tags = dvc_tags(workspace, params.ensembles[name].data)
    for member in record["members"]:
        at = member_folder(folder, member["key"])
        yield project_member(read_json(at / RECORD, schema=RECORD_SCHEMA), at, tags=tags)
    yield project_ensemble(record, folder, tags=tags)


def study_runs(workspace: Workspace, params: Params, name: str) -> Iterator[TrackedRun]:
    """The runs of each trial's members, and of the trial."""
    folder, section = workspace.study(name), params.studies[name]
    tags = dvc_tags(workspace, section.data)
    seen: set[str] = set()
    for trial in read_study(folder).trials:
        data_digest, scores = "", []
        for member in trial.members:
            at = member_folder(folder, member["key"])
            record = read_json(at / RECORD, schema=RECORD_SCHEMA)
            data_digest = record["settings"]["data"]
            scores.append(record.get("scores") or {})
            if member["key"] not in seen:  # a proposal made twice has its members once
                yield project_member(record, at, tags=tags)
            seen.add(member["key"])
        facts = {
            "data": section.data,
            "data_digest": data_digest,
            "scores": mean_scores(scores),
        }
        yield project_trial(trial_record(trial, name, section.objective.name, facts), tags=tags)


def analysis_run(workspace: Workspace, name: str) -> TrackedRun:
    """The run of an analysis."""
    folder = workspace.analysis(name)
    return project_analysis(read_json(folder / ANALYSIS, schema=ANALYSIS_SCHEMA), folder)


def trial_record(trial: Trial, study: str, objective: str, facts: dict[str, Any]) -> dict[str, Any]:
    """A trial as a record of its own."""
    return {
        "schema": "trial/1",
        "study": study,
        "number": trial.number,
        "status": "finished" if trial.complete else "failed",
        "objective": objective,
        "parameters": trial.parameters,
        "values": dict(trial.values or {}),
        "members": list(trial.members),
        **facts,
    }


def current_records(workspace: Workspace, params: Params) -> set[str]:
    """Digests of all member records that the declared ensembles and studies hold now."""
    digests: set[str] = set()
    for name in params.ensembles:
        path = workspace.ensemble(name) / ENSEMBLE
        if path.exists():
            members = read_json(path, schema=ENSEMBLE_SCHEMA)["members"]
            digests |= {member["record"] for member in members}
    for name in params.studies:
        if (workspace.study(name) / STUDY).exists():
            trials = read_study(workspace.study(name)).trials
            digests |= {member["record"] for trial in trials for member in trial.members}
    return digests


def dvc_tags(workspace: Workspace, data: str) -> dict[str, str]:
    """What DVC knows of the data set: its md5, from dvc.lock."""
    lock = workspace.root / "dvc.lock"
    if not lock.exists():
        return {}
    stages = YAML(typ="safe", pure=True).load(lock.read_text()).get("stages", {})
    outs = stages.get(f"data@{data}", {}).get("outs", [])
    return {"dvc.data.md5": outs[0]["md5"]} if outs else {}

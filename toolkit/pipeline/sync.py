"""From the records of this project to its MLflow runs.

Names come from params.yaml, members from the records of their ensemble or study; no folder is
listed but that of imported members, which nothing else declares.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from toolkit.config import Params
from toolkit.data import read_prepared
from toolkit.data.prepared import RECORD as DATA
from toolkit.errors import ToolkitError
from toolkit.pipeline.imported import imported_records
from toolkit.pipeline.members.jobs import member_folder, training_digest
from toolkit.pipeline.progress import Progress
from toolkit.pipeline.scores import mean_scores
from toolkit.records import (
    AnalysisRecord,
    EnsembleRecord,
    MemberRecord,
    MemberReference,
    TrialRecord,
    read_study,
)
from toolkit.records.names import ANALYSIS, ENSEMBLE, STUDY
from toolkit.tracking import (
    StoreError,
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
from toolkit.workspace import Workspace


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
    data = [section.data for section in sections] + [record.data for _, record in foreign]
    runs = [run for name in dict.fromkeys(data) for run in data_runs(workspace, name)]
    runs += [run for name in ensembles for run in ensemble_runs(workspace, params, name)]
    runs += [run for name in studies for run in study_runs(workspace, params, name)]
    runs += [imported_run(workspace, folder, record) for folder, record in foreign]
    runs += [analysis_run(workspace, name) for name in analyses]
    store = open_store(workspace.home)
    if store.warning:
        sys.stderr.write(f"warning: {store.warning}\n")
    with Progress("MLflow", len(runs)) as progress:
        return sync(store, runs, progress=lambda done, _: progress.reach(0, done))


def ask_store(workspace: Workspace) -> None:
    """Ask the run store, before long work begins, whether it is there; a local file always is.

    Raises:
        ToolkitError: the server or the database does not answer, or refuses the login.
    """
    address = os.environ.get("MLFLOW_TRACKING_URI", "")
    if address and not address.startswith("sqlite:"):
        open_store(workspace.home)


def track_results(
    workspace: Workspace,
    params: Params,
    *,
    ensembles: Sequence[str] = (),
    studies: Sequence[str] = (),
    analyses: Sequence[str] = (),
) -> str:
    """Show results that are written in MLflow, and say what came of it.

    Arguments as of `track`. A run store that went away meanwhile stops nothing: the results lie in
    the project.

    Raises:
        ToolkitError: a record is damaged.
    """
    try:
        summary = track(workspace, params, ensembles=ensembles, studies=studies, analyses=analyses)
    except StoreError as error:
        return (
            f"MLflow was not brought up to date, because {error} The results are complete; run "
            "`toolkit sync` to show them."
        )
    return f"MLflow: {summary.described()}"


def track_all(workspace: Workspace, params: Params) -> SyncSummary:
    """Bring MLflow up to date with every record there is of the present version."""
    return track(
        workspace,
        params,
        ensembles=[n for n in params.ensembles if _is_current(workspace.ensemble(n) / ENSEMBLE)],
        studies=[n for n in params.studies if _is_current(workspace.study(n) / STUDY)],
        analyses=[n for n in params.analyses if (workspace.analysis(n) / ANALYSIS).exists()],
        imported=True,
    )


def _is_current(path: Path) -> bool:
    """Whether a record is there and of the present version; one of an earlier one is announced."""
    if not path.exists():
        return False
    is_ensemble = path.name == ENSEMBLE
    record = EnsembleRecord.read(path.parent) if is_ensemble else read_study(path.parent)
    if not record.is_current:
        sys.stderr.write(
            f"{path} was written by an earlier version of the toolkit and is left out. Run "
            "`dvc repro`: it computes the answers again from the weights, and trains nothing.\n"
        )
    return record.is_current


def imported_run(workspace: Workspace, folder: Path, record: MemberRecord) -> TrackedRun:
    """The run of a member that another program trained; the tag `imported` names the program."""
    tags = {"imported": str(record.settings["source"]), **dvc_tags(workspace, record.data)}
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
    record = EnsembleRecord.read(folder)
    tags = dvc_tags(workspace, params.ensembles[name].data)
    for reference in record.members:
        member = _member(folder, reference, owner=folder / ENSEMBLE)
        yield project_member(member, member_folder(folder, reference.key), tags=tags)
    yield project_ensemble(record, folder, tags=tags)


def _member(folder: Path, reference: MemberReference, *, owner: Path) -> MemberRecord:
    """The record of a member, as the record of its owner states it.

    Raises:
        ToolkitError: it is missing or damaged, or another one than the owner's record states.
    """
    record = MemberRecord.read(member_folder(folder, reference.key))
    if record.digest != reference.record:
        raise ToolkitError(
            f"{member_folder(folder, reference.key) / MemberRecord.FILE} is not the record that "
            f"{owner} states: one of them was changed after it was written. Bring both back with "
            "`dvc checkout`, or run `dvc repro`, which computes the record again from the weights."
        )
    return record


def study_runs(workspace: Workspace, params: Params, name: str) -> Iterator[TrackedRun]:
    """The runs of each trial's members, and of the trial."""
    folder, section = workspace.study(name), params.studies[name]
    tags = dvc_tags(workspace, section.data)
    seen: set[str] = set()
    for trial in read_study(folder).trials:
        records = [_member(folder, reference, owner=folder / STUDY) for reference in trial.members]
        for record in records:
            if record.key not in seen:  # a proposal made twice has its members once
                yield project_member(record, member_folder(folder, record.key), tags=tags)
            seen.add(record.key)
        trial_record = TrialRecord(
            study=name,
            number=trial.number,
            status="finished" if trial.complete else "failed",
            objective=section.objective.name,
            parameters=trial.parameters,
            values=dict(trial.values or {}),
            members=trial.members,
            data=section.data,
            data_digest=records[-1].data_digest if records else "",
            scores=mean_scores([record.scores for record in records]),
        )
        yield project_trial(trial_record, tags=tags)


def analysis_run(workspace: Workspace, name: str) -> TrackedRun:
    """The run of an analysis."""
    folder = workspace.analysis(name)
    return project_analysis(AnalysisRecord.read(folder), folder)


def current_records(workspace: Workspace, params: Params) -> set[str]:
    """Digests of all member records that the project holds now.

    They are those of the declared ensembles and studies, and of imported members.
    """
    digests = {record.digest for _, record in imported_records(workspace)}
    for name in params.ensembles:
        path = workspace.ensemble(name) / ENSEMBLE
        if path.exists():
            digests |= {member.record for member in EnsembleRecord.read(path.parent).members}
    for name in params.studies:
        if (workspace.study(name) / STUDY).exists():
            trials = read_study(workspace.study(name)).trials
            digests |= {member.record for trial in trials for member in trial.members}
    return digests


def dvc_tags(workspace: Workspace, data: str) -> dict[str, str]:
    """What DVC knows of the data set: its md5, from dvc.lock; nothing where that is not known.

    The file may be absent, empty, cut, or in the middle of a merge, and with some remotes DVC
    writes no md5: a tag is then lacking, which stops nothing.
    """
    try:
        lock = YAML(typ="safe", pure=True).load((workspace.root / "dvc.lock").read_text())
        md5 = lock["stages"][f"data@{data}"]["outs"][0]["md5"]
    except (OSError, ValueError, YAMLError, LookupError, TypeError):
        return {}
    return {"dvc.data.md5": md5} if isinstance(md5, str) else {}

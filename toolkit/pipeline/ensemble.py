"""An ensemble: a member for every point of the grid and every seed, and what they share."""

import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

from toolkit.config import Ensemble, Params, declared_members
from toolkit.config.scores import declared
from toolkit.data import PreparedData, read_prepared
from toolkit.errors import ToolkitError
from toolkit.information import INFORMATIVE_BITS
from toolkit.locks import exclusive
from toolkit.pipeline.members.agreement import agreement_of
from toolkit.pipeline.members.jobs import jobs_for, member_folder, training_digest
from toolkit.pipeline.members.make import make_members, remove_undeclared, require_finished
from toolkit.pipeline.members.trajectory import draw_trajectory, trajectory_of
from toolkit.pipeline.scores import (
    mean_scores,
    score_together,
    scoring_task,
    undefined_of,
    without_seed,
)
from toolkit.pipeline.sync import ask_store, track_results
from toolkit.records import (
    ANSWERS,
    EnsembleRecord,
    EnsembleSummary,
    MeanScores,
    MemberRecord,
    MemberReference,
    Owner,
    ProbeReference,
)
from toolkit.records.names import WEIGHTS
from toolkit.workspace import Workspace


def make_ensemble(workspace: Workspace, params: Params, name: str) -> None:
    """Train what is missing, write the ensemble's record, and show it in MLflow."""
    section, folder = params.ensembles[name], workspace.ensemble(name)
    with exclusive(workspace.lock(f"ensemble-{name}"), f"ensemble {name}"):
        ask_store(workspace)
        data = read_prepared(workspace.data(section.data), mapped=True)
        members = declared_members(
            section, data=training_digest(data), image_shape=data.images.image_shape
        )
        jobs = jobs_for(
            workspace,
            section,
            members,
            data=data,
            folder=folder,
            owner=Owner(ensemble=name),
            scoring=scoring_task(section.scores, data, owner=f"ensemble {name}"),
            digests=_stated_digests(folder),
        )
        before = {_written(job.folder) for job in jobs} - {None}
        made = make_members(f"ensemble {name}", jobs, strategy=section.training.strategy)
        folders = [job.folder for job in jobs]
        records = score_together(folders, made, declared(section.scores))
        require_finished(records, f"ensemble {name}")
        remove_undeclared(folder, folders)
        _record(section, name, data, records, folder).write(folder)
        tracked = track_results(workspace, params, ensembles=[name])
    failed = sum(not record.finished for record in records)
    kept = sum(_written(path) in before for path in folders)
    sys.stdout.write(
        f"ensemble {name}: {len(records)} members in {folder}"
        + (f", {failed} of them diverged" if failed else "")
        + (f"; {kept} were trained already: to train one again, delete its folder" if kept else "")
        + f"; {tracked}\n"
    )


def _written(folder: Path) -> tuple[Path, int] | None:
    """When the weights of a member were written; None where there are none."""
    weights = folder / WEIGHTS
    return (weights, weights.stat().st_mtime_ns) if weights.exists() else None


def _stated_digests(folder: Path) -> dict[str, str]:
    """Digests of the members' records by key; none where the ensemble has no usable record."""
    try:
        return {member.key: member.record for member in EnsembleRecord.read(folder).members}
    except ToolkitError:
        return {}


def _record(
    section: Ensemble, name: str, data: PreparedData, records: list[MemberRecord], folder: Path
) -> EnsembleRecord:
    finished = [record for record in records if record.finished]
    folders = [member_folder(folder, record.key) for record in finished]
    trajectory = trajectory_of(folders, finished)
    protocol = declared(section.scores)
    points = without_seed(finished) if protocol is not None else {}
    means, bits = _means(finished), [record.channels.information for record in finished]
    return EnsembleRecord(
        name=name,
        data=section.data,
        data_digest=training_digest(data),
        probe=ProbeReference(digest=data.probe.digest, size=len(data.probe)),
        objective=section.objective.name,
        settings=section.model_dump(mode="json", exclude={"data", "scores"}),
        members=tuple(map(MemberReference.to, records)),
        summary=EnsembleSummary(
            members=len(records),
            failed=len(records) - len(finished),
            distortion=fmean(record.final["distortion"] for record in finished),
            rate=fmean(record.final["rate"] for record in finished),
            information=fmean(sum(row) for row in bits),
            active=fmean(sum(value > INFORMATIVE_BITS for value in row) for row in bits),
            agreement=agreement_of(folders) if len(finished) > 1 else None,
        ),
        trajectory=trajectory,
        files=draw_trajectory(folder, trajectory),
        protocol=None if protocol is None else protocol.to_json(),
        scores=means.scores,
        scores_undefined=means.scores_undefined,
        points={point: _means(group) for point, group in points.items()},
        answers=ANSWERS,
    )


def _means(records: Sequence[MemberRecord]) -> MeanScores:
    return MeanScores(
        scores=mean_scores([record.scores for record in records]),
        scores_undefined=undefined_of(records),
    )

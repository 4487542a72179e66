"""`python -m toolkit.stages.ensemble NAME`: a member for every point of the grid and every seed."""

import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from toolkit.config import Ensemble, Params, declared_members
from toolkit.config.scores import declared
from toolkit.data import PreparedData, read_prepared
from toolkit.files import digest_of_json, write_json
from toolkit.information import INFORMATIVE_BITS
from toolkit.locks import exclusive
from toolkit.pipeline.members.agreement import agreement_of
from toolkit.pipeline.members.jobs import Job, jobs_for, member_folder, training_digest
from toolkit.pipeline.members.make import make_members, remove_undeclared, require_finished
from toolkit.pipeline.members.results import Record
from toolkit.pipeline.members.trajectory import course_of, draw
from toolkit.pipeline.scores import (
    mean_scores,
    score_together,
    scoring_task,
    undefined_of,
    without_seed,
)
from toolkit.pipeline.sync import ENSEMBLE, ENSEMBLE_SCHEMA, track
from toolkit.stages.command import run_stage
from toolkit.workspace import Workspace


def make_ensemble(workspace: Workspace, params: Params, name: str) -> None:
    """Train what is missing, write the ensemble's record, and show it in MLflow."""
    section, folder = params.ensembles[name], workspace.ensemble(name)
    with exclusive(workspace.lock(f"ensemble-{name}"), f"ensemble {name}"):
        data = read_prepared(workspace.data(section.data), mapped=True)
        jobs = _jobs(workspace, section, name, data)
        made = make_members(f"ensemble {name}", jobs, strategy=section.training.strategy)
        folders = [job.folder for job in jobs]
        records = score_together(folders, made, declared(section.scores))
        require_finished(records, f"ensemble {name}")
        remove_undeclared(folder, folders)
        record = _record(section, name, data, records, folder)
        write_json(folder / ENSEMBLE, {**record, "files": draw(folder, record["course"])})
        summary = track(workspace, params, ensembles=[name], studies=[])
    failed = sum(record["status"] == "failed" for record in records)
    sys.stdout.write(
        f"ensemble {name}: {len(records)} members in {folder}"
        + (f", {failed} of them diverged" if failed else "")
        + f"; MLflow: {summary.created} runs new, {summary.kept} kept\n"
    )


def _jobs(workspace: Workspace, section: Ensemble, name: str, data: PreparedData) -> list[Job]:
    members = declared_members(
        section, data=training_digest(data), image_shape=data.images.image_shape
    )
    return jobs_for(
        workspace,
        section,
        members,
        data=data,
        folder=workspace.ensemble(name),
        owner={"ensemble": name},
        scoring=scoring_task(section.scores, data, owner=f"ensemble {name}"),
    )


def _record(
    section: Ensemble, name: str, data: PreparedData, records: list[Record], folder: Path
) -> Record:
    return {
        "schema": ENSEMBLE_SCHEMA,
        "name": name,
        "data": section.data,
        "data_digest": training_digest(data),
        "probe": {"digest": data.probe.digest, "size": len(data.probe)},
        "objective": section.objective.name,
        "settings": section.model_dump(mode="json", exclude={"data", "scores"}),
        "members": [
            {
                "name": record["name"],
                "key": record["key"],
                "record": digest_of_json(record),
                "status": record["status"],
            }
            for record in records
        ],
        "summary": _summary(records, folder),
        "course": _course(records, folder),
        **_scores(section, records),
    }


def _scores(section: Ensemble, records: list[Record]) -> dict[str, Any]:
    """Means over all members, and at every point of the grid over its seeds."""
    protocol = declared(section.scores)
    whole = [record for record in records if record["status"] == "finished"]
    points = without_seed(whole) if protocol is not None else {}
    return {
        "protocol": None if protocol is None else protocol.to_json(),
        **_means(whole),
        "points": {point: _means(group) for point, group in points.items()},
    }


def _means(records: list[Record]) -> dict[str, Any]:
    return {
        "scores": mean_scores([record["scores"] for record in records]),
        "scores_undefined": undefined_of(records),
    }


def _summary(records: list[Record], folder: Path) -> dict[str, Any]:
    whole = [record for record in records if record["status"] == "finished"]
    bits = [record["channels"]["information"] for record in whole]
    summary = {
        "members": len(records),
        "failed": len(records) - len(whole),
        "distortion": _mean([record["final"]["distortion"] for record in whole]),
        "rate": _mean([record["final"]["rate"] for record in whole]),
        "information": _mean([sum(row) for row in bits]),
        "active": _mean([sum(value > INFORMATIVE_BITS for value in row) for row in bits]),
    }
    if len(whole) > 1:
        folders = [member_folder(folder, record["key"]) for record in whole]
        summary["agreement"] = round(agreement_of(folders), 9)
    return summary


def _course(records: list[Record], folder: Path) -> list[dict[str, Any]]:
    whole = [record for record in records if record["status"] == "finished"]
    return course_of([member_folder(folder, record["key"]) for record in whole], whole)


def _mean(values: Sequence[float | int]) -> float:
    return float(f"{fmean(values):.9g}")


if __name__ == "__main__":
    run_stage(make_ensemble, kind="ensemble", about=__doc__ or "")

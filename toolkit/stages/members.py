"""Making members: trained, evaluated, shown the probe set, drawn, scored, and written down.

A member's folder is its own; its record is written after everything it tells of, so a folder
without one is made again and a folder with one is never trained again. Scores come last and
replace the record: when others are declared they alone are computed, from the weights.
"""

import shutil
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from toolkit.data import PreparedData, read_prepared
from toolkit.errors import ToolkitError
from toolkit.execution import Done, best
from toolkit.files import (
    DRAFT,
    digest_of_file,
    read_json,
    write_csv,
    write_json,
)
from toolkit.information import channel_information
from toolkit.posteriors import NonFiniteError, encode, save_posteriors
from toolkit.stages.jobs import Job
from toolkit.stages.pictures import draw_member
from toolkit.stages.progress import Progress
from toolkit.stages.scoring import is_scored, score_member
from toolkit.stages.scoring.member import NO_SCORES, SCORES_FILE
from toolkit.training import (
    DivergedError,
    Fitted,
    MemberSettings,
    Moment,
    evaluate,
    fit,
    save_weights,
)
from toolkit.training.member import RECORD, RECORD_SCHEMA, WEIGHTS

Record = dict[str, Any]
CURVE = "curve.csv"
POSTERIORS = "posteriors.safetensors"


@dataclass(frozen=True)
class Scored:
    """A member has its scores; `step` counts them after the steps of its training."""

    step: int


def make_members(title: str, jobs: Sequence[Job]) -> list[Record]:
    """The records of all jobs, in their order; only what is missing is made.

    Raises:
        ToolkitError: a worker ended early, or a folder cannot be written.
    """
    trained = {job.folder: finished(job) for job in jobs}
    made = {job.folder: _whole(job, trained[job.folder]) for job in jobs}
    wanted: dict[Path, Job] = {}
    for job in jobs:
        if made[job.folder] is None:
            wanted.setdefault(job.folder, job)
    missing = list(wanted.values())
    total = sum(_last_step(job) for job in missing)
    with Progress(title, total) as progress:
        for position, event in best(len(missing))(make_member, missing):
            if isinstance(event, Done):
                made[missing[position].folder] = event.value
            else:
                progress.reach(position, event.step)
    return [record for job in jobs if (record := made[job.folder]) is not None]


def _whole(job: Job, record: Record | None) -> Record | None:
    return record if record and is_scored(job.folder, record, job.scoring) else None


def _last_step(job: Job) -> int:
    return job.member.settings.steps + (len(job.scoring.protocol.scores) if job.scoring else 0)


def finished(job: Job) -> Record | None:
    """The record of a member that is trained and there whole, or None; scores do not count.

    Raises:
        ToolkitError: the record is damaged.
    """
    if not (job.folder / RECORD).exists():
        return None
    record = read_json(job.folder / RECORD, schema=RECORD_SCHEMA)
    whole = record["key"] == job.member.settings.key and all(
        (job.folder / name).exists() and digest_of_file(job.folder / name) == digest
        for name, digest in record["files"].items()
        if name != SCORES_FILE
    )
    return record if whole else None


def make_member(job: Job) -> Generator[Moment | Scored, None, Record]:
    """Make of one member what is missing; yields where that stands, returns its record."""
    data = read_prepared(job.data, mapped=True, verify=False)
    record = finished(job)
    if record is None:
        record = yield from _train(job, data)
    if not is_scored(job.folder, record, job.scoring):
        record = score_member(job.folder, record, data, job.scoring)
    yield Scored(_last_step(job))
    return record


def _train(job: Job, data: PreparedData) -> Generator[Moment, None, Record]:
    settings = job.member.settings
    if job.folder.exists():
        shutil.rmtree(job.folder)
    try:
        fitted = yield from fit(settings, data.train_rows, checkpoint=job.checkpoint)
        record = _record(job, data, status="finished", **_results(job, data, fitted))
    except DivergedError as error:
        failure = {"step": error.step, "reason": str(error)}
        record = _record(job, data, status="failed", failure=failure)
    except NonFiniteError as error:
        failure = {"step": settings.steps, "reason": str(error)}
        record = _record(job, data, status="failed", failure=failure)
    write_json(job.folder / RECORD, record)
    _remove_checkpoint(job.checkpoint.path)
    return record


def _remove_checkpoint(path: Path) -> None:
    """Also what a killed process was writing of it."""
    path.unlink(missing_ok=True)
    for draft in path.parent.glob(f".{path.name}.*{DRAFT}"):
        draft.unlink()


def _results(job: Job, data: PreparedData, fitted: Fitted) -> Record:
    """Everything a trained member tells, its files written."""
    settings, folder = job.member.settings, job.folder
    probe = torch.from_numpy(data.probe_images).to(settings.dtype) / 255
    evaluation = evaluate(fitted, settings, data.held_out_rows)
    answers = encode(fitted.model.encode, probe, probe=data.probe.digest)
    bits = channel_information(answers.mean, answers.log_variance)
    save_weights(folder, fitted.model, key=settings.key)
    save_posteriors(folder / POSTERIORS, answers)
    write_csv(folder / CURVE, fitted.curve)
    pictures = draw_member(folder, fitted.model, probe, bits)
    files = [WEIGHTS, POSTERIORS, CURVE, *pictures]
    return {
        "final": _rounded(evaluation.terms),
        "channels": {
            "information": [round(value, 9) for value in bits.tolist()],
            "rate": [round(value, 9) for value in evaluation.rates],
        },
        "files": {name: digest_of_file(folder / name) for name in files},
    }


def _record(job: Job, data: PreparedData, **results: Any) -> Record:  # noqa: ANN401 - JSON
    settings: MemberSettings = job.member.settings
    return {
        "schema": RECORD_SCHEMA,
        "key": settings.key,
        "name": job.member.name,
        "data": job.data_name,
        "ensemble": None,
        "study": None,
        "trial": None,
        **job.owner,
        "settings": settings.as_json(),
        "probe": {"digest": data.probe.digest, "size": len(data.probe)},
        "failure": None,
        "final": {},
        "channels": {"information": [], "rate": []},
        "files": {},
        **NO_SCORES,
        **results,
    }


def _rounded(numbers: dict[str, float]) -> dict[str, float]:
    return {name: float(f"{value:.9g}") for name, value in numbers.items()}


def remove_undeclared(owner: Path, keep: Sequence[Path]) -> None:
    """Take away what no longer belongs: members of an earlier declaration, drafts of killed ones.

    DVC's cache keeps what was committed with an earlier declaration.
    """
    members = owner / "members"
    if not members.exists():
        return
    wanted = {folder.name for folder in keep}
    for path in members.iterdir():
        if path.name not in wanted:
            shutil.rmtree(path)
    for draft in owner.rglob(f"*{DRAFT}"):
        draft.unlink()


def require_finished(records: Sequence[Record], owner: str) -> list[Record]:
    """The members that did not diverge.

    Raises:
        ToolkitError: none is left.
    """
    whole = [record for record in records if record["status"] == "finished"]
    if not whole:
        reason = records[0]["failure"]["reason"] if records else "there are no members."
        raise ToolkitError(f"every member of {owner} failed; the first one: {reason}")
    return whole

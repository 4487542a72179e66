"""Making members: trained, evaluated, shown the probe set, drawn, and written down.

A member's folder is its own; its record is written last, so a folder without one is made again and
a folder with one is never trained again.
"""

import shutil
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from toolkit.config import Ensemble, Member, Study
from toolkit.data import PreparedData, read_prepared
from toolkit.errors import ToolkitError
from toolkit.execution import Done, best
from toolkit.files import (
    DRAFT,
    digest_of_arrays,
    digest_of_file,
    digest_of_json,
    read_json,
    write_csv,
    write_json,
)
from toolkit.information import channel_information
from toolkit.posteriors import NonFiniteError, encode, save_posteriors
from toolkit.stages.pictures import draw_member
from toolkit.stages.progress import Progress
from toolkit.training import (
    Checkpoint,
    DivergedError,
    Fitted,
    MemberSettings,
    Moment,
    evaluate,
    fit,
    save_weights,
)
from toolkit.training.member import RECORD, RECORD_SCHEMA, WEIGHTS
from toolkit.workspace import Workspace

Record = dict[str, Any]
CURVE = "curve.csv"
POSTERIORS = "posteriors.safetensors"


@dataclass(frozen=True, kw_only=True)
class Job:
    """A member to be made.

    Arguments:
        member: what it is.
        owner: `ensemble`, or `study` and `trial`: whose member it is.
        data_name: of its data set.
        data: folder of that data set.
        folder: where the member goes.
        checkpoint: where its training stands in the meantime, and how often that is written.
    """

    member: Member
    owner: dict[str, Any] = field(hash=False)
    data_name: str
    data: Path
    folder: Path
    checkpoint: Checkpoint


def job_for(
    workspace: Workspace,
    section: Ensemble | Study,
    member: Member,
    *,
    folder: Path,
    owner: dict[str, Any],
) -> Job:
    """The job of making a member that a section of params.yaml declares.

    Arguments:
        folder: of the ensemble or study that keeps the member.
        owner: whose member it is, as its record will say.
    """
    key = member.settings.key
    return Job(
        member=member,
        owner=owner,
        data_name=section.data,
        data=workspace.data(section.data),
        folder=member_folder(folder, key),
        checkpoint=Checkpoint(
            path=workspace.checkpoint(key), every=section.training.checkpoint_every
        ),
    )


def training_digest(data: PreparedData) -> str:
    """Digest of the images a member is trained on, in their order."""
    return digest_of_json([data.images.digest, digest_of_arrays(data.train)])


def member_folder(owner: Path, key: str) -> Path:
    """Where an ensemble or study keeps a member."""
    return owner / "members" / key[:16]


def make_members(title: str, jobs: Sequence[Job]) -> list[Record]:
    """The records of all jobs, in their order; only what is missing is made.

    Raises:
        ToolkitError: a worker ended early, or a folder cannot be written.
    """
    made = {job.folder: finished(job) for job in jobs}
    missing = list({job.folder: job for job in jobs if made[job.folder] is None}.values())
    total = sum(job.member.settings.steps for job in missing)
    with Progress(title, total) as progress:
        for position, event in best(len(missing))(make_member, missing):
            if isinstance(event, Done):
                made[missing[position].folder] = event.value
            else:
                progress.reach(position, event.step)
    return [record for job in jobs if (record := made[job.folder]) is not None]


def finished(job: Job) -> Record | None:
    """The record of a member that is there whole, or None.

    Raises:
        ToolkitError: the record is damaged.
    """
    if not (job.folder / RECORD).exists():
        return None
    record = read_json(job.folder / RECORD, schema=RECORD_SCHEMA)
    whole = record["key"] == job.member.settings.key and all(
        (job.folder / name).exists() and digest_of_file(job.folder / name) == digest
        for name, digest in record["files"].items()
    )
    return record if whole else None


def make_member(job: Job) -> Generator[Moment, None, Record]:
    """Make one member; yields moments of its training, returns its record."""
    settings, data = job.member.settings, read_prepared(job.data, mapped=True, verify=False)
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

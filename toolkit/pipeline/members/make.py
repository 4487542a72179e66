"""Making members: trained, evaluated, shown the probe set, drawn, scored, and written down.

A member's folder is its own; its record is written after everything it tells of, so a folder
without one is made again and a folder with one is never trained again. Scores come last and
replace the record: when others are declared they alone are computed, from the weights.
"""

import shutil
import sys
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from toolkit.data import PreparedData, read_prepared
from toolkit.errors import ToolkitError
from toolkit.execution import Done
from toolkit.files import DRAFT, digest_of_file, read_json, write_json
from toolkit.pipeline.members.jobs import Job
from toolkit.pipeline.members.results import Record, answer_again, visit_for, write_down
from toolkit.pipeline.progress import Progress
from toolkit.pipeline.scores import SCORES_FILE, is_scored, score_member
from toolkit.training import Checkpoint, DivergedError, Fitted, StepReport, fit, fit_together, plan
from toolkit.training.member import RECORD, RECORD_SCHEMA
from toolkit.training.stacked.checkpoint import stack_key
from toolkit.training.views import factors_of, partners_for

Block = tuple[Job, ...]


@dataclass(frozen=True)
class Scored:
    """A member has its scores; `step` counts them after the steps of its training."""

    step: int


def make_members(title: str, jobs: Sequence[Job], *, strategy: str = "auto") -> list[Record]:
    """The records of all jobs, in their order; only what is missing is made.

    Arguments:
        title: what is being made, for the progress that is told.
        jobs: the members.
        strategy: how members are trained, a name in `toolkit.training.STRATEGIES`.

    Raises:
        ToolkitError: a worker ended early, or a folder cannot be written.
    """
    trained = {job.folder: _named(job, finished(job)) for job in jobs}
    made = {job.folder: _whole(job, trained[job.folder]) for job in jobs}
    wanted: dict[Path, Job] = {}
    for job in jobs:
        if made[job.folder] is None:
            wanted.setdefault(job.folder, job)
    untrained = [job for job in wanted.values() if trained[job.folder] is None]
    unscored = [job for job in wanted.values() if trained[job.folder] is not None]
    chosen = plan([job.member.settings for job in untrained], strategy=strategy)
    if untrained:
        sys.stdout.write(f"{title}: {chosen}\n")
        sys.stdout.flush()
    blocks = [tuple(untrained[position] for position in block) for block in chosen.blocks]
    blocks += [(job,) for job in unscored]
    places = {job.folder: place for place, job in enumerate(wanted.values())}
    with Progress(title, sum(_last_step(job) for job in wanted.values())) as progress:
        for place, event in chosen.execute(partial(make_block, device=chosen.device), blocks):
            if isinstance(event, Done):
                made |= {
                    job.folder: record
                    for job, record in zip(blocks[place], event.value, strict=True)
                }
            else:
                row, moment = event
                progress.reach(places[blocks[place][row].folder], moment.step)
    return [record for job in jobs if (record := made[job.folder]) is not None]


def _named(job: Job, record: Record | None) -> Record | None:
    """A weight that begins to vary joins the names of members that there are already."""
    if record is None or record["name"] == job.member.name:
        return record
    renamed = {**record, "name": job.member.name}
    write_json(job.folder / RECORD, renamed)
    return renamed


def _whole(job: Job, record: Record | None) -> Record | None:
    if record is None or record["probe"]["digest"] != job.probe:
        return None
    return record if is_scored(job.folder, record, job.scoring) else None


def _last_step(job: Job) -> int:
    return job.member.settings.steps + (len(job.scoring.protocol.scores) if job.scoring else 0)


def finished(job: Job) -> Record | None:
    """The record of a member that is trained and there whole, or None.

    Scores do not count, nor which images it answered: both follow from its weights. What it
    answered in the middle of its training does not.

    Raises:
        ToolkitError: the record is damaged.
    """
    if not (job.folder / RECORD).exists():
        return None
    record = read_json(job.folder / RECORD, schema=RECORD_SCHEMA)
    visited = tuple(point["step"] for point in record.get("course", ()))
    whole = (
        record["key"] == job.member.settings.key
        and (record["status"] == "failed" or visited == job.posteriors_at)
        and (not visited or record["probe"]["digest"] == job.probe)
        and all(
            (job.folder / name).exists() and digest_of_file(job.folder / name) == digest
            for name, digest in record["files"].items()
            if name != SCORES_FILE
        )
    )
    return record if whole else None


def make_block(
    block: Block, *, device: str
) -> Generator[tuple[int, StepReport | Scored], None, list[Record]]:
    """Make of some members what is missing; yields (row, where it stands), returns records.

    Arguments:
        block: one member, or the members of a stack.
        device: where a stack is trained.
    """
    data = read_prepared(block[0].data, mapped=True, verify=False)
    _refuse_impossible_pairs(block[0], data)
    if len(block) == 1 and device == "cpu":
        records = [(yield from _trained(block[0], data))]
    else:
        records = yield from _train_together(block, data, device)
    for row, job in enumerate(block):
        if not is_scored(job.folder, records[row], job.scoring):
            records[row] = score_member(job.folder, records[row], data, job.scoring)
        yield row, Scored(_last_step(job))
    return records


def _trained(job: Job, data: PreparedData) -> Generator[tuple[int, StepReport], None, Record]:
    record = finished(job)
    if record is None:
        return (yield from _train_alone(job, data))
    return record if record["probe"]["digest"] == job.probe else answer_again(job, data, record)


def _refuse_impossible_pairs(job: Job, data: PreparedData) -> None:
    """Held-out images are looked at last; that they can be paired is known before training."""
    settings = job.member.settings
    away = factors_of(data.images, data.held_out)
    partners_for(settings.objective, away, latents=settings.network.latents)


def _train_alone(job: Job, data: PreparedData) -> Generator[tuple[int, StepReport], None, Record]:
    outcome: Fitted | DivergedError
    try:
        outcome = yield from _numbered(
            fit(
                job.member.settings,
                data.train_rows,
                factors=factors_of(data.images, data.train),
                checkpoint=job.checkpoint,
                visit=visit_for(job, data),
            )
        )
    except DivergedError as error:
        outcome = error
    record = write_down(job, data, outcome)
    _remove_checkpoint(job.checkpoint.path)
    return record


def _numbered(
    training: Generator[StepReport, None, Fitted],
) -> Generator[tuple[int, StepReport], None, Fitted]:
    while True:
        try:
            yield 0, next(training)
        except StopIteration as end:
            fitted: Fitted = end.value
            return fitted


def _train_together(
    block: Block, data: PreparedData, device: str
) -> Generator[tuple[int, StepReport], None, list[Record]]:
    settings = [job.member.settings for job in block]
    first = block[0].checkpoint
    checkpoint = Checkpoint(
        path=first.path.with_name(f"stack-{stack_key(settings)[:16]}.safetensors"),
        every=first.every,
    )
    outcomes = yield from fit_together(
        settings,
        data.train_rows,
        factors=factors_of(data.images, data.train),
        checkpoint=checkpoint,
        visits=[visit_for(job, data) for job in block],
        device=device,
    )
    records = [write_down(job, data, outcome) for job, outcome in zip(block, outcomes, strict=True)]
    _remove_checkpoint(checkpoint.path)
    return records


def _remove_checkpoint(path: Path) -> None:
    """Also what a killed process was writing of it."""
    path.unlink(missing_ok=True)
    for draft in path.parent.glob(f".{path.name}.*{DRAFT}"):
        draft.unlink()


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

"""Making members: trained, evaluated, shown the probe set, drawn, scored, and written down.

A member's folder is its own; its record is written after everything it tells of, so a folder
without one is made again and a folder with one is never trained again. Scores come last and
replace the record: when others are declared they alone are computed, from the weights.
"""

import shutil
import sys
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from toolkit.data import PreparedData, read_prepared
from toolkit.errors import ToolkitError
from toolkit.files import DRAFT, digest_of_file, read_json, write_json
from toolkit.pipeline.members.jobs import Job
from toolkit.pipeline.members.results import Record, answer_again, visit_for, write_down
from toolkit.pipeline.progress import Progress
from toolkit.pipeline.scores import SCORES_FILE, is_scored, score_member
from toolkit.training import Block, MemberSettings, Plan, StepReport, fit_block, train_members
from toolkit.training.member import RECORD, RECORD_SCHEMA
from toolkit.training.stacked.checkpoint import stack_key
from toolkit.training.views import factors_of, partners_for


@dataclass(frozen=True)
class Scored:
    """A member has its scores; `step` counts them after the steps of its training."""

    step: int


@dataclass(frozen=True)
class Task:
    """A member of which something is missing, and its record if it is trained."""

    job: Job
    record: Record | None

    @property
    def untrained(self) -> MemberSettings | None:
        """Settings of a member that is to be trained; None: only what follows from its weights."""
        return self.job.member.settings if self.record is None else None


def make_members(title: str, jobs: Sequence[Job], *, strategy: str = "auto") -> list[Record]:
    """The records of all jobs, in their order; only what is missing is made.

    Arguments:
        title: what is being made, for the progress bar.
        jobs: the members.
        strategy: how members are trained, a name in `toolkit.training.STRATEGIES`.

    Raises:
        ToolkitError: a worker ended early, or a folder cannot be written.
    """
    records: dict[Path, Record] = {}
    tasks: dict[Path, Task] = {}
    for job in jobs:
        record = _named(job, finished(job))
        if record is not None and _whole(job, record):
            records[job.folder] = record
        else:
            tasks.setdefault(job.folder, Task(job, record))

    def announce(plan: Plan) -> None:
        sys.stdout.write(f"{title}: {plan}\n")
        sys.stdout.flush()

    making = train_members(
        list(tasks.values()),
        settings_of=lambda task: task.untrained,
        work=make_block,
        strategy=strategy,
        announce=announce,
    )
    with Progress(title, sum(_last_step(task.job) for task in tasks.values())) as progress:
        while True:
            try:
                position, report = next(making)
            except StopIteration as end:
                records |= dict(zip(tasks, end.value, strict=True))
                break
            progress.reach(position, report.step)
    return [records[job.folder] for job in jobs]


def _named(job: Job, record: Record | None) -> Record | None:
    """A weight that begins to vary joins the names of members that there are already."""
    if record is None or record["name"] == job.member.name:
        return record
    renamed = {**record, "name": job.member.name}
    write_json(job.folder / RECORD, renamed)
    return renamed


def _whole(job: Job, record: Record) -> bool:
    answered: bool = record["probe"]["digest"] == job.probe
    return answered and is_scored(job.folder, record, job.scoring)


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
    block: Block[Task],
) -> Generator[tuple[int, StepReport | Scored], None, list[Record]]:
    """Make what is missing of some members; yields (row, how far it is), returns records.

    Arguments:
        block: one member, or the members of a stack, which are all to be trained.
    """
    jobs = [task.job for task in block.tasks]
    data = read_prepared(jobs[0].data, mapped=True, verify=False)
    _refuse_impossible_pairs(jobs[0], data)
    record = block.tasks[0].record
    if record is None:
        records = yield from _train(block, data)
    elif record["probe"]["digest"] == jobs[0].probe:
        records = [record]
    else:
        records = [answer_again(jobs[0], data, record)]
    for row, job in enumerate(jobs):
        if not is_scored(job.folder, records[row], job.scoring):
            records[row] = score_member(job.folder, records[row], data, job.scoring)
        yield row, Scored(_last_step(job))
    return records


def _refuse_impossible_pairs(job: Job, data: PreparedData) -> None:
    """Held-out images are looked at last; that they can be paired is known before training."""
    settings = job.member.settings
    away = factors_of(data.images, data.held_out)
    partners_for(settings.objective, away, latents=settings.network.latents)


def _train(
    block: Block[Task], data: PreparedData
) -> Generator[tuple[int, StepReport], None, list[Record]]:
    jobs = [task.job for task in block.tasks]
    settings = tuple(job.member.settings for job in jobs)
    checkpoint = jobs[0].checkpoint
    if block.stacked:
        name = f"stack-{stack_key(settings)[:16]}.safetensors"
        checkpoint = replace(checkpoint, path=checkpoint.path.with_name(name))
    outcomes = yield from fit_block(
        Block(tasks=settings, device=block.device, stacked=block.stacked),
        data.train_rows,
        factors=factors_of(data.images, data.train),
        checkpoint=checkpoint,
        snapshots=[visit_for(job, data) for job in jobs],
    )
    records = [write_down(job, data, outcome) for job, outcome in zip(jobs, outcomes, strict=True)]
    checkpoint.remove()
    return records


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

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
from toolkit.files import DRAFT
from toolkit.pipeline.members.jobs import Job
from toolkit.pipeline.members.results import answer_again, visit_for, write_down
from toolkit.pipeline.members.stored import stored_record
from toolkit.pipeline.progress import Progress
from toolkit.pipeline.scores import is_scored, score_member
from toolkit.records import MemberRecord
from toolkit.training import Block, MemberSettings, Plan, StepReport, fit_block, train_members
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
    record: MemberRecord | None

    @property
    def untrained(self) -> MemberSettings | None:
        """Settings of a member that is to be trained; None: only what follows from its weights."""
        return self.job.member.settings if self.record is None else None


def make_members(title: str, jobs: Sequence[Job], *, strategy: str = "auto") -> list[MemberRecord]:
    """The records of all jobs, in their order; only what is missing is made.

    Arguments:
        title: what is being made, for the progress bar.
        jobs: the members.
        strategy: how members are trained, a name in `toolkit.training.STRATEGIES`.

    Raises:
        ToolkitError: a worker ended early, or a folder cannot be written.
    """
    records: dict[Path, MemberRecord] = {}
    tasks: dict[Path, Task] = {}
    for job in jobs:
        record = stored_record(job)
        if record is not None and record.name != job.member.name:  # another weight varies now
            record = replace(record, name=job.member.name)
            record.write(job.folder)
        if (
            record is not None
            and _is_answered(job, record)
            and is_scored(job.folder, record, job.scoring)
        ):
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


def _is_answered(job: Job, record: MemberRecord) -> bool:
    """Whether it answered the present probe set, by the present version of answers."""
    return record.probe == job.probe and record.is_current


def _last_step(job: Job) -> int:
    return job.member.settings.steps + (len(job.scoring.protocol.scores) if job.scoring else 0)


def make_block(
    block: Block[Task],
) -> Generator[tuple[int, StepReport | Scored], None, list[MemberRecord]]:
    """Make what is missing of some members; yields (row, how far it is), returns records.

    Arguments:
        block: one member, or the members of a stack, which are all to be trained.
    """
    jobs = [task.job for task in block.tasks]
    data = read_prepared(jobs[0].data, mapped=True, verify=False)
    # Held-out images are looked at last; that they can be paired is known before training
    settings = jobs[0].member.settings
    held_out = factors_of(data.images, data.held_out)
    partners_for(settings.objective, held_out, latents=settings.network.latents)
    record = block.tasks[0].record
    if record is None:
        records = yield from _train(block, data)
    elif _is_answered(jobs[0], record):
        records = [record]
    else:
        records = [answer_again(jobs[0], data, record)]
    for row, job in enumerate(jobs):
        if not is_scored(job.folder, records[row], job.scoring):
            records[row] = score_member(job.folder, records[row], data, job.scoring)
        yield row, Scored(_last_step(job))
    return records


def _train(
    block: Block[Task], data: PreparedData
) -> Generator[tuple[int, StepReport], None, list[MemberRecord]]:
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


def require_finished(records: Sequence[MemberRecord], owner: str) -> list[MemberRecord]:
    """The members that did not diverge.

    Raises:
        ToolkitError: none is left.
    """
    whole = [record for record in records if record.finished]
    if not whole:
        failure = records[0].failure if records else None
        reason = failure.reason if failure else "there are no members."
        raise ToolkitError(f"every member of {owner} failed; the first one: {reason}")
    return whole

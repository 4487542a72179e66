"""What there is of a member already, and what of it can be used without training it again."""

import sys
from dataclasses import replace
from pathlib import Path

from toolkit.errors import ToolkitError
from toolkit.files import digest_of_file, load_tensors, writing
from toolkit.pipeline.members.jobs import Job
from toolkit.pipeline.members.results import blank_record
from toolkit.pipeline.scores import without_scores
from toolkit.records import MemberRecord, read_object
from toolkit.records.names import CURVE, RECORD, SCORES, TRAJECTORY_FOLDER, WEIGHTS, trajectory_file
from toolkit.records.versions import EARLIER
from toolkit.training.member import WEIGHTS_SCHEMA


def stored_record(job: Job) -> MemberRecord | None:
    """The record of a member that is trained and there whole; None if it has to be trained.

    Scores do not count, nor which images it answered: both follow from its weights. What it
    answered in the middle of its training does not. A record that cannot be read is begun anew from
    the weights. One that is not what its owner's record states keeps its files alone, and of its
    evaluation what needs a discriminator. Answers of both are of version `EARLIER`, so that they
    are computed again.
    """
    if not (job.folder / RECORD).exists():
        return None
    try:
        record = read_upgraded(job.folder)
        is_stated = job.digest in (None, record.digest)
    except ToolkitError:
        _say_that_it_is_another(job)
        return _from_weights(job)
    if not is_stated and record.is_current:
        _say_that_it_is_another(job)
        record = replace(
            blank_record(job),
            status=record.status,
            failure=record.failure,
            final=record.final,
            trajectory=record.trajectory,
            files=without_scores(record).files,
            answers=EARLIER,
        )
    visited = tuple(point.step for point in record.trajectory)
    whole = (
        record.key == job.member.settings.key
        and (not record.finished or visited == job.posteriors_at)
        and (not visited or record.probe == job.probe)
        and has_its_files(job.folder, record)
    )
    return record if whole else None


def _say_that_it_is_another(job: Job) -> None:
    sys.stderr.write(
        f"warning: {job.folder / RECORD} is damaged, or not the record that its owner states: it "
        "is made again from the member's weights\n"
    )


def has_its_files(folder: Path, record: MemberRecord) -> bool:
    """Whether all files are there as the record states them; its scores are not looked at."""
    return all(
        (folder / name).exists() and digest_of_file(folder / name) == digest
        for name, digest in record.files.items()
        if name != SCORES
    )


def read_upgraded(folder: Path, *, remedy: str | None = None) -> MemberRecord:
    """The record of a member; one of an earlier schema is written anew in the present form.

    Arguments:
        folder: of the member.
        remedy: for a damaged record, as of `Record.read`.

    Raises:
        ToolkitError: the record is missing or damaged.
    """
    record = MemberRecord.read(folder, remedy=remedy)
    if read_object(folder / RECORD).get("schema") != MemberRecord.SCHEMA:
        earlier = folder / "course"  # of schema member/1
        if earlier.exists() and not (folder / TRAJECTORY_FOLDER).exists():
            with writing(earlier):
                earlier.rename(folder / TRAJECTORY_FOLDER)
        record.write(folder)
    return record


def _from_weights(job: Job) -> MemberRecord | None:
    """Write a record that states no more than which weights are there; None where none are.

    Also None where a term of the loss needs a discriminator, which is not kept with the weights.
    """
    settings, folder = job.member.settings, job.folder
    names = [WEIGHTS, CURVE, *map(trajectory_file, job.posteriors_at)]
    if settings.objective.adversary() is not None:
        return None
    if not all((folder / name).exists() for name in names):
        return None
    try:
        _, metadata = load_tensors(folder / WEIGHTS, schema=WEIGHTS_SCHEMA)
    except ToolkitError:
        return None
    if metadata.get("key") != settings.key:
        return None
    files = {name: digest_of_file(folder / name) for name in names}
    record = replace(blank_record(job), files=files, answers=EARLIER)
    record.write(folder)
    return record

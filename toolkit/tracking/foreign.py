"""Runs of other writers pass here before anything is done with them: every field is checked.

Whoever can write to a run store writes tags, records and files alike, so a digest that fits proves
nothing about what they hold. A run that is not in order is left out, and its reason told.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path

from toolkit.errors import ToolkitError
from toolkit.posteriors import Posteriors, load_posteriors
from toolkit.records import MemberRecord, digest_of_record
from toolkit.tracking.addresses import printable, quoted
from toolkit.tracking.experiments import NAME
from toolkit.tracking.stored import StoredRun

DIGEST = re.compile(r"[0-9a-f]{64}")
LONGEST_NAME = 250  # characters
LARGEST_RECORD = 16 * 2**20  # bytes
LARGEST_MEAN = 1e100  # its square is a number
LARGEST_LOG_VARIANCE = 700.0  # its exponential is a number
LARGEST_SEED = 2**63


class OddRunError(ToolkitError):
    """A run that cannot be compared; the message is the reason, for people to read."""


def member_record(run: StoredRun, path: Path) -> MemberRecord:
    """The record of a member's run, every field of it checked.

    Arguments:
        run: as the store holds it.
        path: its `record.json` on this disk.

    Raises:
        OddRunError: it is too large, no record, of another schema or incomplete; or it says
            something else than the tags of the run; or a name or number in it is not in order.
    """
    record, digest = _parsed(path)
    _require(
        digest == run.digest,
        "its record is damaged: it is not the one its digest was made of",
    )
    try:
        member = MemberRecord.from_json(record, source="its record", remedy="")
    except ToolkitError as error:
        raise OddRunError(printable(str(error).strip().rstrip("."))) from error
    _check_names(member)
    _check_settings(member)
    _check_tags(run.tags, member)
    return member


def member_posteriors(path: Path, record: MemberRecord) -> Posteriors:
    """What a member answered, checked against its record.

    Raises:
        OddRunError: the file is damaged, holds no floating-point numbers or numbers that are too
            large to compute with, or is of other images or channels than the record says.
    """
    try:
        posteriors = load_posteriors(path)
    except ToolkitError as error:
        reason = str(error).replace(str(path), path.name)  # the same on every machine
        raise OddRunError(printable(f"its posteriors: {reason}").rstrip(".")) from error
    rows, columns = posteriors.mean.shape
    _require(
        posteriors.probe == record.probe.digest and rows == record.probe.size,
        "its posteriors are of other images than its record says",
    )
    known = len(record.channels.information)
    _require(
        columns > 0 and known in (0, columns),
        f"its posteriors have {columns} channels, and its record has {known}",
    )
    _require(
        float(posteriors.mean.abs().max()) <= LARGEST_MEAN
        and float(posteriors.log_variance.abs().max()) <= LARGEST_LOG_VARIANCE,
        f"its posteriors are too large to compute with: means beyond {LARGEST_MEAN:g} or "
        f"log-variances beyond {LARGEST_LOG_VARIANCE:g}",
    )
    return posteriors


def _parsed(path: Path) -> tuple[dict[str, object], str]:
    """The record in a file, and its digest."""
    try:
        _require(path.stat().st_size <= LARGEST_RECORD, "its record is larger than 16 MiB")
        record = json.loads(path.read_bytes())
        _require(isinstance(record, dict), "its record is damaged: it is not a JSON object")
        return record, digest_of_record(record)
    except (OSError, ValueError, RecursionError) as error:
        if isinstance(error, OddRunError):
            raise
        raise OddRunError(
            "its record is damaged: it is not JSON, or holds numbers that are not finite"
        ) from error


def _check_names(member: MemberRecord) -> None:
    for field in ("ensemble", "study", "data"):
        name = getattr(member, field)
        _require(
            name is None or NAME.fullmatch(name) is not None,
            f"the name of its {field} is {quoted(name)}, which is not letters, digits, "
            "and _ - . after the first",
        )
    _require(
        is_plain_text(member.name),
        f"it is named {quoted(member.name)}, which is not a line of text that begins with a "
        "letter or digit",
    )
    for name in (*member.scores, *member.final):
        _require(is_plain_text(name), f"it has a number named {quoted(name)}")
    for digest in (member.key, member.probe.digest):
        _require(DIGEST.fullmatch(digest) is not None, f"{quoted(digest)} is no SHA-256")


def _check_settings(member: MemberRecord) -> None:
    objective, seed = member.settings.get("objective"), member.settings.get("seed")
    name = objective.get("name") if isinstance(objective, Mapping) else None
    _require(
        isinstance(name, str) and NAME.fullmatch(name) is not None,
        f"its objective is {quoted(name)}",
    )
    for option, value in objective.items() if isinstance(objective, Mapping) else ():
        _require(
            is_plain_text(option) and (not isinstance(value, str) or value.isprintable()),
            f"its objective has an option named {quoted(option)} that is {quoted(value)}",
        )
    _require(
        isinstance(seed, int) and not isinstance(seed, bool) and 0 <= seed < LARGEST_SEED,
        f"its seed is {quoted(seed)}",
    )
    _require(member.trial is None or member.trial >= 0, f"its trial is {member.trial}")
    _require(member.finished, "its record says that it failed, and its run that it finished")
    _require(member.probe.size > 0, "it was shown no images")


def _check_tags(tags: Mapping[str, str], member: MemberRecord) -> None:
    """Queries see the tags and reports the record, so both must say the same."""
    said = {
        "key": member.key,
        "ensemble": member.ensemble,
        "study": member.study,
        "trial": None if member.trial is None else str(member.trial),
        "dataset": member.data,
        "objective": member.objective_name,
        "probe.digest": member.probe.digest,
    }
    for name, text in said.items():
        _require(
            tags.get(name) == text,
            f"its tag {name!r} says {quoted(tags.get(name))}, and its record {quoted(text)}",
        )


def is_plain_text(text: str) -> bool:
    """Whether text can stand in a terminal, a page and a cell of a table as it is.

    >>> is_plain_text("beta=4 seed=0"), is_plain_text("=1+1"), is_plain_text("a\\x1b[2J")
    (True, False, False)
    """
    return text.isprintable() and text[:1].isalnum() and len(text) <= LONGEST_NAME


def _require(condition: object, reason: str) -> None:
    if not condition:
        raise OddRunError(reason)

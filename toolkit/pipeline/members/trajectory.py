"""How the members of an ensemble came to know what they know: agreement and bits over training."""

from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from matplotlib.figure import Figure

from toolkit.figures import draw_course, quiet, to_png
from toolkit.files import digest_of_file, write_bytes
from toolkit.pipeline.members.agreement import agreement_of
from toolkit.pipeline.members.results import Record, course_file

COURSE = "course.png"


def course_of(folders: Sequence[Path], records: Sequence[Record]) -> list[dict[str, Any]]:
    """At every step whose posteriors were kept: mean bits of a member, and agreement.

    Arguments:
        folders: of the members that did not diverge.
        records: theirs, in the same order.
    """
    told = []
    for place, point in enumerate(records[0]["course"]):
        bits = [sum(record["course"][place]["information"]) for record in records]
        row = {"step": point["step"], "information": float(f"{fmean(bits):.9g}")}
        if len(folders) > 1:
            agreed = agreement_of(folders, name=course_file(point["step"]))
            row["agreement"] = round(agreed, 9)
        told.append(row)
    return told


def draw(folder: Path, course: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Draw `course.png` into the folder of an ensemble, where there is more than one step.

    Returns:
        the digest of each file drawn, by its name.
    """
    (folder / COURSE).unlink(missing_ok=True)
    if len(course) < 2:
        return {}
    with quiet():
        figure = Figure(figsize=(5.2, 3.2), layout="constrained")
        draw_course(
            [row["step"] for row in course],
            [row["information"] for row in course],
            [row["agreement"] for row in course] if "agreement" in course[0] else None,
            figure.add_subplot(),
        )
        write_bytes(folder / COURSE, to_png(figure, dots_per_inch=120))
    return {COURSE: digest_of_file(folder / COURSE)}

"""How the members of an ensemble came to know what they know: agreement and bits over training."""

import math
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

from matplotlib.figure import Figure

from toolkit.figures import draw_training_trajectory, quiet, to_png
from toolkit.files import digest_of_file, write_bytes
from toolkit.pipeline.members.agreement import agreement_of
from toolkit.records import EnsembleTrajectoryPoint, MemberRecord
from toolkit.records.names import TRAJECTORY_PICTURE, trajectory_file


def trajectory_of(
    folders: Sequence[Path], records: Sequence[MemberRecord]
) -> tuple[EnsembleTrajectoryPoint, ...]:
    """At every step whose posteriors were kept: mean bits per member, and agreement.

    Arguments:
        folders: of the members that did not diverge.
        records: of these members, in the same order.
    """
    points = []
    for index, point in enumerate(records[0].trajectory):
        bits = [sum(record.trajectory[index].information) for record in records]
        agreement = (
            agreement_of(folders, name=trajectory_file(point.step)) if len(folders) > 1 else None
        )
        points.append(
            EnsembleTrajectoryPoint(step=point.step, information=fmean(bits), agreement=agreement)
        )
    return tuple(points)


def draw_trajectory(folder: Path, points: Sequence[EnsembleTrajectoryPoint]) -> dict[str, str]:
    """Draw `trajectory.png` into the folder of an ensemble, where there is more than one step.

    Returns:
        the digest of each file drawn, by its name.
    """
    (folder / "course.png").unlink(missing_ok=True)  # its name in schema ensemble/1
    (folder / TRAJECTORY_PICTURE).unlink(missing_ok=True)
    if len(points) < 2:
        return {}
    agreement = [point.agreement for point in points if point.agreement is not None]
    with quiet():
        figure = Figure(figsize=(5.2, 3.2), layout="constrained")
        draw_training_trajectory(
            [point.step for point in points],
            [point.information for point in points],
            [known.value for known in agreement] or None,
            [math.nan if known.by_chance is None else known.by_chance for known in agreement],
            figure.add_subplot(),
        )
        write_bytes(folder / TRAJECTORY_PICTURE, to_png(figure, dots_per_inch=120))
    return {TRAJECTORY_PICTURE: digest_of_file(folder / TRAJECTORY_PICTURE)}

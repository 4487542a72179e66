"""The names of files and folders that records speak of, each in this one place."""

from typing import Final

RECORD: Final = "record.json"  # of a member
WEIGHTS: Final = "weights.safetensors"
POSTERIORS: Final = "posteriors.safetensors"
CURVE: Final = "curve.csv"
SCORES: Final = "scores.json"
RECONSTRUCTIONS: Final = "reconstructions.png"
TRAVERSALS: Final = "traversals.png"
TRAJECTORY_FOLDER: Final = "trajectory"
TRAJECTORY_PICTURE: Final = "trajectory.png"  # of an ensemble
ENSEMBLE: Final = "ensemble.json"
STUDY: Final = "study.json"
ANALYSIS: Final = "analysis.json"
RUN_LINKS: Final = "runs.html"  # beside a report; differs from machine to machine


def trajectory_file(step: int) -> str:
    """The posteriors of a member after `step` updates, relative to the member's folder.

    >>> trajectory_file(500)
    'trajectory/00000500.safetensors'
    """
    return f"{TRAJECTORY_FOLDER}/{step:08d}.safetensors"

"""Records of the pipeline as runs: data, members, ensembles, trials, comparisons, analyses.

A projection adds nothing that is not in the record, so deleting the run store loses nothing.
"""

from toolkit.tracking.projections.data import project_data
from toolkit.tracking.projections.members import (
    MEMBER,
    place_of,
    project_ensemble,
    project_member,
    project_trial,
)
from toolkit.tracking.projections.reports import project_analysis, project_comparison

__all__ = [
    "MEMBER",
    "place_of",
    "project_analysis",
    "project_comparison",
    "project_data",
    "project_ensemble",
    "project_member",
    "project_trial",
]

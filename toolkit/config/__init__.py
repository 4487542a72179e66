"""params.yaml as strict, frozen records; names become objects here and nowhere else."""

from toolkit.config.members import (
    Member,
    declared_analysis,
    declared_members,
    trial_members,
)
from toolkit.config.params import read_params
from toolkit.config.sections import Comparison, Data, Ensemble, Params, Probe, Study, Training

__all__ = [
    "Comparison",
    "Data",
    "Ensemble",
    "Member",
    "Params",
    "Probe",
    "Study",
    "Training",
    "declared_analysis",
    "declared_members",
    "read_params",
    "trial_members",
]

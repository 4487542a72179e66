"""Fitting the members of an ensemble; the same member comes out alone, in company, or resumed."""

from toolkit.training.checkpoint import Checkpoint
from toolkit.training.driver import fit_block, train, train_members
from toolkit.training.evaluate import evaluate
from toolkit.training.fit import fit
from toolkit.training.imported import ImportedSettings
from toolkit.training.member import load_member, load_settings, save_weights
from toolkit.training.outcomes import DivergedError, Fitted, Outcome, Snapshot, StepReport
from toolkit.training.settings import MemberSettings
from toolkit.training.stacked import fit_together
from toolkit.training.strategies import STRATEGIES, Block, Plan, plan

__all__ = [
    "STRATEGIES",
    "Block",
    "Checkpoint",
    "DivergedError",
    "Fitted",
    "ImportedSettings",
    "MemberSettings",
    "Outcome",
    "Plan",
    "Snapshot",
    "StepReport",
    "evaluate",
    "fit",
    "fit_block",
    "fit_together",
    "load_member",
    "load_settings",
    "plan",
    "save_weights",
    "train",
    "train_members",
]

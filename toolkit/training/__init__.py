"""Fitting the members of an ensemble; the same member comes out alone, in company, or resumed."""

from toolkit.training.checkpoint import Checkpoint
from toolkit.training.evaluate import evaluate
from toolkit.training.fit import DivergedError, Fitted, Moment, fit
from toolkit.training.imported import ImportedSettings
from toolkit.training.member import load_member, load_settings, save_weights
from toolkit.training.settings import MemberSettings

__all__ = [
    "Checkpoint",
    "DivergedError",
    "Fitted",
    "ImportedSettings",
    "MemberSettings",
    "Moment",
    "evaluate",
    "fit",
    "load_member",
    "load_settings",
    "save_weights",
]

"""Disentanglement scores: what channels know about known factors, and about each other.

`SCORES` is the table of all of them, `PRESETS` of published protocols. A score is a
function `compute(codes, factors, *, seed, ...)` that answers with a `ScoreResult`; `evaluate` runs
many on one member, sharing what they have in common.
"""

from toolkit.disentanglement.blocks import MemberData
from toolkit.disentanglement.evaluate import Evaluation, check_options, evaluate, material_for
from toolkit.disentanglement.protocol import PRESETS, Preset, Protocol
from toolkit.disentanglement.record import Score, ScoreResult
from toolkit.disentanglement.sampler import GridSampler, RowSampler, Sampler
from toolkit.disentanglement.table import SCORES

__all__ = [
    "PRESETS",
    "SCORES",
    "Evaluation",
    "GridSampler",
    "MemberData",
    "Preset",
    "Protocol",
    "RowSampler",
    "Sampler",
    "Score",
    "ScoreResult",
    "check_options",
    "evaluate",
    "material_for",
]

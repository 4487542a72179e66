"""Disentanglement scores: what channels know about known factors, and about each other.

`SCORES` is the table of all of them, `PRESETS` of published protocols. A row names a function
`compute(codes, factors, settings, *, seed, ...)` that returns a `ScoreResult`, and the record of
its settings; `evaluate` computes many scores of one member, sharing what they have in common.
"""

from toolkit.disentanglement.evaluate import Evaluation, evaluate
from toolkit.disentanglement.member import MemberData, draw_member_data
from toolkit.disentanglement.protocol import PRESETS, Preset, Protocol
from toolkit.disentanglement.record import Score, ScoreResult, Takes
from toolkit.disentanglement.sampler import GridSampler, RowSampler, Sampler
from toolkit.disentanglement.settings import ScoreSettings
from toolkit.disentanglement.table import SCORES, score_settings

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
    "ScoreSettings",
    "Takes",
    "draw_member_data",
    "evaluate",
    "score_settings",
]

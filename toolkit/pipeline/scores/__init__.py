"""Scores of members that are trained: what is declared, computed from weights, kept beside them."""

from toolkit.pipeline.scores.across_seeds import (
    mean_scores,
    score_together,
    undefined_of,
    without_seed,
)
from toolkit.pipeline.scores.member import is_scored, score_member, without_scores
from toolkit.pipeline.scores.task import ScoringTask, scoring_task

__all__ = [
    "ScoringTask",
    "is_scored",
    "mean_scores",
    "score_member",
    "score_together",
    "scoring_task",
    "undefined_of",
    "without_scores",
    "without_seed",
]

"""Many small learners of the circle at once, for the fusion of what they know."""

from toolkit.analyses.fusion_so2.learners import (
    CircleLearners,
    circle_points,
    train_circle_learners,
)
from toolkit.analyses.fusion_so2.settings import CircleSettings

__all__ = ["CircleLearners", "CircleSettings", "circle_points", "train_circle_learners"]

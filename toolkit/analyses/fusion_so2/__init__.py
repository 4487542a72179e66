"""Many small learners of the circle at once, whose spaces are fused."""

from toolkit.analyses.fusion_so2.learners import CircleLearners, train_circle_learners
from toolkit.analyses.fusion_so2.settings import CircleSettings

__all__ = ["CircleLearners", "CircleSettings", "train_circle_learners"]

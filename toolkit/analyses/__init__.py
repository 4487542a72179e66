"""Studies of the measures themselves, which need no images and no runs.

`ANALYSES` is the one place to add a row: settings that params.yaml may give, and the function that
turns them into tables, numbers and a figure.
"""

from toolkit.analyses.analysis import Analysis, Outcome, Workshop
from toolkit.analyses.fusion_so2.analysis import FusionSO2, study_fusion
from toolkit.analyses.page import render_analysis
from toolkit.analyses.parts import Parts
from toolkit.analyses.synthetic_spaces.analysis import SyntheticSpaces, study_spaces

ANALYSES: dict[str, Analysis] = {
    "fusion_so2": Analysis(
        settings=FusionSO2,
        run=study_fusion,
        about="Fused spaces of weak learners of the circle: continuity against ensemble size.",
        source="Murphy, Dillavou & Bassett (TMLR 2025), arXiv 2405.21042, section on fusion",
    ),
    "synthetic_spaces": Analysis(
        settings=SyntheticSpaces,
        run=study_spaces,
        about="Nine made-up spaces under every measure of whole spaces, and how these agree.",
        source="Murphy, Dillavou & Bassett (TMLR 2025), arXiv 2405.21042, figure 2",
    ),
}

__all__ = [
    "ANALYSES",
    "Analysis",
    "FusionSO2",
    "Outcome",
    "Parts",
    "SyntheticSpaces",
    "Workshop",
    "render_analysis",
]

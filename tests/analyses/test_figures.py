"""The figures of the analyses: every table and every curve is in them."""

import torch

from toolkit.analyses.fusion_so2.figure import fusion_figure
from toolkit.analyses.synthetic_spaces.figure import ROMAN, synthetic_figure
from toolkit.analyses.synthetic_spaces.spaces import synthetic_spaces
from toolkit.analyses.synthetic_spaces.study import SyntheticStudy
from toolkit.figures import quiet
from toolkit.information import SizeStudy


def test_figure_of_the_nine_spaces_holds_all_tables() -> None:
    spaces = synthetic_spaces()
    tables = {"nmi": torch.eye(9).double(), "vi": torch.zeros(9, 9).double()}
    study = SyntheticStudy(
        spaces=tuple(spaces),
        information=torch.zeros(9),
        information_error=torch.zeros(9),
        tables=tables,
        errors={},
        units={"nmi": "1", "vi": "bits"},
        alike={"nmi": 1.0, "vi": 0.0},
        agreement=torch.eye(2),
    )
    with quiet():
        figure = synthetic_figure(study, spaces)
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    named = [f"{numeral}  {name}" for numeral, name in zip(ROMAN, spaces, strict=True)]
    assert titles == [*named, "nmi", "vi (bits)", "rank correlation"]
    assert len(figure.axes[9].texts) == 81


def test_figure_of_fusion_shows_smallest_and_largest_ensembles() -> None:
    shape = (2, 3, 4)
    study = SizeStudy(
        similarities=("vi", "nmi"),
        sizes=(2, 5, 9),
        continuity=torch.full(shape, 3.0),
        learners=torch.tensor([[7.0, 8.0, 9.0]] * 4),
        similarity=torch.zeros(shape),
        gain=torch.zeros(shape),
        mean=torch.randn(*shape, 6, 2, generator=torch.Generator().manual_seed(0)),
        log_variance=torch.zeros(*shape, 6, 2),
    )
    with quiet():
        figure = fusion_figure(study)
    curve, *spaces = figure.axes
    assert curve.lines[-1].get_ydata()[0] == 8
    assert [axes.get_title(loc="left") for axes in spaces] == [
        "vi, 2 members",
        "vi, 9 members",
        "nmi, 2 members",
        "nmi, 9 members",
    ]

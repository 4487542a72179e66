"""From the posteriors of many runs to a page: findings, tables, HTML.

`compare_runs` computes everything once; `tables`, `metrics` and `render` only write it down. Three
members whose channels carry the same information, trained from different seeds:

>>> import torch
>>> from toolkit.posteriors import Posteriors
>>> position = torch.arange(40) % 8
>>> runs = [
...     ComparedRun(name=f"squares/seed={seed}", key=str(seed), run_id=None, ensemble="squares",
...                 data="squares", objective="beta_vae", hyperparameters={"beta": 4.0}, seed=seed,
...                 distortion=20.0, rate=3.0, record="0" * 64)
...     for seed in range(3)
... ]
>>> posteriors = [
...     Posteriors(mean=sign * position[:, None].float(), log_variance=torch.full((40, 1), -4.0),
...                probe="probe")
...     for sign in (1, -1, 1)
... ]
>>> findings = compare_runs(runs, posteriors, settings=ComparisonSettings(seed=0),
...                         labels=position[:, None], factor_names=["position"])
>>> [(spot.factor, spot.members, round(spot.mean_bits, 2)) for spot in findings.hot_spots]
[('position', 3, 3.0)]
>>> metrics(findings)["agreement"]
1.0
>>> page = render(findings, title="Squares", query="tags.ensemble = 'squares'",
...               how="toolkit compare", traversals={})
>>> "Every run was shown the same 40 probe images." in page
True
"""

from toolkit.report.findings import compare_runs
from toolkit.report.hot_spots import FactorMatch, HotSpot, SecondMatch
from toolkit.report.page import (
    HotSpotPictures,
    StoreLinks,
    Traversal,
    posterior_overlap,
    render,
    render_links,
    write_figures,
)
from toolkit.report.records import Channel, Curve, CurvePoint, Findings, RunSummary
from toolkit.report.runs import ComparedRun, FailedMember
from toolkit.report.settings import ComparisonSettings
from toolkit.report.tables import metrics, tables, write_latex, write_tables

__all__ = [
    "Channel",
    "ComparedRun",
    "ComparisonSettings",
    "Curve",
    "CurvePoint",
    "FactorMatch",
    "FailedMember",
    "Findings",
    "HotSpot",
    "HotSpotPictures",
    "RunSummary",
    "SecondMatch",
    "StoreLinks",
    "Traversal",
    "compare_runs",
    "metrics",
    "posterior_overlap",
    "render",
    "render_links",
    "tables",
    "write_figures",
    "write_latex",
    "write_tables",
]

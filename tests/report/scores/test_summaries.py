"""Scores over runs: means, intervals, ranks, and what is known of a score."""

import math
from dataclasses import replace

import pytest

from tests.report.conftest import planted_run
from toolkit.report import Findings
from toolkit.report.intervals import mean_interval
from toolkit.report.scores.records import ScoreMean, ScoreSummary
from toolkit.report.scores.summaries import group_by_setting, summarise_scores


def summary(findings: Findings, name: str) -> ScoreSummary:
    return next(score for score in findings.scores if score.name == name)


def test_scores_come_in_the_order_of_their_table_main_values_first(findings: Findings) -> None:
    assert [(score.name, score.main) for score in findings.scores] == [
        ("mig/mig", True),
        ("jemmig/jemmig_normalised", True),
        ("jemmig/jemmig_nats", False),
        ("fairness/unfairness", True),
        ("mine/value", True),
    ]


def test_means_have_the_interval_over_the_seeds_of_their_setting(findings: Findings) -> None:
    mig = summary(findings, "mig/mig")
    assert [setting.label for setting in findings.settings] == ["beta=1", "beta=4"]
    high = mig.by_setting[1]
    assert high is not None
    assert (high.runs, high.mean) == ((3, 4, 5), pytest.approx(0.41))
    assert high.interval == mean_interval([mig.values[run] for run in (3, 4, 5)])
    assert mig.by_value == (mig.by_setting,)
    assert mig.overall.mean == pytest.approx(0.26)


def test_the_best_is_where_the_score_says_it_is(findings: Findings) -> None:
    assert summary(findings, "mig/mig").ranks == (6, 5, 4, 3, 2, 1)
    assert summary(findings, "fairness/unfairness").ranks == (6, 5, 4, 3, 2, 1)
    assert summary(findings, "fairness/unfairness").good == "low"
    assert summary(findings, "jemmig/jemmig_normalised").ranks == (1, 1, 1, 4, 4, 4)


def test_of_values_without_a_good_end_none_is_best(findings: Findings) -> None:
    for name in ("jemmig/jemmig_nats", "mine/value"):
        score = summary(findings, name)
        assert (score.good, score.best, score.low, score.high) == ("neither", None, None, None)


def test_a_run_that_lacks_a_score_leaves_a_gap(findings: Findings) -> None:
    mine = summary(findings, "mine/value")
    assert mine.values == (None, 1.0, 2.0, 0.0, 1.0, 2.0)
    assert mine.by_setting[0] == ScoreMean(
        runs=(1, 2), mean=1.5, interval=mean_interval([1.0, 2.0])
    )


def test_no_runs_of_a_setting_have_no_mean_and_one_has_no_interval() -> None:
    runs = [planted_run(1.0, 0, scores={}), planted_run(4.0, 0, scores={"mig/mig": 0.5})]
    (mig,) = summarise_scores(runs, settings=group_by_setting(runs), curves=[])
    assert mig.by_setting == (None, ScoreMean(runs=(1,), mean=0.5, interval=None))
    assert mig.ranks == (None, 1)


def test_what_is_known_of_a_score_comes_along(findings: Findings) -> None:
    mig = summary(findings, "mig/mig")
    assert (mig.low, mig.high, mig.source) == (0.0, 1.0, "Chen et al. (2018)")
    assert summary(findings, "mine/value").measures == ""


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("mig/mig", "mig"),
        ("dci/disentanglement", "dci disentanglement"),
        ("jemmig/jemmig_normalised", "jemmig"),
        ("beta_vae_score/beta_vae", "beta vae score"),
        ("fairness/unfairness", "unfairness"),
        ("alone", "alone"),
    ],
)
def test_a_label_says_once_what_score_and_value_share(
    name: str, label: str, findings: Findings
) -> None:
    runs = [planted_run(1.0, 0, scores={name: 0.5})]
    assert summarise_scores(runs, settings=[], curves=[])[0].label == label


def test_settings_are_named_by_what_differs() -> None:
    runs = [
        planted_run(1.0, 0),
        planted_run(1.0, 1),
        planted_run(1.0, 0, ensemble="other"),
        planted_run(4.0, 0, ensemble="other"),
    ]
    assert [(setting.label, setting.runs) for setting in group_by_setting(runs)] == [
        ("planted beta=1", (0, 1)),
        ("other beta=1", (2,)),
        ("other beta=4", (3,)),
    ]
    assert [setting.label for setting in group_by_setting(runs[:2])] == ["all"]
    assert math.isclose(runs[0].scores["mig/mig"], 0.1)


def test_runs_that_differ_in_a_text_are_of_two_settings() -> None:
    runs = [
        planted_run(1.0, seed, options={"estimator": estimator})
        for estimator in ("mws", "mss")
        for seed in (0, 1)
    ]
    found = group_by_setting(runs)
    assert [setting.runs for setting in found] == [(0, 1), (2, 3)]
    assert [setting.label for setting in found] == ["estimator=mws", "estimator=mss"]
    assert runs[0].sort_key != runs[2].sort_key


def test_runs_that_differ_in_nothing_but_their_seed_are_of_one() -> None:
    runs = [planted_run(1.0, seed, options={"estimator": "mws"}) for seed in (0, 1)]
    assert [(setting.label, setting.runs) for setting in group_by_setting(runs)] == [
        ("all", (0, 1))
    ]


@pytest.mark.parametrize("learner", ["dci", "dci_forest", "dci_logistic", "dci_lasso"])
def test_a_disentanglement_never_stands_without_its_informativeness(learner: str) -> None:
    names = ["completeness", "disentanglement", "informativeness_test", "informativeness_train"]
    scores = {f"{learner}/{name}": 0.25 for name in names}
    runs = [replace(planted_run(1.0, seed), scores=scores) for seed in (0, 1)]
    found = summarise_scores(runs, settings=group_by_setting(runs), curves=[])
    shown = [score.name for score in found if score.main or score.beside]
    assert shown == [f"{learner}/disentanglement", f"{learner}/informativeness_test"]
    assert [score.name for score in found][:2] == shown

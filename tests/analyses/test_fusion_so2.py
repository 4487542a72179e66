"""Fusion of the circle's learners: tables, what a second start and a larger declaration redo."""

import math
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from tests.analyses.small import FUSION, workshop
from toolkit.analyses import FusionSO2, Outcome
from toolkit.analyses.fusion_so2 import CircleSettings
from toolkit.analyses.fusion_so2.analysis import seeds_of, study_fusion

Told = list[tuple[str, int, int]]


def run(folder: Path, settings: FusionSO2 = FUSION, reports: Told | None = None) -> Outcome:
    return study_fusion(settings, workshop(folder, reports))


def parts(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return run(tmp_path_factory.mktemp("fusion"))


def test_the_defaults_are_those_published() -> None:
    published = FusionSO2()
    assert published.sizes == (2, 3, 5, 10, 15, 20, 30, 50)
    assert (published.repeats, published.points) == (5, 200)
    assert published.learners == CircleSettings(
        steps=3000, batch_size=2048, draws="independent", beta=0.03, learning_rate=1e-3, hidden=256
    )
    assert published.fusion.steps == 20_000
    assert sum(len(seeds) for seeds in seeds_of(published)) == 250


def test_the_summary_is_the_mean_of_the_repeats_with_its_error(outcome: Outcome) -> None:
    assert list(outcome.tables) == ["continuity", "repeats", "learners"]
    summary, repeats = outcome.tables["continuity"], outcome.tables["repeats"]
    assert summary[["similarity", "members"]].values.tolist() == [
        ["information", 2],
        ["information", 3],
        ["nmi", 2],
        ["nmi", 3],
    ]
    grouped = repeats.groupby(["similarity", "members"], sort=False)["continuity"]
    assert summary["continuity"].tolist() == pytest.approx(grouped.mean().tolist())
    assert summary["deviation"].tolist() == pytest.approx(grouped.std().tolist())
    assert summary["standard_error"].tolist() == pytest.approx(grouped.sem().tolist())
    assert (summary["repeats"] == 2).all()


def test_metrics_are_the_numbers_of_the_tables(outcome: Outcome) -> None:
    summary, learners = outcome.tables["continuity"], outcome.tables["learners"]
    row = summary[(summary.similarity == "nmi") & (summary.members == 3)].iloc[0]
    assert outcome.metrics["continuity"]["nmi"]["3"] == pytest.approx(row.continuity)
    assert outcome.metrics["standard_error"]["nmi"]["3"] == pytest.approx(row.standard_error)
    assert outcome.metrics["learners"] == pytest.approx(
        {
            "continuity_median": sorted(learners.continuity)[2],  # torch's: the lower of the middle
            "distortion_mean": learners.distortion.mean(),
            "rate_mean_nats": learners.rate_nats.mean(),
        }
    )
    assert len(learners) == 6


def test_one_repeat_has_no_error(tmp_path: Path) -> None:
    outcome = run(tmp_path, replace(FUSION, repeats=1))
    assert outcome.tables["continuity"]["standard_error"].isna().all()
    assert outcome.metrics["standard_error"] == {}


def test_progress_reaches_the_end_from_any_start(tmp_path: Path) -> None:
    first: Told = []
    run(tmp_path, reports=first)
    learners, spaces = "learners of the circle", "fused spaces"
    assert first[-1] == (spaces, 80, 80)
    assert (learners, 300, 300) in first
    second: Told = []
    run(tmp_path, reports=second)
    assert second == [(learners, 300, 300), (spaces, 80, 80)]


def test_a_second_start_makes_the_same_of_what_is_there(tmp_path: Path, outcome: Outcome) -> None:
    run(tmp_path)
    before = parts(tmp_path)
    gone = sorted(before)[0]
    (tmp_path / gone).unlink()
    again = run(tmp_path)
    after = parts(tmp_path)
    assert {name for name in before if before[name] != after[name]} == {gone}
    for name, table in outcome.tables.items():
        assert_frame_equal(again.tables[name], table, check_exact=True)
    assert again.metrics == outcome.metrics


def test_more_sizes_and_repeats_train_only_new_learners(tmp_path: Path, outcome: Outcome) -> None:
    run(tmp_path)
    before = parts(tmp_path)
    reports: Told = []
    larger = run(tmp_path, replace(FUSION, sizes=(2, 3, 4, 5), repeats=3), reports)
    after = parts(tmp_path)
    assert {name: after[name] for name in before} == before
    assert len(after) - len(before) == 1 + (3 * 4 - 2 * 2)  # a group of learners; ensembles
    assert reports[0] == ("learners of the circle", 300, 450)
    assert outcome.tables["repeats"].merge(larger.tables["repeats"]).shape == (8, 6)


def test_repeats_have_learners_of_their_own() -> None:
    seeds = seeds_of(FusionSO2(seed=3))
    flat = [seed for repeat in seeds for seed in repeat]
    assert len(set(flat)) == len(flat)
    assert not set(flat) & {s for repeat in seeds_of(FusionSO2(seed=4)) for s in repeat}


def test_the_figure_has_the_curve_and_two_spaces_a_similarity(outcome: Outcome) -> None:
    assert len(outcome.figure.axes) == 1 + 2 * 2


def test_sentences_tell_the_ends_of_every_curve(outcome: Outcome) -> None:
    summary: pd.DataFrame = outcome.tables["continuity"]
    first, last = summary.continuity[2], summary.continuity[3]
    assert not math.isnan(first)
    assert outcome.sentences[-1] == (
        f"Fused by nmi: {first:.3g} with 2 members, {last:.3g} with 3."
    )

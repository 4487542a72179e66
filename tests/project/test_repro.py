"""`dvc repro` and what people do around it."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

import toolkit
from tests.project.project import Project, make_project

pytestmark = pytest.mark.slow


def test_everything_that_is_declared_is_built(built: Project) -> None:
    for path in (
        "data/tiny/data.json",
        "runs/ensembles/tiny-beta/ensemble.json",
        "runs/studies/tiny-search/study.json",
        "reports/tiny/report.html",
        "reports/tiny/metrics.json",
        "reports/tiny/curves.csv",
        "reports/tiny/tables/channels.csv",
    ):
        assert (built.root / path).is_file()
    study = json.loads((built.root / "runs/studies/tiny-search/study.json").read_text())
    assert [trial["number"] for trial in study["trials"]] == [0, 1]
    assert study["waiting"] == []


def test_git_sees_the_lock_and_the_metrics_and_nothing_else(built: Project) -> None:
    lines = built.run("git", "status", "--short", "--untracked-files=all").split("\n")
    assert [line for line in lines if line] == ["?? dvc.lock", "?? reports/tiny/metrics.json"]


def test_a_second_repro_has_nothing_to_do(built: Project) -> None:
    said = built.run("dvc", "repro")
    assert "Running stage" not in said
    assert "Data and pipelines are up to date." in said


def test_every_record_is_one_finished_run(built: Project) -> None:
    built.expect_each_run_once()
    kinds = sorted(run.data.tags["kind"] for run in built.runs())
    assert kinds == ["comparison", "data", "ensemble"] + ["member"] * 8 + ["trial"] * 2


def test_two_clones_make_the_same_bytes(
    built: Project, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = make_project(tmp_path_factory.mktemp("other") / "project")
    other.run("dvc", "repro")
    assert other.records() == built.records()
    assert (other.root / "dvc.lock").read_bytes() == (built.root / "dvc.lock").read_bytes()


def test_mlflow_is_rebuilt_from_the_records(built: Project, copy: Project) -> None:
    def told(project: Project) -> list[tuple[str, dict[str, float], dict[str, str]]]:
        runs = [run for run in project.runs() if run.data.tags["kind"] != "comparison"]
        # What a comparison found about its runs is logged by the comparison
        recorded = [
            {name: value for name, value in run.data.metrics.items() if "compared/" not in name}
            for run in runs
        ]
        return [
            (run.data.tags["record.digest"], metrics, run.data.params)
            for run, metrics in zip(runs, recorded, strict=True)
        ]

    assert told(copy) == told(built)


def test_a_member_comes_back_as_a_module(copy: Project) -> None:
    run = next(r for r in copy.runs() if r.data.tags["kind"] == "member")
    said = copy.toolkit("fetch", run.info.run_id)
    assert f"fetched/{run.info.run_id}" in said
    model = toolkit.load_member(copy.root / "fetched" / run.info.run_id)
    mean, log_variance = model.encode(torch.rand(3, 1, 32, 32))
    assert mean.shape == log_variance.shape == (3, 4)
    assert model.decode(mean).shape == (3, 1, 32, 32)


def test_any_query_can_be_compared(copy: Project) -> None:
    said = copy.toolkit("compare", "--query", "tags.study = 'tiny-search'", "--name", "ask")
    assert said.splitlines()[-1].startswith("4 runs, ")
    table = (copy.root / "reports/ask/tables/runs.csv").read_text()
    assert "tiny-search trial 1/capacity=" in table


def test_adding_a_seed_trains_only_the_new_members(copy: Project) -> None:
    before = {
        path: path.stat().st_mtime_ns for path in copy.root.glob("runs/ensembles/*/members/*/*")
    }
    params = copy.root / "params.yaml"
    params.write_text(params.read_text().replace("seeds: [0, 1]", "seeds: [0, 1, 2]", 1))
    copy.run("dvc", "repro", "ensemble@tiny-beta")
    after = {
        path: path.stat().st_mtime_ns for path in copy.root.glob("runs/ensembles/*/members/*/*")
    }
    assert {path: after[path] for path in before} == before
    assert len(list(copy.root.glob("runs/ensembles/tiny-beta/members/*"))) == 6


def test_a_study_is_extended(copy: Project) -> None:
    path = copy.root / "runs/studies/tiny-search/study.json"
    before = json.loads(path.read_text())["trials"]
    params = copy.root / "params.yaml"
    params.write_text(params.read_text().replace("trials: 2", "trials: 3"))
    copy.run("dvc", "repro", "study@tiny-search")
    trials = json.loads(path.read_text())["trials"]
    assert trials[:2] == before
    assert len(trials) == 3
    copy.expect_each_run_once()


def test_runs_of_an_earlier_declaration_are_left_out_and_said(copy: Project) -> None:
    params = copy.root / "params.yaml"
    params.write_text(params.read_text().replace("beta: [1.0, 4.0]", "beta: [1.0, 2.0]"))
    said = copy.run("dvc", "repro", "comparison@tiny")
    assert "2 runs left out, because the project no longer holds their records" in said
    assert "beta=4" not in (copy.root / "reports/tiny/tables/runs.csv").read_text()


def test_dvc_shows_metrics_plots_and_differences(copy: Project) -> None:
    author = ("-c", "user.name=A Tester", "-c", "user.email=tester@example.org")
    copy.run("git", "add", "dvc.lock", "reports")
    copy.run("git", *author, "commit", "-q", "-m", "built")
    assert "agreement" in copy.run("dvc", "metrics", "show")
    assert "file://" in copy.run("dvc", "plots", "show")
    params = copy.root / "params.yaml"
    params.write_text(params.read_text().replace("steps: 60", "steps: 61"))
    assert "ensembles.tiny-beta.training.steps" in copy.run("dvc", "params", "diff")


def test_an_experiment_of_dvc_logs_into_the_projects_own_mlflow(copy: Project) -> None:
    author = ("-c", "user.name=A Tester", "-c", "user.email=tester@example.org")
    copy.run("git", "config", "user.name", "A Tester")
    copy.run("git", "config", "user.email", "tester@example.org")
    copy.run("git", "add", "dvc.lock", "reports")
    copy.run("git", *author, "commit", "-q", "-m", "built")
    before = len(copy.runs())
    copy.run(
        "dvc", "exp", "run", "--temp", "-S", "ensembles.tiny-beta.seeds=[0,5]", "ensemble@tiny-beta"
    )
    runs = copy.runs()
    assert len(runs) > before
    assert "5" in {r.data.params.get("seed") for r in runs}
    assert "ensembles.tiny-beta.seeds" in copy.run("dvc", "exp", "show", "--csv", "--no-pager")


def test_added_files_lie_in_the_cache_of_dvc(copy: Project, tmp_path: Path) -> None:
    images = np.arange(5 * 64, dtype=np.uint16).reshape(5, 8, 8, 1).astype(np.uint8)
    np.savez(tmp_path / "mine.npz", images=images)
    said = copy.toolkit("data", "add", "npz", str(tmp_path / "mine.npz"))
    assert said == (
        "5 images of 8 × 8 × 1, 4 distinct, values 0 to 255\n"
        "in raw/npz and in DVC's cache (raw/npz.dvc, for git); in params.yaml: `raw: raw/npz`\n"
    )
    assert "raw/npz.dvc" in copy.run("git", "status", "--short", "--untracked-files=all")
    shutil.rmtree(copy.root / "raw/npz")
    copy.run("dvc", "checkout", "raw/npz.dvc")
    assert (copy.root / "raw/npz/mine.npz").is_file()

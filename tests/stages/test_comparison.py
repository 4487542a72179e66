"""From a query to a report."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from toolkit.cli import main
from toolkit.config import Comparison, read_params
from toolkit.errors import ToolkitError
from toolkit.files import digest_of_json, write_json
from toolkit.pipeline.comparison import compare, make_comparison
from toolkit.pipeline.ensemble import make_ensemble
from toolkit.pipeline.sync import track_all
from toolkit.records import EnsembleRecord
from toolkit.stages.data import make_data
from toolkit.workspace import Workspace


def section(query: str) -> Comparison:
    """A comparison by query, its groups as small as can be."""
    return Comparison(query=query)


def test_the_report_tells_of_the_declared_runs(built: Workspace) -> None:
    folder = built.report("tiny")
    runs = pd.read_csv(folder / "tables/runs.csv")
    assert list(runs["run"]) == [
        "tiny-beta/beta=1 seed=0",
        "tiny-beta/beta=1 seed=1",
        "tiny-beta/beta=4 seed=0",
        "tiny-beta/beta=4 seed=1",
    ]
    numbers = json.loads((folder / "metrics.json").read_text())
    assert numbers["runs"] == 4
    assert numbers["channels"] == 16
    page = (folder / "report.html").read_text()
    assert "tags.ensemble" in page
    assert "http://" not in page.replace("http://www.w3.org", "")


def test_figures_and_latex_lie_beside_the_report(built: Workspace) -> None:
    folder = built.report("tiny")
    assert {"bits.pdf", "bits.svg", "trust.pdf"} <= {p.name for p in (folder / "figures").iterdir()}
    assert {"runs.tex", "references.bib"} <= {p.name for p in (folder / "latex").iterdir()}
    page = (folder / "report.html").read_text()
    assert '<tr><th scope="row">steps</th><td>6</td></tr>' in page
    assert '<tr><th scope="row">network</th><td>burgess</td></tr>' in page


def test_a_text_that_is_not_there_is_refused_before_any_work(copy: Workspace) -> None:
    params = read_params(copy.params)
    declared = Comparison(query="tags.kind = 'member'", text="findings.md")
    with pytest.raises(ToolkitError) as refused:
        compare(copy, params, declared, name="x", folder=copy.report("x"), how="here")
    path = copy.root / "notes/findings.md"
    assert str(refused.value) == (
        f"the text of a comparison cannot be read from {path} ([Errno 2] No such file or "
        f"directory: '{path}'). Write it there as Markdown in UTF-8, or take `text` out of "
        "params.yaml."
    )
    assert not copy.report("x").exists()


@pytest.mark.slow
def test_a_report_is_logged_once(copy: Workspace) -> None:
    params = read_params(copy.params)
    track_all(copy, params)
    for _ in range(2):
        made = compare(
            copy,
            params,
            section("tags.kind = 'member'"),
            name="all",
            folder=copy.report("all"),
            how="here",
        )
    assert len(made.findings.runs) == 8
    from toolkit.tracking import open_store
    from toolkit.tracking.experiments import experiment_ids

    store = open_store(copy.home)
    found = store.client.search_runs(experiment_ids(store), "tags.kind = 'comparison'")
    assert len(found) == 1
    links = (copy.report("all") / "runs.html").read_text()
    assert f"/runs/{found[0].info.run_id}?" in links
    for run, summary in zip(made.findings.runs, made.findings.summaries, strict=True):
        assert run.run_id is not None
        assert f"/runs/{run.run_id}?" in links
        logged = store.client.get_run(run.run_id).data.metrics
        assert logged["compared/all/agreement"] == pytest.approx(summary.agreement)
        assert logged["compared/all/hot_spots"] == summary.hot_spots


@pytest.mark.slow
def test_runs_with_different_probe_sets_are_refused(copy: Workspace) -> None:
    text = copy.params.read_text()
    other = text.replace("size: 40, seed: 0", "size: 40, seed: 1").replace("tiny-beta:", "other:")
    copy.params.write_text(other)
    params = read_params(copy.params)
    make_data(copy, params, "tiny")
    make_ensemble(copy, params, "other")
    copy.params.write_text(text)
    track_all(copy, read_params(copy.params))
    with pytest.raises(ToolkitError) as caught:
        compare(
            copy,
            read_params(copy.params),
            section("tags.ensemble LIKE '%'"),
            name="x",
            folder=copy.report("x"),
            how="here",
            outdated=True,
        )
    sentence = str(caught.value)
    assert "other/beta=1 seed=0" in sentence
    assert "tiny-beta/beta=1 seed=0" in sentence
    assert not copy.report("x").exists()


@pytest.mark.slow
def test_replaced_runs_are_left_out_unless_they_are_asked_for(
    copy: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    track_all(copy, read_params(copy.params))
    text = copy.params.read_text()
    copy.params.write_text(text.replace("steps: 6", "steps: 5"))
    make_ensemble(copy, read_params(copy.params), "tiny-beta")
    query = ["compare", "--query", "tags.ensemble = 'tiny-beta'"]
    capsys.readouterr()
    main(query)
    said = capsys.readouterr().out
    assert said.startswith("4 runs, ")
    assert "4 runs left out, because the project no longer holds their records: " in said
    main([*query, "--outdated"])
    assert capsys.readouterr().out.startswith("8 runs, ")


def test_a_comparison_of_replaced_runs_only_is_refused(copy: Workspace) -> None:
    params = read_params(copy.params)
    track_all(copy, params)
    record = EnsembleRecord.read(copy.ensemble("tiny-beta"))
    others = [replace(member, record="0" * 64) for member in record.members]
    replace(record, members=tuple(others)).write(copy.ensemble("tiny-beta"))
    with pytest.raises(ToolkitError) as caught:
        compare(
            copy,
            params,
            section("tags.ensemble = 'tiny-beta'"),
            name="x",
            folder=copy.report("x"),
            how="here",
        )
    assert str(caught.value) == (
        "all 4 runs that the query selects are of records that this project holds no more: they "
        "were replaced, or params.yaml no longer declares them. Run `dvc repro` to make what it "
        "declares, or compare them all the same with `toolkit compare --outdated`."
    )


def test_a_query_without_result_says_what_there_is(copy: Workspace) -> None:
    params = read_params(copy.params)
    track_all(copy, params)
    with pytest.raises(ToolkitError) as caught:
        compare(
            copy,
            params,
            section("tags.ensemble = 'nothing'"),
            name="x",
            folder=Path("nowhere"),
            how="here",
        )
    assert "tags.ensemble = 'nothing'" in str(caught.value)
    assert "tiny-beta" in str(caught.value)


@pytest.mark.slow
def test_scores_of_records_are_in_the_report_and_its_metrics(copy: Workspace) -> None:
    params = read_params(copy.params)
    change_members(
        copy, lambda place, record: record | {"scores": {"mig/mig": round(0.1 * place, 9)}}
    )
    make_comparison(copy, params, "tiny")
    folder = copy.report("tiny")
    numbers = json.loads((folder / "metrics.json").read_text())
    assert numbers["scores/mig/mig"] == pytest.approx(0.15)
    scores = pd.read_csv(folder / "tables/scores.csv")
    assert scores["setting"].tolist() == ["all runs", "beta=1", "beta=4"]
    assert scores["best_run"].unique().tolist() == ["tiny-beta/beta=4 seed=1"]
    assert pd.read_csv(folder / "tables/score_ranks.csv")["mig/mig"].tolist() == [4, 3, 2, 1]
    assert "gap between the two most informative channels" in (folder / "report.html").read_text()


def test_members_that_failed_are_left_out_and_named(
    copy: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    failure = {"step": 3, "reason": "the loss is not finite"}

    def fail(place: int, record: dict[str, Any]) -> dict[str, Any]:
        if place != 1:
            return record
        nothing = {"final": {}, "channels": {"information": [], "rate": []}, "files": {}}
        return record | nothing | {"status": "failed", "failure": failure}

    change_members(copy, fail)
    make_comparison(copy, read_params(copy.params), "tiny")
    said = "tiny-beta/beta=1 seed=1 is left out: Failed at step 3: the loss is not finite"
    assert said in capsys.readouterr().out
    folder = copy.report("tiny")
    runs = pd.read_csv(folder / "tables/runs.csv")
    assert "tiny-beta/beta=1 seed=1" not in runs["run"].tolist()
    assert json.loads((folder / "metrics.json").read_text())["failed_runs"] == 1
    page = (folder / "report.html").read_text()
    assert "<b>tiny-beta/beta=1 seed=1</b> Failed at step 3: the loss is not finite" in page


@pytest.mark.slow
def test_members_without_a_measured_distortion_have_a_dash(copy: Workspace) -> None:
    change_members(
        copy, lambda place, record: record if place else record | {"final": {"loss": 1.0}}
    )
    make_comparison(copy, read_params(copy.params), "tiny")
    folder = copy.report("tiny")
    runs = pd.read_csv(folder / "tables/runs.csv")
    assert runs["distortion_nats"].isna().tolist() == [True, False, False, False]
    assert '<td class="n">–</td><td class="n">–</td>' in (folder / "report.html").read_text()


@pytest.mark.slow
def test_the_same_comparison_writes_the_same_bytes(copy: Workspace) -> None:
    folder = copy.report("tiny")

    def written() -> dict[str, bytes]:
        files = [path for path in folder.rglob("*") if path.is_file()]
        return {str(path): path.read_bytes() for path in files if path.name != "runs.html"}

    before = written()
    make_comparison(copy, read_params(copy.params), "tiny")
    assert written() == before


def change_members(
    workspace: Workspace, change: Callable[[int, dict[str, Any]], dict[str, Any]]
) -> None:
    """Write other records of the ensemble's members, in their order, and of the ensemble."""
    folder = workspace.ensemble("tiny-beta")
    ensemble = json.loads((folder / "ensemble.json").read_text())
    for place, member in enumerate(ensemble["members"]):
        at = folder / "members" / member["key"][:16] / "record.json"
        record = change(place, json.loads(at.read_text()))
        write_json(at, record)
        member |= {"record": digest_of_json(record), "status": record["status"]}
    del ensemble["digest"]
    EnsembleRecord.from_json(ensemble, source="the test").write(folder)

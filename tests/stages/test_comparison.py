"""From a query to a report."""

import json
from pathlib import Path

import pandas as pd
import pytest

from toolkit.cli import main
from toolkit.config import Comparison, read_params
from toolkit.errors import ToolkitError
from toolkit.stages.comparison import compare
from toolkit.stages.data import make_data
from toolkit.stages.ensemble import make_ensemble
from toolkit.stages.tracking import track_all
from toolkit.workspace import Workspace


def section(query: str) -> Comparison:
    """A comparison by query, its groups as small as can be."""
    return Comparison(query=query, min_samples=2)


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
        )
    sentence = str(caught.value)
    assert "other/beta=1 seed=0" in sentence
    assert "tiny-beta/beta=1 seed=0" in sentence
    assert not copy.report("x").exists()


def test_replaced_runs_are_left_out_unless_they_are_asked_for(
    copy: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    track_all(copy, read_params(copy.params))
    text = copy.params.read_text()
    copy.params.write_text(text.replace("steps: 6", "steps: 5"))
    make_ensemble(copy, read_params(copy.params), "tiny-beta")
    query = ["compare", "--query", "tags.ensemble = 'tiny-beta'", "--min-samples", "2"]
    capsys.readouterr()
    main(query)
    said = capsys.readouterr().out
    assert said.startswith("4 runs, ")
    assert "4 runs left out, because params.yaml no longer declares them: " in said
    main([*query, "--outdated"])
    assert capsys.readouterr().out.startswith("8 runs, ")


def test_a_comparison_of_replaced_runs_only_is_refused(copy: Workspace) -> None:
    params = read_params(copy.params)
    track_all(copy, params)
    record = copy.ensemble("tiny-beta") / "ensemble.json"
    record.write_text(record.read_text().replace('"record": "', '"record": "0'))
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
        "all 4 runs that the query selects belong to earlier versions of ensembles in "
        "params.yaml. Run `dvc repro` to make the current ones, or compare the earlier ones "
        "with `toolkit compare --outdated`."
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

"""An analysis as a run: settings, numbers and every file, once, in an experiment of its name."""

from pathlib import Path

import pytest

from toolkit.errors import ToolkitError
from toolkit.files import canonical_json, digest_of_file
from toolkit.records import AnalysisRecord
from toolkit.tracking import Store, TrackedRun, project_analysis, sync
from toolkit.tracking.experiments import experiment_ids

PLACES = ("figure.png", "report.html", "tables/continuity.csv")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of an analysis."""
    place = tmp_path / "made"
    (place / "tables").mkdir(parents=True)
    for name in PLACES:
        (place / name).write_text(name)
    return place


def record_of(folder: Path, **changes: object) -> AnalysisRecord:
    content: dict[str, object] = {
        "schema": "analysis/1",
        "name": "circle",
        "analysis": "fusion_so2",
        "source": "arXiv 2405.21042",
        "settings": {"sizes": [2, 3], "learners": {"steps": 5}, "fusion": {"steps": 7}},
        "metrics": {"continuity": {"vi": {"02": 3.5}}},
        "files": {place: digest_of_file(folder / place) for place in PLACES},
        **changes,
    }
    return AnalysisRecord.from_json(content, source="the test")


def test_an_analysis_tells_its_settings_and_numbers(folder: Path) -> None:
    record = record_of(folder)
    run = project_analysis(record, folder)
    assert (run.kind, run.name, run.experiment) == ("analysis", "circle", "circle")
    assert run.params == {
        "analysis": "fusion_so2",
        "fusion.steps": "7",
        "learners.steps": "5",
        "sizes": "[2,3]",
    }
    assert run.metrics == {
        "analysis/continuity/vi/02": 3.5,
        "hp/learners.steps": 5.0,
        "hp/fusion.steps": 7.0,
    }
    assert run.tags == {
        "kind": "analysis",
        "record.schema": "analysis/1",
        "analysis": "circle",
        "analysis.kind": "fusion_so2",
        "source": "arXiv 2405.21042",
    }
    assert set(run.files) == set(PLACES)
    assert run.texts == {"analysis/record.json": canonical_json(record.to_json())}


def test_an_analysis_is_logged_once_and_replaced_when_it_changes(
    store: Store, folder: Path
) -> None:
    def run(**changes: object) -> TrackedRun:
        return project_analysis(record_of(folder, **changes), folder)

    first, again = sync(store, [run()]), sync(store, [run()])
    assert (first.created, again.created, again.kept) == (1, 0, 1)
    changed = sync(store, [run(metrics={"continuity": {"vi": {"02": 2.5}}})])
    assert (changed.created, changed.removed) == (1, 1)
    (found,) = store.client.search_runs(experiment_ids(store, "circle"), "tags.kind = 'analysis'")
    assert found.data.metrics["analysis/continuity/vi/02"] == 2.5
    places = {item.path for item in store.client.list_artifacts(found.info.run_id)}
    assert places == {"figure.png", "report.html", "tables", "analysis"}


def test_a_file_that_was_changed_since_is_refused(store: Store, folder: Path) -> None:
    run = project_analysis(record_of(folder), folder)
    (folder / "figure.png").write_text("another")
    with pytest.raises(ToolkitError) as caught:
        sync(store, [run])
    assert str(caught.value) == (
        f"analysis 'circle' cannot be logged: {folder / 'figure.png'} is not the file its record "
        "was written for. Run `dvc repro` to make both again."
    )

"""The stage of analyses: what it writes, that it can be killed, and that twice is once."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from torch import Tensor

from toolkit.analyses import parts
from toolkit.config import read_params
from toolkit.execution import serial
from toolkit.files import digest_of_file, read_json, save_tensors
from toolkit.pipeline import analysis as stage
from toolkit.pipeline.analysis import make_analysis
from toolkit.pipeline.sync import track_all
from toolkit.tracking import open_store
from toolkit.tracking.experiments import experiment_ids
from toolkit.workspace import Workspace

PARAMS = """\
analyses:
  circle:
    name: fusion_so2
    sizes: [2, 4]
    repeats: 2
    points: 12
    similarities: [vi]
    learners: {steps: 20, batch_size: 13, draws: lattice, hidden: 6}
    fusion: {steps: 10}
  spaces: {name: synthetic_spaces, samples: 64}
"""


@pytest.fixture
def place(tmp_path: Path, empty_store: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A project with nothing built."""
    (tmp_path / "params.yaml").write_text(PARAMS)
    shutil.copy(empty_store, tmp_path / "mlflow.db")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.delenv("DVC_ROOT", raising=False)
    monkeypatch.setattr(stage, "best", lambda count: serial)
    return Workspace(root=tmp_path, home=tmp_path)


def make(place: Workspace, name: str = "circle") -> None:
    make_analysis(place, read_params(place.params), name)


def written(place: Workspace, name: str = "circle") -> dict[str, bytes]:
    folder = place.analysis(name)
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_everything_that_dvc_and_people_look_for_is_written(
    place: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    make(place)
    said = capsys.readouterr()
    folder = place.analysis("circle")
    assert said.out.splitlines()[-1] == (
        f"analysis circle: {folder / 'report.html'}; MLflow: 1 runs new, 0 kept"
    )
    assert said.out.startswith("Continuity is ")
    record = read_json(folder / "analysis.json", schema="analysis/1")
    assert sorted(record["files"]) == [
        "figure.png",
        "figure.svg",
        "metrics.json",
        "report.html",
        "tables/continuity.csv",
        "tables/learners.csv",
        "tables/repeats.csv",
    ]
    for name, digest in record["files"].items():
        assert digest_of_file(folder / name) == digest
    assert record["settings"]["learners"]["batch_size"] == 13
    assert record["analysis"] == "fusion_so2"
    index = read_json(folder / "parts/parts.json", schema="parts/1")
    assert len(index["parts"]) == 2 + 2 * 2
    assert str(place.root) not in (folder / "analysis.json").read_text()


def test_twice_is_once(place: Workspace) -> None:
    make(place)
    before, stamp = written(place), stamps(place)
    make(place)
    assert written(place) == before
    assert stamps(place) == stamp
    store = open_store(place.home)
    assert len(store.client.search_runs(experiment_ids(store))) == 1


def stamps(place: Workspace) -> dict[str, int]:
    """When each part was written."""
    return {p.name: p.stat().st_mtime_ns for p in place.analysis("circle").glob("parts/*.safe*")}


@pytest.mark.slow
@pytest.mark.parametrize("after", [1, 3])
def test_a_killed_analysis_goes_on_where_it_was(
    place: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    make(place)
    undisturbed = written(place)
    other = Workspace(root=tmp_path / "other", home=tmp_path / "other")
    other.root.mkdir()
    other.params.write_text(PARAMS)
    saved: list[Path] = []

    def save(path: Path, tensors: Mapping[str, Tensor], *, schema: str) -> None:
        if len(saved) == after:
            raise KeyboardInterrupt
        save_tensors(path, tensors, schema=schema)
        saved.append(path)

    with monkeypatch.context() as patch:
        patch.setattr(parts, "save_tensors", save)
        with pytest.raises(KeyboardInterrupt):
            make(other)
    assert not (other.analysis("circle") / "analysis.json").exists()
    kept = stamps(other)
    assert len(kept) == after
    make(other)
    assert stamps(other).items() >= kept.items()
    assert written(other) == undisturbed


def test_what_is_no_longer_declared_goes(place: Workspace) -> None:
    make(place)
    (place.analysis("circle") / "tables/old.csv").touch()
    before = stamps(place)
    place.params.write_text(PARAMS.replace("sizes: [2, 4]", "sizes: [2]"))
    make(place)
    assert stamps(place).keys() < before.keys()
    assert "tables/old.csv" not in written(place)
    assert "2,2," in (place.analysis("circle") / "tables/continuity.csv").read_text()


@pytest.mark.slow
def test_mlflow_is_rebuilt_from_the_records(place: Workspace, tmp_path: Path) -> None:
    make(place, "spaces")
    elsewhere = Workspace(root=place.root, home=tmp_path / "elsewhere")
    elsewhere.home.mkdir()
    done = [track_all(home, read_params(place.params)) for home in (place, elsewhere, elsewhere)]
    assert [(each.created, each.kept) for each in done] == [(0, 1), (1, 0), (0, 1)]
    store = open_store(elsewhere.home)
    (run,) = store.client.search_runs(experiment_ids(store, "spaces"))
    assert run.data.tags["kind"] == "analysis"
    places = {item.path for item in store.client.list_artifacts(run.info.run_id)}
    assert {"figure.png", "figure.svg", "report.html", "metrics.json", "tables"} <= places

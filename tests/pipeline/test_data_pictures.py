"""The pictures of a data set: drawn with it, logged with it, and never older than it."""

from pathlib import Path

import pytest
from PIL import Image

from tests.data.examples import grid_set
from toolkit.config import read_params
from toolkit.data import read_prepared
from toolkit.data.images import ImageSet
from toolkit.files import digest_of_file
from toolkit.pipeline.data_pictures import SHEETS, draw_sheets
from toolkit.pipeline.members.jobs import training_digest
from toolkit.pipeline.sync import data_runs, track, track_all
from toolkit.stages import data as stage
from toolkit.stages.data import make_data
from toolkit.tracking import open_store
from toolkit.tracking.experiments import experiment_ids
from toolkit.workspace import Workspace


def test_the_stage_draws_what_anybody_draws_again(built: Workspace, tmp_path: Path) -> None:
    images = read_prepared(built.data("tiny")).images
    drawn = draw_sheets(tmp_path, images, seed=0)
    assert [path.name for path in drawn] == list(SHEETS)
    for path in drawn:
        assert path.read_bytes() == (built.data("tiny") / "pictures" / path.name).read_bytes()
    with Image.open(tmp_path / "factors.gif") as movie:
        assert getattr(movie, "n_frames", 1) > 4


def test_pictures_of_factors_go_with_the_factors(tmp_path: Path) -> None:
    known = grid_set(4, 5)
    draw_sheets(tmp_path, known, seed=0)
    draw_sheets(tmp_path, ImageSet(name="bare", images=known.images), seed=0)
    assert [path.name for path in tmp_path.iterdir()] == ["samples.png"]


def test_a_data_set_whose_making_was_cut_is_no_data_set(
    copy: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(folder: Path, images: ImageSet, *, seed: int) -> list[Path]:
        raise KeyboardInterrupt

    params = read_params(copy.params)
    monkeypatch.setattr(stage, "draw_sheets", cut)
    with pytest.raises(KeyboardInterrupt):
        make_data(copy, params, "tiny")
    assert not (copy.data("tiny") / "data.json").exists()
    assert list(data_runs(copy, "tiny")) == []
    monkeypatch.undo()
    make_data(copy, params, "tiny")
    assert read_prepared(copy.data("tiny")).record().count == 128


def test_mlflow_shows_the_data_set_of_an_ensemble_once(copy: Workspace) -> None:
    params = read_params(copy.params)
    first = track(copy, params, ensembles=["tiny-beta"], studies=[])
    second = track(copy, params, ensembles=[], studies=["tiny-search"])
    assert (first.created, second.kept) == (6, 1)
    assert track_all(copy, params).created == 0
    store = open_store(copy.home)
    (run,) = store.client.search_runs(experiment_ids(store), "tags.kind = 'data'")
    data = read_prepared(copy.data("tiny"))
    members = store.client.search_runs(experiment_ids(store), "tags.kind = 'member'")
    assert {m.data.tags["data.digest"] for m in members} == {training_digest(data)}
    assert run.data.tags["data.digest"] == training_digest(data)
    assert run.data.tags["probe.digest"] == data.probe.digest
    assert run.info.run_name == "tiny"
    for name in SHEETS:
        fetched = Path(store.client.download_artifacts(run.info.run_id, name))
        assert digest_of_file(fetched) == digest_of_file(copy.sheets("tiny") / name)


def test_records_are_tracked_where_the_data_was_not_brought(copy: Workspace) -> None:
    (copy.data("tiny") / "data.json").unlink()
    assert track_all(copy, read_params(copy.params)).created == 11

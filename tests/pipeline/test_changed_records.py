"""A digit changed in a record is never published: it is named, and made again or refused."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.importers.models import write
from tests.records.examples import ANALYSIS
from tests.small import copied
from toolkit.config import Params, read_params
from toolkit.errors import ToolkitError
from toolkit.pipeline.comparison import make_comparison
from toolkit.pipeline.ensemble import make_ensemble
from toolkit.pipeline.imported import import_member
from toolkit.pipeline.sync import track
from toolkit.pipeline.trials import make_study
from toolkit.records import AnalysisRecord
from toolkit.tracking import open_store
from toolkit.tracking.experiments import experiment_ids
from toolkit.workspace import Workspace

Shown = dict[str, tuple[str, dict[str, float]]]
ENSEMBLE, STUDY = "runs/ensembles/tiny-beta", "runs/studies/tiny-search"
CHANGES: list[tuple[str, tuple[Any, ...]]] = [
    (f"{ENSEMBLE}/ensemble.json", ("summary", "distortion")),
    (f"{ENSEMBLE}/ensemble.json", ("settings", "training", "learning_rate")),
    (f"{ENSEMBLE}/members/*/record.json", ("final", "distortion")),
    (f"{ENSEMBLE}/members/*/record.json", ("channels", "information", 0)),
    (f"{STUDY}/members/*/record.json", ("final", "rate")),
    (f"{STUDY}/study.json", ("trials", 0, "values", "distortion")),
    (f"{STUDY}/study.json", ("trials", 1, "values", "distortion")),
    (f"{STUDY}/study.json", ("trials", 0, "parameters", "gamma")),
    (f"{STUDY}/study.json", ("sampler", "seed")),
    ("runs/imported/*/record.json", ("final", "rate")),
    ("analyses/circle/analysis.json", ("metrics", "continuity", "fused")),
    ("analyses/circle/analysis.json", ("settings", "sizes", 1)),
]


@pytest.fixture(scope="module")
def project(
    built: Workspace, empty_store: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Workspace, Params]]:
    """A project with a record of every kind, all of them shown in MLflow."""
    folder = tmp_path_factory.mktemp("changed")
    with pytest.MonkeyPatch.context() as patch:
        workspace = copied(built, folder / "project", empty_store, patch)
        params = read_params(workspace.params)
        model = write(folder / "model")
        import_member(workspace, params, kind="disvae", path=model, data="tiny", name=None)
        circle = workspace.analysis("circle")
        circle.mkdir(parents=True)
        AnalysisRecord.from_json({**ANALYSIS, "files": {}}, source="x").write(circle)
        publish(workspace, params)
        make_comparison(workspace, params, "tiny")
        yield workspace, params


def publish(workspace: Workspace, params: Params) -> None:
    track(
        workspace,
        params,
        ensembles=["tiny-beta"],
        studies=["tiny-search"],
        analyses=["circle"],
        imported=True,
    )


def shown(workspace: Workspace) -> Shown:
    """Of every run in MLflow the digest of its record, and its numbers."""
    store = open_store(workspace.home)
    runs = store.client.search_runs(experiment_ids(store))
    return {run.info.run_id: (run.data.tags["record.digest"], run.data.metrics) for run in runs}


def change_a_digit(path: Path, number: tuple[Any, ...]) -> None:
    content = json.loads(path.read_text())
    holder = content
    for name in number[:-1]:
        holder = holder[name]
    assert isinstance(holder[number[-1]], int | float)
    holder[number[-1]] += 1
    path.write_text(json.dumps(content))


@pytest.mark.parametrize(("pattern", "number"), CHANGES)
def test_a_changed_digit_is_refused_by_name_and_the_true_run_stays(
    project: tuple[Workspace, Params], pattern: str, number: tuple[Any, ...]
) -> None:
    workspace, params = project
    before = shown(workspace)
    path = min(workspace.root.glob(pattern))
    true = path.read_bytes()
    change_a_digit(path, number)
    try:
        with pytest.raises(ToolkitError, match=re.escape(str(path))):
            publish(workspace, params)
        assert shown(workspace) == before
    finally:
        path.write_bytes(true)


def test_an_ensemble_and_its_member_are_made_again(
    copy: Workspace, params: Params, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copy.ensemble("tiny-beta")
    member = min(folder.glob("members/*/record.json"))
    changes = {folder / "ensemble.json": ("summary", "rate"), member: ("final", "rate")}
    for path, number in changes.items():
        true = path.read_bytes()
        change_a_digit(path, number)
        make_ensemble(copy, params, "tiny-beta")
        assert path.read_bytes() == true
    assert capsys.readouterr().err.count(f"warning: {member} is damaged, or not the record") == 1


def test_a_study_is_refused_and_made_again_from_its_members_when_it_is_deleted(
    copy: Workspace, params: Params, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = copy.study("tiny-search") / "study.json"
    true = path.read_bytes()
    change_a_digit(path, ("trials", 0, "values", "distortion"))
    with pytest.raises(ToolkitError, match="which trains no member of it again"):
        make_study(copy, params, "tiny-search")

    def train(*_: object, **__: object) -> Iterator[None]:
        raise LookupError("a member was trained")

    monkeypatch.setattr("toolkit.training.driver.fit", train)
    path.unlink()
    make_study(copy, params, "tiny-search")
    assert path.read_bytes() == true


def test_an_import_is_made_again(copy: Workspace, params: Params, tmp_path: Path) -> None:
    model = write(tmp_path / "model")
    first = import_member(copy, params, kind="disvae", path=model, data="tiny", name=None)
    path = first.folder / "record.json"
    true = path.read_bytes()
    change_a_digit(path, ("final", "rate"))
    again = import_member(copy, params, kind="disvae", path=model, data="tiny", name=None)
    assert not again.kept
    assert path.read_bytes() == true


def test_numbers_of_a_report_are_not_read_back(project: tuple[Workspace, Params]) -> None:
    """MLflow's run of a comparison is written when the report is, and never from its files."""
    workspace, params = project
    before = shown(workspace)
    assert any("comparison/agreement" in metrics for _, metrics in before.values())
    path = workspace.report("tiny") / "metrics.json"
    true = path.read_bytes()
    change_a_digit(path, ("agreement",))
    try:
        publish(workspace, params)
        assert shown(workspace) == before
    finally:
        path.write_bytes(true)

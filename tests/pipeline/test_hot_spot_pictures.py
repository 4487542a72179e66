"""Pictures of hot spots, where a store keeps the posteriors of a run but not its weights."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.report.conftest import found, planted
from toolkit.errors import ToolkitError
from toolkit.pipeline.hot_spot_pictures import draw_hot_spots
from toolkit.posteriors import save_posteriors
from toolkit.tracking import Store


def test_a_hot_spot_without_weights_keeps_its_overlap_and_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    runs, answers = planted(seeds=(0, 1, 2, 3))
    runs = [replace(run, run_id=run.key) for run in runs]
    for run, posteriors in zip(runs, answers, strict=True):
        (tmp_path / run.key).mkdir()
        save_posteriors(tmp_path / run.key / "posteriors.safetensors", posteriors)
    findings = found(runs, answers)
    assert findings.hot_spots

    def without_weights(store: Store, run_id: str, path: str) -> Path:
        if path == "member/weights.safetensors":
            raise ToolkitError(f"the store does not keep the weights of run {run_id}.")
        assert path == "member/posteriors.safetensors"
        return tmp_path / run_id / "posteriors.safetensors"

    monkeypatch.setattr("toolkit.pipeline.hot_spot_pictures.artifact_path", without_weights)
    nowhere = Store(root=tmp_path, uri="", database=None, artifacts=None, client=None)
    pictures = draw_hot_spots(nowhere, findings)
    assert set(pictures) == {spot.rank for spot in findings.hot_spots}
    for drawn in pictures.values():
        assert drawn.traversals == ()
        assert drawn.overlap.size > 1
    warnings = capsys.readouterr().err
    for spot in findings.hot_spots:
        central = findings.runs[spot.central[0]]
        assert (
            f"warning: hot spot {spot.rank} is shown without a traversal of {central.name}: "
            f"the store does not keep the weights of run {central.key}\n"
        ) in warnings

"""`scores.json`: what is written is read back, and anything else is computed again."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from toolkit.disentanglement import SCORES, Protocol, ScoreResult, score_settings
from toolkit.files import digest_of_file
from toolkit.pipeline.scores.scores_file import MemberScores, read_scores

GRID = np.stack(np.meshgrid(range(3), range(4), indexing="ij"), axis=-1).reshape(-1, 2)
NAMES = ("mig", "infom", "irs", "active_units", "downstream")
FOUND = MemberScores(
    protocol=Protocol(
        scores={name: score_settings(name) for name in NAMES}, train=8, test=4, seed=0
    ),
    images="images",
    probe="probe",
    factors=("a", "b"),
    results={
        name: SCORES[name].compute(GRID / 7, GRID, score_settings(name), seed=0)
        for name in NAMES[:-1]
    },
    undefined={"downstream": "too few images."},
)


def test_scores_are_read_back_with_nine_digits(tmp_path: Path) -> None:
    digest = FOUND.write(tmp_path)
    found = read_scores(tmp_path, digest)
    assert found is not None
    assert found.to_json() == FOUND.to_json()
    assert found.values() == FOUND.values()
    assert (found.protocol, found.factors) == (FOUND.protocol, FOUND.factors)
    assert found.results["infom"].per_channel["active"].dtype == bool
    assert replace(found, results={}).write(tmp_path) != digest
    assert read_scores(tmp_path, digest) is None  # not the file that the record tells of


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"schema": "scores/1"}, id="of an earlier version"),
        pytest.param({"results": None}, id="incomplete"),
        pytest.param({"results": {"mig": {}}}, id="a result without values"),
        pytest.param(
            {"protocol": {"scores": {"mgi": {}}, "train": 8, "test": 4, "seed": 0}},
            id="a score that does not exist",
        ),
        pytest.param(
            {"protocol": {"scores": {"mig": {"bins": 1}}, "train": 8, "test": 4, "seed": 0}},
            id="an option beyond its limits",
        ),
    ],
)
def test_other_files_count_as_none(change: dict[str, object], tmp_path: Path) -> None:
    path = tmp_path / "scores.json"
    path.write_text(json.dumps(FOUND.to_json() | change))
    assert read_scores(tmp_path, digest_of_file(path)) is None
    assert read_scores(tmp_path, None) is None


def test_only_what_the_same_settings_and_images_gave_is_still_valid() -> None:
    wanted = replace(FOUND, results={}, undefined={})
    assert wanted.still_valid(FOUND).to_json() == FOUND.to_json()
    assert wanted.still_valid(None) == wanted
    fewer = {"mig": score_settings("mig"), "infom": score_settings("infom", neighbours=5)}
    kept = replace(wanted, protocol=replace(FOUND.protocol, scores=fewer)).still_valid(FOUND)
    assert list(kept.results) == ["mig"]
    assert kept.undefined == {}
    for other in (
        replace(wanted, images="others"),
        replace(wanted, probe="another"),
        replace(wanted, factors=("a",)),
        replace(wanted, protocol=replace(FOUND.protocol, seed=1)),
        replace(wanted, protocol=replace(FOUND.protocol, train=9)),
    ):
        assert other.still_valid(FOUND) == other


def test_a_result_is_whole_after_json() -> None:
    result = ScoreResult(
        values={"x": 0.5},
        per_factor={"x": np.array([0.25, 0.75])},
        per_channel={"active": np.array([True, False])},
        matrices={"votes": np.array([[1, 2], [3, 4]])},
        factors=(0, 2),
        notes=("factor 1 takes one value only and is left out",),
    )
    again = ScoreResult.from_json(json.loads(json.dumps(result.to_json())))
    assert again.to_json() == result.to_json()
    assert again.per_channel["active"].dtype.kind == "b"
    assert again.matrices["votes"].dtype.kind == "i"

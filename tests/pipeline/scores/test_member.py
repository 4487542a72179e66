"""Scores of one member: from its weights, by protocol, and nothing twice."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from toolkit.config import read_params
from toolkit.config.scores import Scores
from toolkit.data import PreparedData, read_prepared
from toolkit.disentanglement import SCORES, score_settings
from toolkit.disentanglement.sampler import Random
from toolkit.files import digest_of_file, write_json
from toolkit.information import compare_channels
from toolkit.pipeline.scores import (
    ScoringTask,
    is_scored,
    member,
    score_member,
    scores_file,
    scoring_task,
)
from toolkit.posteriors import load_posteriors
from toolkit.records import MemberRecord
from toolkit.training import load_member
from toolkit.workspace import Workspace

FEW_IMAGES = {"downstream": {"labels": [100]}}


@pytest.fixture
def data(built: Workspace) -> PreparedData:
    return read_prepared(built.data("tiny"))


@pytest.fixture
def folder(built: Workspace, tmp_path: Path) -> Path:
    """A member of one's own."""
    found = next((built.ensemble("tiny-beta") / "members").iterdir())
    return Path(shutil.copytree(found, tmp_path / "member"))


@pytest.fixture
def task(data: PreparedData) -> Callable[..., ScoringTask]:
    def made(*names: str, **more: Any) -> ScoringTask:  # noqa: ANN401 - of the section
        given = {"names": list(names), "train": 60, "test": 30, "seed": 0, **more}
        found = scoring_task(Scores.model_validate(given), data, owner="ensemble x")
        assert found is not None
        return found

    return made


def record_in(folder: Path) -> MemberRecord:
    return MemberRecord.read(folder)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_scores_are_those_of_codes_that_the_weights_give(
    built: Workspace, data: PreparedData
) -> None:
    (folder, *_) = sorted((built.ensemble("tiny-beta") / "members").iterdir())
    assert data.images.factors is not None
    sizes = [size for size in data.images.factor_sizes if size > 1]
    drawn = np.zeros(90, dtype=np.int64)
    random, strides = Random(0), np.append(np.cumprod(sizes[:0:-1])[::-1], 1)
    for size, stride in zip(sizes, strides, strict=True):
        drawn += random.randint(size, size=90) * stride
    with torch.no_grad():
        shown = torch.from_numpy(data.images.images[drawn]).float() / 255
        codes = load_member(folder).encode(shown)[0].double().numpy()
    factors = data.images.factors[drawn]
    direct = SCORES["mig"].compute(codes[:60], factors[:60], seed=0).values["mig"]
    settings = score_settings("dci_logistic", split=30)
    linear = SCORES["dci_logistic"].compute(codes, factors, settings, seed=0).values
    scores = record_in(folder).scores
    assert scores["mig/mig"] == pytest.approx(direct, abs=1e-6)
    for name, value in linear.items():
        assert scores[f"dci_logistic/{name}"] == pytest.approx(value, abs=1e-3)


def test_channel_nmi_is_that_of_the_answers_to_the_probe_set(
    built: Workspace, data: PreparedData
) -> None:
    (folder, *_) = sorted((built.ensemble("tiny-beta") / "members").iterdir())
    answers = load_posteriors(folder / "posteriors.safetensors")
    assert data.probe_factors is not None
    labels = torch.from_numpy(data.probe_factors)
    nmi = compare_channels(answers.mean, answers.log_variance, labels=labels).label_nmi.numpy()
    varying = [place for place, size in enumerate(data.images.factor_sizes) if size > 1]
    best = np.nan_to_num(nmi[:, varying]).max(axis=0).mean()
    assert record_in(folder).scores["channel_nmi/channel_nmi"] == pytest.approx(best, abs=1e-8)


def test_the_detail_beside_the_record_names_factors_and_protocol(folder: Path) -> None:
    record, detail = record_in(folder), json.loads((folder / "scores.json").read_text())
    assert record.files["scores.json"] == digest_of_file(folder / "scores.json")
    assert detail["factors"] == ["shape", "position_x", "position_y"]
    assert detail["protocol"]["scores"]["flatness"] == {"traversals": 10}
    assert len(detail["results"]["flatness"]["per_factor"]["flatness"]) == 3
    values = {f"{n}/{v}": x for n, r in detail["results"].items() for v, x in r["values"].items()}
    assert values == record.scores


def test_a_score_that_is_added_comes_out_as_if_it_had_been_there(
    folder: Path, data: PreparedData, task: Callable[..., ScoringTask], tmp_path: Path
) -> None:
    other = Path(shutil.copytree(folder, tmp_path / "other"))
    both = task("mig", "dci_logistic")
    score_member(folder, record_in(folder), data, task("mig"))
    score_member(folder, record_in(folder), data, both)
    score_member(other, record_in(other), data, None)
    score_member(other, record_in(other), data, both)
    assert contents(folder) == contents(other)
    assert is_scored(folder, record_in(folder), both)


def test_only_what_is_missing_is_computed(
    folder: Path,
    data: PreparedData,
    task: Callable[..., ScoringTask],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    computed: list[list[str]] = []
    compute = member.evaluate

    def counted(member: Any, scores: Any, *, seed: int) -> Any:  # noqa: ANN401
        computed.append(sorted(scores))
        return compute(member, scores, seed=seed)

    monkeypatch.setattr(member, "evaluate", counted)
    score_member(folder, record_in(folder), data, task("mig", "sap"))
    score_member(folder, record_in(folder), data, task("mig", "sap", "active_units"))
    score_member(folder, record_in(folder), data, task("mig"))
    score_member(folder, record_in(folder), data, task("mig", options={"mig": {"bins": 5}}))
    score_member(folder, record_in(folder), data, task("mig", seed=1))
    assert computed == [["sap"], ["active_units"], ["mig"], ["mig"]]


def test_scores_that_are_declared_no_longer_go(folder: Path, data: PreparedData) -> None:
    before = record_in(folder)
    made = score_member(folder, before, data, None)
    assert (made.scores, made.scores_undefined, made.scoring) == ({}, {}, None)
    assert not (folder / "scores.json").exists()
    assert made == record_in(folder)
    assert is_scored(folder, made, None)
    assert not is_scored(folder, before, None)


def test_a_failed_member_has_no_scores(
    folder: Path, data: PreparedData, task: Callable[..., ScoringTask]
) -> None:
    failed = replace(score_member(folder, record_in(folder), data, None), status="failed")
    assert is_scored(folder, failed, task("mig"))
    assert score_member(folder, failed, data, task("mig")).scores == {}


def test_a_score_that_is_undefined_says_why(
    folder: Path, data: PreparedData, task: Callable[..., ScoringTask]
) -> None:
    made = score_member(
        folder, record_in(folder), data, task("downstream", "sap", options=FEW_IMAGES)
    )
    assert sorted(made.scores) == ["sap/sap"]
    assert made.scores_undefined == {
        "downstream": "60 training images are fewer than every one of the numbers of labels "
        "[100]. Encode more images, or use fewer labels."
    }


def test_codes_that_are_not_finite_leave_every_score_undefined(
    folder: Path,
    data: PreparedData,
    task: Callable[..., ScoringTask],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(at: Path) -> torch.nn.Module:
        model = load_member(at)
        with torch.no_grad():
            for weight in model.parameters():
                weight.fill_(torch.nan)
        return model

    monkeypatch.setattr(member, "load_member", broken)
    made = score_member(folder, record_in(folder), data, task("sap", "active_units"))
    assert made.scores == {}
    assert set(made.scores_undefined) == {"sap", "active_units"}
    assert made.scores_undefined["sap"] == (
        "posteriors hold numbers that are not finite: the member diverged. "
        "Lower its learning rate, or leave it out of the comparison."
    )


@pytest.mark.parametrize("last", ["scores.json", "record.json"])
def test_work_that_is_killed_before_a_file_is_done_again(
    last: str,
    folder: Path,
    data: PreparedData,
    task: Callable[..., ScoringTask],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other, wanted = Path(shutil.copytree(folder, tmp_path / "other")), task("sap", "mig")

    def killed(path: Path, value: dict[str, Any]) -> None:
        if path.name == last:
            raise KeyboardInterrupt
        write_json(path, value)

    with monkeypatch.context() as patch:
        patch.setattr("toolkit.records.record.write_json", killed)
        patch.setattr(scores_file, "write_json", killed)
        with pytest.raises(KeyboardInterrupt):
            score_member(folder, record_in(folder), data, wanted)
    assert not is_scored(folder, record_in(folder), wanted)
    score_member(folder, record_in(folder), data, wanted)
    score_member(other, record_in(other), data, wanted)
    assert contents(folder) == contents(other)


def test_a_damaged_detail_is_made_again_the_same(
    folder: Path, data: PreparedData, built: Workspace
) -> None:
    section = read_params(built.params).ensembles["tiny-beta"].scores
    declared = scoring_task(section, data, owner="ensemble tiny-beta")
    before = contents(folder)
    assert is_scored(folder, record_in(folder), declared)
    (folder / "scores.json").write_text("{")
    assert not is_scored(folder, record_in(folder), declared)
    score_member(folder, record_in(folder), data, declared)
    assert contents(folder) == before

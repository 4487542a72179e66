"""Declared scores in ensembles and studies: records, MLflow, and trials that aim at them."""

import json
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
import optuna
import pytest

from toolkit.config import read_params
from toolkit.data import ImageSet, prepare, read_prepared, write_prepared
from toolkit.disentanglement import SCORES
from toolkit.errors import ToolkitError
from toolkit.files import digest_of_json
from toolkit.pipeline.ensemble import make_ensemble
from toolkit.pipeline.trials import make_study
from toolkit.posteriors import load_posteriors
from toolkit.studies.storage import open_storage
from toolkit.tracking import open_store
from toolkit.tracking.experiments import experiment_ids
from toolkit.workspace import Workspace

NAMES = "names: [mig, dci_logistic, factor_vae_score, flatness, channel_nmi]"
OPTIONS = """      options:
        factor_vae_score: {num_train: 20, num_eval: 10, batch_size: 8, num_variance_estimate: 50}
        flatness: {traversals: 10}
"""
TOGETHER = "names: [mig, udr_spearman, udr_nmi]"
STUDY = """    trials: 2
    values: [distortion, scores/mig/mig, scores/udr_spearman/udr]
    scores: {names: [mig, udr_spearman], train: 60, test: 30, seed: 0}
"""


def change(workspace: Workspace, *pairs: tuple[str, str]) -> None:
    text = workspace.params.read_text()
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    workspace.params.write_text(text)


def members(folder: Path) -> dict[str, dict[str, Any]]:
    """Records by name."""
    found = [json.loads(path.read_text()) for path in folder.glob("members/*/record.json")]
    return {record["name"]: record for record in found}


def times(root: Path, pattern: str) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in root.glob(pattern)}


def runs(workspace: Workspace, kind: str) -> list[Any]:
    store = open_store(workspace.home)
    query = f"tags.kind = '{kind}'"
    found: list[Any] = store.client.search_runs(experiment_ids(store), query)
    return found


def test_the_ensemble_tells_the_means_of_its_members(built: Workspace) -> None:
    folder = built.ensemble("tiny-beta")
    record, each = json.loads((folder / "ensemble.json").read_text()), members(folder)
    assert sorted(each) == [f"beta={b} seed={s}" for b in (1, 4) for s in (0, 1)]
    for name in ("mig/mig", "flatness/flatness", "dci_logistic/disentanglement"):
        values = [member["scores"][name] for member in each.values()]
        assert record["scores"][name] == pytest.approx(fmean(values), rel=1e-8)
        ones = [each[f"beta=1 seed={seed}"]["scores"][name] for seed in (0, 1)]
        assert record["points"]["beta=1"]["scores"][name] == pytest.approx(fmean(ones), rel=1e-8)
    assert record["protocol"]["train"] == 60
    assert record["scores_undefined"] == {}


def test_mlflow_shows_scores_of_members_and_their_means(built: Workspace) -> None:
    each = members(built.ensemble("tiny-beta"))
    for run in runs(built, "member"):
        found = {n: v for n, v in run.data.metrics.items() if n.startswith("scores/")}
        record = next((r for r in each.values() if r["key"] == run.data.tags["key"]), None)
        expected = {} if record is None else record["scores"]
        assert found == {f"scores/{name}": value for name, value in expected.items()}
    (ensemble,) = runs(built, "ensemble")
    record = json.loads((built.ensemble("tiny-beta") / "ensemble.json").read_text())
    assert ensemble.data.metrics["scores/mig/mig"] == record["scores"]["mig/mig"]
    assert ensemble.data.params["scores.train"] == "60"


def test_other_scores_are_computed_without_training_again(copy: Workspace) -> None:
    make_ensemble(copy, read_params(copy.params), "tiny-beta")
    folder = copy.ensemble("tiny-beta")
    before, weights = members(folder), times(folder, "members/*/weights.safetensors")
    change(copy, (NAMES, TOGETHER), (OPTIONS, ""))
    make_ensemble(copy, read_params(copy.params), "tiny-beta")
    after = members(folder)
    assert times(folder, "members/*/weights.safetensors") == weights
    for name, record in after.items():
        assert record["scores"]["mig/mig"] == before[name]["scores"]["mig/mig"]
        assert {score.partition("/")[0] for score in record["scores"]} == {
            *("mig", "udr_spearman", "udr_nmi")
        }
    expect_ranking(folder, after)
    found = runs(copy, "member")
    assert {run.data.tags["record.digest"] for run in found} == {
        digest_of_json(record) for record in after.values()
    }
    assert len(found) == 4
    assert len(runs(copy, "ensemble")) == 1
    files = times(folder, "**/*.*")
    make_ensemble(copy, read_params(copy.params), "tiny-beta")
    changed = {path.name for path, time in times(folder, "**/*.*").items() if files[path] != time}
    assert changed == {"ensemble.json"}


def expect_ranking(folder: Path, records: dict[str, dict[str, Any]]) -> None:
    """A member's ranking is that among the seeds of its own point."""
    for beta in (1, 4):
        group = [records[f"beta={beta} seed={seed}"] for seed in (0, 1)]
        codes = [
            load_posteriors(folder / "members" / record["key"][:16] / "posteriors.safetensors")
            .mean.double()
            .numpy()
            for record in group
        ]
        rates = [np.array(record["channels"]["rate"]) for record in group]
        result = SCORES["udr_spearman"].compute(codes, None, seed=0, rates=rates)
        for place, record in enumerate(group):
            found = record["scores"]["udr_spearman/udr"]
            assert found == pytest.approx(result.per_channel["udr"][place], abs=1e-8)


@pytest.mark.slow
def test_a_new_seed_changes_the_ranking_of_the_others(copy: Workspace) -> None:
    change(copy, (NAMES, "names: [udr_spearman]"), (OPTIONS, ""), ("[1.0, 4.0]", "[1.0]"))
    make_ensemble(copy, read_params(copy.params), "tiny-beta")
    before = members(copy.ensemble("tiny-beta"))
    change(copy, ("seeds: [0, 1]", "seeds: [0, 1, 2]"))
    make_ensemble(copy, read_params(copy.params), "tiny-beta")
    after = members(copy.ensemble("tiny-beta"))
    for name, record in before.items():
        assert after[name]["scoring_together"] != record["scoring_together"]
        assert after[name]["files"] == record["files"]
    change(copy, ("seeds: [0, 1, 2]", "seeds: [0]"))
    make_ensemble(copy, read_params(copy.params), "tiny-beta")
    (alone,) = members(copy.ensemble("tiny-beta")).values()
    assert alone["scores"] == {}
    assert alone["scores_undefined"]["udr_spearman"].startswith("1 members with [40] images")
    record = json.loads((copy.ensemble("tiny-beta") / "ensemble.json").read_text())
    assert record["scores_undefined"]["udr_spearman"].startswith(
        "1 of 1 members lack it; beta=1 seed=0: 1 members with [40] images were given"
    )


def test_a_study_aims_at_scores(copy: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    folder = copy.study("tiny-search")
    weights = times(folder, "members/*/weights.safetensors")
    change(copy, ("    trials: 2\n", STUDY))
    make_study(copy, read_params(copy.params), "tiny-search")
    assert "study 'tiny-search' starts anew: its evaluation, objectives changed" in (
        capsys.readouterr().out
    )
    assert times(folder, "members/*/weights.safetensors") == weights  # the same proposals again
    study = json.loads((folder / "study.json").read_text())
    assert study["objectives"] == [
        {"name": "distortion", "direction": "minimise"},
        {"name": "scores/mig/mig", "direction": "maximise"},
        {"name": "scores/udr_spearman/udr", "direction": "maximise"},
    ]
    by_key = {record["key"]: record for record in members(folder).values()}
    for trial in study["trials"]:
        group = [by_key[member["key"]] for member in trial["members"]]
        assert [m["record"] for m in trial["members"]] == [digest_of_json(r) for r in group]
        for name in ("mig/mig", "udr_spearman/udr"):
            mean = fmean(record["scores"][name] for record in group)
            assert trial["values"][f"scores/{name}"] == pytest.approx(mean, rel=1e-8)
    trial_runs = runs(copy, "trial")
    assert all("values/scores/mig/mig" in run.data.metrics for run in trial_runs)
    assert all("scores/mig/mig" in run.data.metrics for run in trial_runs)
    expect_optuna(copy, study)


def expect_optuna(workspace: Workspace, study: dict[str, Any]) -> None:
    storage = open_storage(workspace.journal)
    name = next(s.study_name for s in storage.get_all_studies() if len(s.directions) == 3)
    shown = optuna.load_study(study_name=name, storage=storage)
    assert [direction.name for direction in shown.directions] == ["MINIMIZE", *["MAXIMIZE"] * 2]
    assert shown.metric_names == ["distortion", "scores/mig/mig", "scores/udr_spearman/udr"]
    assert [trial.values for trial in shown.trials] == [
        [trial["values"][name] for name in shown.metric_names] for trial in study["trials"]
    ]


@pytest.mark.slow
def test_scores_that_are_no_aim_change_and_the_trials_stand(
    copy: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copy.study("tiny-search")
    before = json.loads((folder / "study.json").read_text())
    scores = "    trials: 2\n    scores: {names: [mig], train: 60, test: 30, seed: 0}\n"
    change(copy, ("    trials: 2\n", scores))
    make_study(copy, read_params(copy.params), "tiny-search")
    assert "starts anew" not in capsys.readouterr().out
    after = json.loads((folder / "study.json").read_text())
    records = {digest_of_json(record) for record in members(folder).values()}
    assert {m["record"] for trial in after["trials"] for m in trial["members"]} == records
    for study in (before, after):
        del study["digest"]
        for trial in study["trials"]:
            del trial["members"]
    assert after == before
    assert all(list(record["scores"]) == ["mig/mig"] for record in members(folder).values())


@pytest.mark.slow
def test_a_trial_fails_where_what_it_is_valued_by_is_undefined(copy: Workspace) -> None:
    broken = STUDY.replace("mig/mig", "downstream/downstream").replace(
        "names: [mig, ", "options: {downstream: {labels: [100]}}, names: [downstream, "
    )
    change(copy, ("    trials: 2\n", broken))
    make_study(copy, read_params(copy.params), "tiny-search")
    study = json.loads((copy.study("tiny-search") / "study.json").read_text())
    for trial in study["trials"]:
        assert trial["values"] is None
        assert trial["reason"].startswith("downstream: 2 of 2 members lack it; ")
        assert trial["reason"].endswith("Encode more images, or use fewer labels.")


def test_impossible_scores_are_refused_before_any_work(copy: Workspace) -> None:
    folder = copy.ensemble("tiny-beta")
    before = times(folder, "**/*.*")
    plain = ImageSet(name="plain", images=read_prepared(copy.data("tiny")).images.images)
    made = prepare(plain, held_out=0.25, split_seed=0, probe_size=40, probe_seed=0)
    write_prepared(copy.data("tiny"), made)
    with pytest.raises(ToolkitError) as caught:
        make_ensemble(copy, read_params(copy.params), "tiny-beta")
    assert str(caught.value).startswith(
        "ensemble tiny-beta asks for the scores channel_nmi, dci_logistic, factor_vae_score, "
        "flatness, mig, but no factor that varies is known of the images of plain. "
    )
    assert times(folder, "**/*.*") == before

"""Records become runs without anything lost or added, and what MLflow would spoil is refused."""

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from tests.tracking.members import DATA, make_ensemble, make_member, make_trial
from toolkit.errors import ToolkitError
from toolkit.files import digest_of_file, write_csv
from toolkit.tracking import (
    TrackedRun,
    project_comparison,
    project_ensemble,
    project_member,
    project_trial,
)
from toolkit.tracking.records import as_params


def test_an_ensemble_tells_its_grid_and_what_its_members_agree_on(tmp_path: Path) -> None:
    member, _ = make_member(tmp_path)
    record = make_ensemble([member])
    run = project_ensemble(record, Path(), tags={"dvc_model_md5": "f" * 32})
    assert (run.kind, run.name, run.experiment) == ("ensemble", "ensemble sprites-beta", "sprites")
    assert run.tags["mlflow.note.content"].startswith("Ensemble `sprites-beta`: 1 member,")
    assert run.digest == record.digest
    assert run.params == {"beta": "[1.0,4.0]", "seeds": "[0,1]"}
    assert run.metrics == {
        "summary/members": 1,
        "summary/failed": 0,
        "summary/distortion": 93.0,
        "summary/rate": 5.0,
        "summary/information": 4.25,
        "summary/active": 3.0,
        "summary/agreement/value": 0.75,
        "summary/agreement/by_chance": 0.5,
        "summary/agreement/corrected": 0.5,
        "summary/agreement/members": 2,
    }
    assert run.tags["ensemble"] == "sprites-beta"
    assert run.tags["objective"] == "beta_vae"
    assert run.tags["dvc_model_md5"] == "f" * 32
    assert run.dataset == ("sprites", DATA)
    assert json.loads(run.texts["ensemble/record.json"]) == record.to_json()
    assert run.tables["members.json"]["key"] == [member.key]
    alone = replace(record, summary=replace(record.summary, agreement=None))
    assert not any("agreement" in name for name in project_ensemble(alone, Path()).metrics)


def test_a_trial_tells_what_was_tried_and_how_well_it_did() -> None:
    run = project_trial(make_trial(3))
    assert run.name == "sprites-study trial=3"
    assert run.metrics == {"hp/beta": 4.25, "values/distortion": 91.5, "values/agreement": 0.625}
    assert (run.tags["kind"], run.tags["study"], run.tags["trial"]) == (
        "trial",
        "sprites-study",
        "3",
    )
    assert "ensemble" not in run.tags
    assert project_trial(make_trial(3, status="failed", values={})).status == "FAILED"


def test_scores_are_metrics_of_members_ensembles_and_trials(tmp_path: Path) -> None:
    scores = {"dci/disentanglement": 0.5, "mig/mig": 0.25}
    member, folder = make_member(tmp_path, scores=scores)
    record = make_ensemble([member], scores=scores, protocol={"train": 10, "seed": 0})
    for run in (
        project_member(member, folder),
        project_ensemble(record, Path()),
        project_trial(make_trial(3, scores=scores)),
    ):
        found = {name: value for name, value in run.metrics.items() if "scores" in name}
        assert found == {"scores/dci/disentanglement": 0.5, "scores/mig/mig": 0.25}
    assert project_ensemble(record, Path()).params["scores.train"] == "10"


def test_a_score_that_is_not_finite_is_refused(tmp_path: Path) -> None:
    trial = replace(make_trial(3), scores={"mig/mig": float("nan")})
    with pytest.raises(ToolkitError) as caught:
        project_trial(trial)
    assert "finite" in str(caught.value)


def test_identity_is_what_a_run_is_about_and_digest_what_it_says(tmp_path: Path) -> None:
    one = project_trial(make_trial(3))
    same = project_trial(make_trial(3, values={"distortion": 90.0, "agreement": 0.5}))
    other = project_trial(make_trial(4))
    assert one.identity == same.identity != other.identity
    assert len({one.digest, same.digest, other.digest}) == 3


def test_many_channels_keep_their_order_in_names(tmp_path: Path) -> None:
    bits = [0.25] * 120
    record, folder = make_member(tmp_path, channels={"information": bits, "rate": bits})
    run = project_member(record, folder)
    assert run.metrics["information/total"] == 30.0
    assert run.metrics["information/active"] == 120
    assert {"information/channel/000", "information/channel/119"} <= run.metrics.keys()


def test_a_number_that_is_not_finite_is_refused_before_anything_is_logged(tmp_path: Path) -> None:
    final = {"distortion": float("inf"), "rate": 1.0, "loss": 1.0}
    record, folder = make_member(tmp_path)
    with pytest.raises(ToolkitError) as refused:
        TrackedRun(
            kind="member",
            name="m",
            experiment="sprites",
            digest="0",
            identity="0",
            metrics={f"final/{name}": value for name, value in final.items()},
        )
    assert str(refused.value) == (
        "member 'm' cannot be logged: its final/distortion is inf, and a run store keeps finite "
        "numbers only. Train it again with a lower learning rate."
    )
    table = pd.DataFrame({"step": [0, 5], "loss": [1.0, float("inf")]})
    write_csv(folder / "curve.csv", table)
    with pytest.raises(ToolkitError) as refused:
        project_member(record, folder)
    assert str(refused.value) == (
        "member 'sprites-beta beta=4 seed=0' cannot be logged: its training/loss is inf at step 5, "
        "and a run store keeps finite numbers only. Train it again with a lower learning rate."
    )


def test_a_failed_members_curve_ends_where_its_numbers_end(tmp_path: Path) -> None:
    record, folder = make_member(tmp_path, failed=True)
    table = pd.DataFrame({"step": [0, 5, 10], "loss": [2.0, 1.0, float("inf")]})
    write_csv(folder / "curve.csv", table)
    assert project_member(record, folder).histories == {"training/loss": [(0, 2.0), (5, 1.0)]}


def test_an_empty_cell_of_a_curve_is_no_point(tmp_path: Path) -> None:
    record, folder = make_member(tmp_path)
    table = pd.DataFrame({"step": [0, 5], "loss": [2.0, 1.0], "discriminator": [None, 0.5]})
    write_csv(folder / "curve.csv", table)
    assert project_member(record, folder).histories["training/discriminator"] == [(5, 0.5)]


@pytest.mark.parametrize("text", ["loss\n1.0\n", "step,loss\n0,much\n", "step,loss\n0,1,2\n"])
def test_a_damaged_curve_is_told(tmp_path: Path, text: str) -> None:
    record, folder = make_member(tmp_path)
    (folder / "curve.csv").write_text(text)
    with pytest.raises(ToolkitError) as refused:
        project_member(record, folder)
    assert str(refused.value) == (
        f"{folder}/curve.csv is damaged: it is not a table of numbers with a column `step`. "
        "Delete it and run `dvc repro`."
    )


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    record, folder = make_member(tmp_path)
    (folder / "traversals.png").unlink()
    with pytest.raises(ToolkitError) as refused:
        project_member(record, folder)
    assert str(refused.value) == (
        "member 'sprites-beta beta=4 seed=0' cannot be logged: "
        f"{folder}/traversals.png is missing. Run `dvc repro` to make it."
    )
    (folder / "curve.csv").unlink()
    with pytest.raises(ToolkitError) as refused:
        project_member(record, folder)
    assert str(refused.value) == f"{folder}/curve.csv is missing. Run `dvc repro` to make it."


def test_a_name_that_mlflow_does_not_take_is_refused() -> None:
    with pytest.raises(ToolkitError) as refused:
        project_trial(make_trial(3, parameters={"beta (max)": 4.0}))
    assert str(refused.value) == (
        "trial 'sprites-study trial=3' cannot be logged: MLflow takes no number or setting named "
        "'hp/beta (max)'. Use letters, digits, and _ - . / : or spaces, 250 at most."
    )


def test_a_setting_too_long_for_mlflow_says_so_at_its_end() -> None:
    text = as_params({"grid": list(range(3000))})["grid"]
    assert len(text) == 6000
    assert text.startswith("[0,1,2,3,")
    assert text.endswith(" ... cut; the whole has 13891 letters and is in the record")
    assert len(as_params({"grid": "x" * 6000})["grid"]) == 6000


def test_a_comparison_is_known_by_its_files(tmp_path: Path) -> None:
    folder = tmp_path / "report"
    (folder / "tables").mkdir(parents=True)
    with pytest.raises(ToolkitError) as refused:
        project_comparison(
            "all",
            folder,
            experiment="sprites",
            metrics={},
            tags={},
            settings={},
            description="",
        )
    assert str(refused.value) == (
        f"{folder}/report.html is missing, so there is no report to log. "
        "Run `dvc repro` to make it."
    )
    (folder / "report.html").write_text("<p>one</p>")
    (folder / "tables" / "channels.csv").write_text("bits\n1\n")

    def project() -> TrackedRun:
        metrics = {"channels": 12, "agreement": {"mean": 0.5}}
        return project_comparison(
            "all",
            folder,
            experiment="sprites",
            metrics=metrics,
            tags={"query": "x"},
            settings={"threshold_bits": 0.01},
            description="12 channels.",
        )

    first = project()
    assert first.metrics == {"comparison/channels": 12, "comparison/agreement/mean": 0.5}
    assert set(first.files) == {"report.html", "tables/channels.csv"}
    assert first.checksums["report.html"] == digest_of_file(folder / "report.html")
    (folder / "runs.html").write_text("links that differ from machine to machine")
    assert project().digest == first.digest
    (folder / "report.html").write_text("<p>two</p>")
    assert project().digest != first.digest
    assert project().identity == first.identity

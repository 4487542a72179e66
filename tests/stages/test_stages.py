"""What the stages write, and what they do with what is there already."""

import json
import math
from pathlib import Path

import pytest
import torch

from toolkit.config import Params, read_params
from toolkit.data import read_prepared
from toolkit.errors import ToolkitError
from toolkit.files import digest_of_file, digest_of_json
from toolkit.information import channel_information
from toolkit.pipeline.ensemble import make_ensemble
from toolkit.pipeline.members.jobs import training_digest
from toolkit.pipeline.sync import track, track_all
from toolkit.pipeline.trials import make_study
from toolkit.posteriors import load_posteriors
from toolkit.stages.data import make_data
from toolkit.tracking import open_store
from toolkit.tracking.experiments import experiment_ids
from toolkit.training import load_member
from toolkit.workspace import Workspace

ENSEMBLE = "runs/ensembles/tiny-beta"


def records(folder: Path) -> list[dict[str, object]]:
    """The member records of an ensemble or study."""
    return [json.loads(path.read_text()) for path in sorted(folder.glob("members/*/record.json"))]


def test_a_record_tells_of_every_file_beside_it(built: Workspace) -> None:
    for path in (built.root / ENSEMBLE).glob("members/*/record.json"):
        record = json.loads(path.read_text())
        assert sorted(record["files"]) == [
            "curve.csv",
            "posteriors.safetensors",
            "reconstructions.png",
            "scores.json",
            "traversals.png",
            "weights.safetensors",
        ]
        for name, digest in record["files"].items():
            assert digest_of_file(path.parent / name) == digest


def test_the_bits_of_a_record_are_those_of_its_posteriors(built: Workspace) -> None:
    path = next((built.root / ENSEMBLE).glob("members/*/record.json"))
    answers = load_posteriors(path.parent / "posteriors.safetensors")
    bits = channel_information(answers.mean, answers.log_variance).tolist()
    assert json.loads(path.read_text())["channels"]["information"] == pytest.approx(bits, abs=1e-8)


def test_the_posteriors_are_what_the_stored_member_answers(built: Workspace) -> None:
    path = next((built.root / ENSEMBLE).glob("members/*/record.json"))
    data = read_prepared(built.data("tiny"))
    answers = load_posteriors(path.parent / "posteriors.safetensors")
    assert answers.probe == data.probe.digest
    with torch.no_grad():
        mean, _ = load_member(path.parent).encode(torch.from_numpy(data.probe_images) / 255)
    torch.testing.assert_close(mean, answers.mean, atol=1e-5, rtol=1e-5)


def test_the_ensembles_record_names_its_members_in_declared_order(built: Workspace) -> None:
    record = json.loads((built.root / ENSEMBLE / "ensemble.json").read_text())
    assert [member["name"] for member in record["members"]] == [
        "beta=1 seed=0",
        "beta=1 seed=1",
        "beta=4 seed=0",
        "beta=4 seed=1",
    ]
    digests = {digest_of_json(member) for member in records(built.root / ENSEMBLE)}
    assert {member["record"] for member in record["members"]} == digests
    assert record["summary"]["failed"] == 0
    assert math.isfinite(record["summary"]["agreement"]["value"])


def test_records_hold_no_place_time_or_run(built: Workspace) -> None:
    for path in built.root.glob("runs/**/*.json"):
        text = path.read_text()
        assert str(built.root) not in text
        assert "run_id" not in text


def test_a_trial_is_worth_the_mean_distortion_of_its_members(built: Workspace) -> None:
    folder = built.root / "runs/studies/tiny-search"
    members = {str(record["key"]): record for record in records(folder)}
    for trial in json.loads((folder / "study.json").read_text())["trials"]:
        losses = [members[m["key"]]["final"]["distortion"] for m in trial["members"]]
        assert trial["values"]["distortion"] == pytest.approx(sum(losses) / len(losses), rel=1e-8)
        assert {members[m["key"]]["trial"] for m in trial["members"]} == {trial["number"]}


def test_what_is_there_is_not_trained_again(copy: Workspace) -> None:
    before = {p: p.stat().st_mtime_ns for p in copy.root.glob("runs/*/*/members/*/*")}
    params = read_params(copy.params)
    make_ensemble(copy, params, "tiny-beta")
    make_study(copy, params, "tiny-search")
    assert {p: p.stat().st_mtime_ns for p in copy.root.glob("runs/*/*/members/*/*")} == before


def test_a_weight_that_begins_to_vary_joins_the_names_of_members_that_are_there(
    copy: Workspace,
) -> None:
    text = copy.params.read_text()
    one = "objective: {name: annealed_vae, gamma: 30.0, capacity: 2.0, capacity_steps: 4}"
    two = one.replace("capacity: 2.0", "capacity: [2.0, 3.0]")
    beta = "objective: {name: beta_vae, beta: [1.0, 4.0]}"

    def made(objective: str) -> tuple[set[str], dict[str, int]]:
        copy.params.write_text(text.replace(beta, objective))
        make_ensemble(copy, read_params(copy.params), "tiny-beta")
        found = {p.parent.name: p for p in (copy.root / ENSEMBLE).glob("members/*/weights.*")}
        names = {str(record["name"]) for record in records(copy.root / ENSEMBLE)}
        return names, {key: path.stat().st_mtime_ns for key, path in found.items()}

    names, first = made(one)
    assert names == {"gamma=30 seed=0", "gamma=30 seed=1"}
    names, second = made(two)
    assert names == {f"capacity={c} seed={seed}" for c in (2, 3) for seed in (0, 1)}
    assert first.items() <= second.items()
    fresh = json.loads((copy.root / ENSEMBLE / "ensemble.json").read_text())["members"]
    assert [member["name"] for member in fresh][:2] == ["capacity=2 seed=0", "capacity=2 seed=1"]


def test_a_damaged_member_is_made_again_the_same(copy: Workspace) -> None:
    weights = next((copy.root / ENSEMBLE).glob("members/*/weights.safetensors"))
    whole = weights.read_bytes()
    weights.write_bytes(whole[:-7])
    make_ensemble(copy, read_params(copy.params), "tiny-beta")
    assert weights.read_bytes() == whole


def test_members_that_are_no_longer_declared_go(copy: Workspace) -> None:
    copy.params.write_text(copy.params.read_text().replace("beta: [1.0, 4.0]", "beta: [4.0]"))
    make_ensemble(copy, read_params(copy.params), "tiny-beta")
    assert len(records(copy.root / ENSEMBLE)) == 2


def test_a_diverged_member_fails_and_the_others_go_on(
    copy: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    copy.params.write_text(copy.params.read_text().replace("beta: [1.0, 4.0]", "beta: [1.0, 1e38]"))
    params = read_params(copy.params)
    make_ensemble(copy, params, "tiny-beta")
    assert "4 members in" in (said := capsys.readouterr().out)
    assert "2 of them diverged" in said
    failed = [record for record in records(copy.root / ENSEMBLE) if record["status"] == "failed"]
    assert len(failed) == 2
    for record in failed:
        failure = record["failure"]
        assert isinstance(failure, dict)
        assert failure["step"] >= 1
        assert failure["reason"].endswith("Lower `learning_rate`.")
    store = open_store(copy.home)
    runs = store.client.search_runs(experiment_ids(store), "attributes.status = 'FAILED'")
    assert len(runs) == 2


def test_an_ensemble_whose_members_all_diverge_is_refused(copy: Workspace) -> None:
    copy.params.write_text(copy.params.read_text().replace("beta: [1.0, 4.0]", "beta: [1e38]"))
    with pytest.raises(ToolkitError) as caught:
        make_ensemble(copy, read_params(copy.params), "tiny-beta")
    sentence = str(caught.value)
    assert sentence.startswith("every member of ensemble tiny-beta failed; the first one: the loss")
    assert sentence.endswith("Lower `learning_rate`.")


def test_tracking_is_a_projection_of_the_records(copy: Workspace) -> None:
    params = read_params(copy.params)
    first, second = track_all(copy, params), track_all(copy, params)
    assert (first.created, first.kept) == (12, 0)
    assert (second.created, second.kept) == (0, 12)


def test_a_missing_record_says_what_to_run(copy: Workspace, params: Params) -> None:
    (copy.root / ENSEMBLE / "ensemble.json").unlink()
    with pytest.raises(ToolkitError) as caught:
        track(copy, params, ensembles=["tiny-beta"], studies=[])
    path = copy.root / ENSEMBLE / "ensemble.json"
    assert str(caught.value) == f"{path} is missing. Run `dvc repro` to make it again."


def test_the_training_digest_depends_on_images_and_split(built: Workspace) -> None:
    data = read_prepared(built.data("tiny"))
    again = read_prepared(built.data("tiny"))
    assert training_digest(data) == training_digest(again)
    other = type(data)(
        images=data.images, train=data.train[1:], held_out=data.held_out, probe=data.probe
    )
    assert training_digest(other) != training_digest(data)


@pytest.mark.slow
def test_posteriors_at_declared_steps_tell_how_bits_and_agreement_came(
    copy: Workspace, params: Params
) -> None:
    section = params.ensembles["tiny-beta"]
    training = section.training.model_copy(update={"posteriors_at": [2, 6]})
    declared = {"tiny-beta": section.model_copy(update={"training": training})}
    changed = params.model_copy(update={"ensembles": declared})
    make_ensemble(copy, changed, "tiny-beta")
    folder = copy.root / ENSEMBLE
    record = json.loads((folder / "ensemble.json").read_text())
    assert [row["step"] for row in record["trajectory"]] == [2, 6]
    assert record["trajectory"][-1]["agreement"] == record["summary"]["agreement"]
    assert record["trajectory"][-1]["information"] == record["summary"]["information"]
    assert record["files"] == {"trajectory.png": digest_of_file(folder / "trajectory.png")}
    for path in folder.glob("members/*/record.json"):
        member = json.loads(path.read_text())
        assert [point["step"] for point in member["trajectory"]] == [2, 6]
        last = load_posteriors(path.parent / "trajectory/00000006.safetensors")
        assert last.digest == load_posteriors(path.parent / "posteriors.safetensors").digest
        first = load_posteriors(path.parent / "trajectory/00000002.safetensors")
        assert first.digest != last.digest
        assert member["trajectory"][-1]["information"] == member["channels"]["information"]
    before = {path: path.stat().st_mtime_ns for path in folder.glob("members/*/record.json")}
    make_ensemble(copy, changed, "tiny-beta")
    assert before == {path: path.stat().st_mtime_ns for path in before}
    make_ensemble(copy, params, "tiny-beta")
    assert not list(folder.rglob("trajectory*"))


def test_a_stack_makes_the_members_that_a_loop_makes(copy: Workspace, params: Params) -> None:
    folder = copy.root / ENSEMBLE
    alone = {record["name"]: record for record in records(folder)}
    for path in folder.glob("members/*/record.json"):
        path.unlink()
    section = params.ensembles["tiny-beta"]
    training = section.training.model_copy(update={"strategy": "fused"})
    declared = {"tiny-beta": section.model_copy(update={"training": training})}
    make_ensemble(copy, params.model_copy(update={"ensembles": declared}), "tiny-beta")
    together = {record["name"]: record for record in records(folder)}
    assert together.keys() == alone.keys()
    for name, record in together.items():
        assert record["key"] == alone[name]["key"]
        assert record["final"] == pytest.approx(alone[name]["final"], rel=2e-2)


def test_another_probe_set_is_answered_by_the_members_that_there_are(
    copy: Workspace, params: Params
) -> None:
    folder = copy.root / ENSEMBLE
    before = {record["key"]: record for record in records(folder)}
    weights = {path: path.stat().st_mtime_ns for path in folder.glob("members/*/weights*")}
    section = params.data["tiny"]
    probe = section.probe.model_copy(update={"size": 30, "seed": 1})
    changed = params.model_copy(
        update={"data": {"tiny": section.model_copy(update={"probe": probe})}}
    )
    make_data(copy, changed, "tiny")
    make_ensemble(copy, changed, "tiny-beta")
    assert weights == {path: path.stat().st_mtime_ns for path in weights}
    shown = read_prepared(copy.data("tiny")).probe
    for path in folder.glob("members/*/record.json"):
        record = json.loads(path.read_text())
        old = before[record["key"]]
        assert record["probe"] == {"digest": shown.digest, "size": 30}
        assert load_posteriors(path.parent / "posteriors.safetensors").probe == shown.digest
        assert record["channels"]["information"] != old["channels"]["information"]
        assert record["final"] == old["final"]
        assert record["scores"].keys() == old["scores"].keys()
        for name, digest in record["files"].items():
            assert digest_of_file(path.parent / name) == digest


def test_an_ensemble_says_which_members_were_there_and_how_to_train_one_again(
    copy: Workspace, params: Params, capsys: pytest.CaptureFixture[str]
) -> None:
    make_ensemble(copy, params, "tiny-beta")
    folder = copy.root / ENSEMBLE
    assert (
        f"ensemble tiny-beta: 4 members in {folder}; 4 were trained already: to train one again, "
        "delete its folder; MLflow: "
    ) in capsys.readouterr().out


def test_drafts_that_a_killed_process_left_go(copy: Workspace, params: Params) -> None:
    folder = copy.root / ENSEMBLE
    (member, *_) = sorted((folder / "members").iterdir())
    drafts = [folder / ".ensemble.json.ab12.draft", member / ".record.json.cd34.draft"]
    for draft in drafts:
        draft.write_text("{")
    make_ensemble(copy, params, "tiny-beta")
    assert not any(draft.exists() for draft in drafts)

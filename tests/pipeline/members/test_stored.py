"""Members that were made before, whatever has become of their records: nothing is trained again."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from toolkit.config import Params
from toolkit.files import digest_of_json, write_json
from toolkit.pipeline.ensemble import make_ensemble
from toolkit.pipeline.trials import make_study
from toolkit.records import EnsembleRecord, MemberRecord, read_study
from toolkit.tracking import open_store
from toolkit.tracking.experiments import experiment_ids
from toolkit.training import driver
from toolkit.workspace import Workspace

Content = dict[str, Any]
Change = Callable[[Content], Content]


@pytest.fixture(autouse=True)
def untrained(monkeypatch: pytest.MonkeyPatch) -> None:
    """Training is an error here."""

    def train(*_: object, **__: object) -> Iterator[None]:
        raise LookupError("a member was trained")

    monkeypatch.setattr(driver, "fit", train)
    monkeypatch.setattr(driver, "fit_together", train)


def rewrite(path: Path, change: Change) -> str:
    """Change a record on disk as an older toolkit or a person might have; its new digest."""
    content = change(json.loads(path.read_text()))
    write_json(path, content)
    return digest_of_json(content)


def member_1(record: Content) -> Content:
    """As schema member/1 had it."""
    old = {name: value for name, value in record.items() if name not in ("answers", "trajectory")}
    return {**old, "schema": "member/1", "course": record["trajectory"]}


def ensemble_1(record: Content) -> Content:
    """As schema ensemble/1 had it."""
    old = {name: value for name, value in record.items() if name not in ("answers", "trajectory")}
    return {**old, "schema": "ensemble/1", "course": record["trajectory"]}


def study_1(record: Content) -> Content:
    """As schema study/1 had it: it did not state which members had finished."""
    trials = [
        {
            **trial,
            "members": [{k: m[k] for k in ("name", "key", "record")} for m in trial["members"]],
        }
        for trial in record["trials"]
    ]
    old = {name: value for name, value in record.items() if name != "answers"}
    return {**old, "schema": "study/1", "trials": trials}


def contents(folder: Path) -> dict[str, bytes]:
    """The bytes of every record and of all weights and posteriors, by path."""
    found = [*folder.rglob("*.json"), *folder.rglob("*.safetensors")]
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def earlier_answers(record: Content) -> Content:
    """As an earlier version of the mathematics would have it."""
    bits = [42.0 for _ in record["channels"]["information"]]
    channels = {"information": bits, "rate": bits}
    final = {name: 42.0 for name in record["final"]}
    return {**record, "answers": "answers/0", "channels": channels, "final": final}


def a_changed_digit(record: Content) -> Content:
    """What a person might have typed into the record."""
    return {**record, "final": {**record["final"], "distortion": 1.5}}


def incomplete(record: Content) -> Content:
    return {name: value for name, value in record.items() if name not in ("final", "probe")}


@pytest.mark.parametrize(
    "change",
    [
        member_1,
        earlier_answers,
        a_changed_digit,
        incomplete,
        lambda _: {},
        lambda _: {"schema": "member/99"},
    ],
)
def test_a_member_is_answered_again_from_its_weights(
    copy: Workspace, params: Params, change: Change
) -> None:
    folder = copy.ensemble("tiny-beta")
    before = contents(folder)
    for path in folder.glob("members/*/record.json"):
        rewrite(path, change)
    make_ensemble(copy, params, "tiny-beta")
    assert contents(folder) == before
    digests = {member.record for member in EnsembleRecord.read(folder).members}
    store = open_store(copy.home)
    query = "tags.kind = 'member' and tags.ensemble = 'tiny-beta'"
    runs = store.client.search_runs(experiment_ids(store), query)
    assert {run.data.tags["record.digest"] for run in runs} == digests


def test_a_member_that_failed_is_not_trained_again_for_a_changed_record(
    copy: Workspace, params: Params
) -> None:
    """Also where a process was killed between the record of a member and that of its owner."""
    folder = copy.ensemble("tiny-beta")
    (path, *_) = sorted(folder.glob("members/*/record.json"))
    failure = {"step": 3, "reason": "the loss became nan"}

    def failed(record: Content) -> Content:
        nothing_known = {"final": {}, "channels": {"information": [], "rate": []}, "files": {}}
        none = {"scores": {}, "scores_undefined": {}, "scoring": None, "scoring_together": None}
        return {**record, "status": "failed", "failure": failure, **nothing_known, **none}

    rewrite(path, failed)
    (path.parent / "scores.json").unlink()
    before = path.read_bytes()
    make_ensemble(copy, params, "tiny-beta")
    assert path.read_bytes() == before
    assert EnsembleRecord.read(folder).summary.failed == 1


def test_a_record_that_is_no_json_is_made_again(copy: Workspace, params: Params) -> None:
    folder = copy.ensemble("tiny-beta")
    before = contents(folder)
    (lost, *_) = sorted(folder.glob("members/*/record.json"))
    lost.write_text("{")
    make_ensemble(copy, params, "tiny-beta")
    assert contents(folder) == before


def test_an_ensemble_of_the_first_schema_is_migrated(copy: Workspace, params: Params) -> None:
    folder = copy.ensemble("tiny-beta")
    before = contents(folder)
    for path in folder.glob("members/*/record.json"):
        rewrite(path, member_1)
    rewrite(folder / "ensemble.json", ensemble_1)
    make_ensemble(copy, params, "tiny-beta")
    assert contents(folder) == before


def test_a_study_of_the_first_schema_is_valued_again(
    copy: Workspace, params: Params, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copy.study("tiny-search")
    before = contents(folder)

    def other_agreement(record: Content) -> Content:
        for trial in record["trials"]:
            trial["values"]["corrected_agreement"] = 0.0625
        return study_1(record)

    for path in folder.glob("members/*/record.json"):
        rewrite(path, member_1)
    rewrite(folder / "study.json", other_agreement)
    make_study(copy, params, "tiny-search")
    assert contents(folder) == before
    assert read_study(folder).is_current
    assert (
        "study tiny-search: the values of 2 trials were computed again from their members, "
        "because they were of answers/0 and the toolkit is at answers/2; 2 of them changed. "
        "Nothing was trained\n"
    ) in capsys.readouterr().out


def test_folders_of_the_first_schema_are_renamed(copy: Workspace, params: Params) -> None:
    """Posteriors that were kept while a member was trained lay in `course/`."""
    folder = copy.ensemble("tiny-beta")
    (member, *_) = sorted((folder / "members").iterdir())
    record = MemberRecord.read(member)
    (member / "course").mkdir()
    (member / "course" / "00000006.safetensors").write_bytes(
        (member / "posteriors.safetensors").read_bytes()
    )

    def with_course(content: Content) -> Content:
        bits = [{"step": 6, "information": [42.0] * 4}]
        digest = content["files"]["posteriors.safetensors"]
        files = {**content["files"], "course/00000006.safetensors": digest}
        return {**member_1(content), "course": bits, "files": files}

    rewrite(member / "record.json", with_course)
    section = params.ensembles["tiny-beta"]
    training = section.training.model_copy(update={"posteriors_at": [6]})
    only = section.model_copy(
        update={
            "training": training,
            "objective": section.objective.model_copy(update={"beta": [record.objective["beta"]]}),
            "seeds": [record.seed],
        }
    )
    make_ensemble(copy, params.model_copy(update={"ensembles": {"tiny-beta": only}}), "tiny-beta")
    migrated = MemberRecord.read(member)
    assert not (member / "course").exists()
    assert (member / "trajectory" / "00000006.safetensors").is_file()
    assert "trajectory/00000006.safetensors" in migrated.files
    assert migrated.key == record.key
    assert migrated.trajectory[0].information == record.channels.information

"""A member comes back whole, or not at all and with a reason."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.tracking.members import make_ensemble, make_member
from toolkit.errors import ToolkitError
from toolkit.posteriors import load_posteriors
from toolkit.tracking import (
    Store,
    artifact_path,
    fetch,
    project_ensemble,
    project_member,
    select,
    sync,
)


@pytest.fixture
def logged(store: Store, root: Path) -> tuple[str, Path]:
    """A run of a member, and the folder that it was made from."""
    record, folder = make_member(root / "made")
    sync(store, [project_member(record, folder)])
    return select(store, "").runs[0].run_id, folder


def refusal(store: Store, run_id: str, destination: Path) -> str:
    with pytest.raises(ToolkitError) as refused:
        fetch(store, run_id, destination)
    return str(refused.value)


def place_in(store: Store, run_id: str, name: str) -> Path:
    return Path(store.client.get_run(run_id).info.artifact_uri) / name


def run_of_kind(store: Store, kind: str) -> Any:  # noqa: ANN401 - MLflow's run
    experiment = store.client.get_experiment_by_name("sprites").experiment_id
    return store.client.search_runs([experiment], f"tags.kind = '{kind}'")[0]


def test_a_member_comes_back_letter_for_letter(
    store: Store, logged: tuple[str, Path], tmp_path: Path
) -> None:
    run_id, made = logged
    place = tmp_path / "back" / "member"
    assert fetch(store, run_id, place) == place
    names = {"weights.safetensors", "posteriors.safetensors", "record.json"}
    assert {path.name for path in place.iterdir()} == names
    for name in names:
        assert (place / name).read_bytes() == (made / name).read_bytes()
    assert [path.name for path in place.parent.iterdir()] == ["member"]
    assert fetch(store, run_id, place) == place


def test_an_empty_folder_will_do(store: Store, logged: tuple[str, Path], tmp_path: Path) -> None:
    place = tmp_path / "empty"
    place.mkdir()
    assert (fetch(store, logged[0], place) / "record.json").exists()


@pytest.mark.parametrize("spoil", ["other file", "changed weights", "changed record", "no json"])
def test_a_folder_that_holds_something_else_is_left_alone(
    store: Store, logged: tuple[str, Path], tmp_path: Path, spoil: str
) -> None:
    place = fetch(store, logged[0], tmp_path / "member")
    name, text = {
        "other file": ("notes.txt", "mine"),
        "changed weights": ("weights.safetensors", "mine"),
        "changed record": ("record.json", '{"schema": "member/1"}'),
        "no json": ("record.json", "mine"),
    }[spoil]
    (place / name).write_text(text)
    assert refusal(store, logged[0], place) == (
        f"{place} holds something else already. Name another folder, or delete that one."
    )
    assert (place / name).read_text() == text


@pytest.mark.parametrize("run_id", ["0" * 32, "not/an/id"])
def test_an_unknown_run_is_told(store: Store, tmp_path: Path, run_id: str) -> None:
    assert refusal(store, run_id, tmp_path / "member") == (
        f"the run store {store.uri} has no run {run_id!r}. Copy the run's ID from MLflow's page "
        "of it; after the store was rebuilt, runs have other IDs."
    )


def test_a_run_that_is_no_member_is_told(store: Store, root: Path, tmp_path: Path) -> None:
    record, folder = make_member(root / "made")
    sync(store, [project_member(record, folder), project_ensemble(make_ensemble([record]), folder)])
    run = run_of_kind(store, "ensemble")
    assert refusal(store, run.info.run_id, tmp_path / "member") == (
        f"run {run.info.run_id!r} (ensemble sprites-beta) is no member but an ensemble, so it has "
        "no weights to bring back. Choose a run whose tag `kind` is member."
    )
    other = store.client.create_run(run.info.experiment_id, run_name="theirs").info.run_id
    assert refusal(store, other, tmp_path / "member") == (
        f"run {other!r} (theirs) is no member but a run of another program, so it has no weights "
        "to bring back. Choose a run whose tag `kind` is member."
    )


def test_a_failed_and_an_open_member_are_told(store: Store, root: Path, tmp_path: Path) -> None:
    record, folder = make_member(root / "made", failed=True)
    sync(store, [project_member(record, folder)])
    run = run_of_kind(store, "member")
    run_id, place = run.info.run_id, tmp_path / "member"
    assert refusal(store, run_id, place) == (
        f"run {run_id!r} (sprites-beta beta=4 seed=0) is a member that failed, so there is nothing "
        "to bring back. Failed at step 17: the loss is not finite"
    )
    half = store.client.create_run(run.info.experiment_id, tags=run.data.tags)
    assert refusal(store, half.info.run_id, place) == (
        f"run {half.info.run_id!r} (sprites-beta beta=4 seed=0) is not finished: it was left open "
        "by a process that was ended. Run `toolkit sync` to make it again."
    )


@pytest.mark.parametrize("name", ["weights.safetensors", "posteriors.safetensors", "record.json"])
@pytest.mark.parametrize("how", ["damaged", "missing"])
def test_a_damaged_or_missing_file_leaves_nothing_behind(
    store: Store, logged: tuple[str, Path], tmp_path: Path, name: str, how: str
) -> None:
    run_id, _ = logged
    file = place_in(store, run_id, f"member/{name}")
    named = f"run {run_id!r} (sprites-beta beta=4 seed=0)"
    if how == "damaged":
        file.write_bytes(b"{")
        expected = (
            f"member/{name} of {named} is damaged: it is not what its record says. "
            "Delete the run and run `toolkit sync`."
        )
    else:
        file.unlink()
        expected = (
            f"{named} has no file member/{name} at {file.parents[1]}. "
            "If it had one, run `toolkit sync`, or delete the run if another project wrote it."
        )
    assert refusal(store, run_id, tmp_path / "back" / "member") == expected
    left = tmp_path / "back"
    assert not left.exists() or list(left.iterdir()) == []


def test_a_changed_record_is_noticed_by_its_digest(
    store: Store, logged: tuple[str, Path], tmp_path: Path
) -> None:
    file = place_in(store, logged[0], "member/record.json")
    file.write_text(file.read_text().replace('"seed": 0', '"seed": 1'))
    assert "member/record.json of run" in refusal(store, logged[0], tmp_path / "member")


def test_a_place_that_may_not_be_written_is_told(
    store: Store, logged: tuple[str, Path], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    assert refusal(store, logged[0], tmp_path / "file" / "member") == (
        f"{tmp_path}/file cannot be used (File exists). Check that it is there, that you may read "
        "and write it, and that the disk has room."
    )


def test_one_file_of_a_local_run_is_not_copied(store: Store, logged: tuple[str, Path]) -> None:
    run_id, made = logged
    path = artifact_path(store, run_id, "member/posteriors.safetensors")
    assert path == place_in(store, run_id, "member/posteriors.safetensors")
    assert load_posteriors(path).digest == load_posteriors(made / path.name).digest
    assert artifact_path(store, run_id, "member/record.json").name == "record.json"
    assert artifact_path(store, run_id, "traversals.png").exists()


def test_one_file_is_checked_too(store: Store, logged: tuple[str, Path]) -> None:
    run_id, _ = logged
    place_in(store, run_id, "traversals.png").write_bytes(b"other")
    with pytest.raises(ToolkitError) as refused:
        artifact_path(store, run_id, "traversals.png")
    assert str(refused.value) == (
        f"traversals.png of run {run_id!r} (sprites-beta beta=4 seed=0) is damaged: it is not what "
        "its record says. Delete the run and run `toolkit sync`."
    )
    with pytest.raises(ToolkitError, match=r"has no file nothing\.txt at"):
        artifact_path(store, run_id, "nothing.txt")


def test_files_kept_elsewhere_are_brought_once(
    store: Store, logged: tuple[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server's files are asked of its client; here the client copies from the disk."""
    run_id, made = logged
    kept = place_in(store, run_id, "")
    asked: list[str] = []

    def download(_: str, name: str, folder: str) -> str:
        asked.append(name)
        if not (kept / name).exists():
            from mlflow.exceptions import MlflowException

            raise MlflowException("no such artifact")
        return str(shutil.copy(kept / name, folder))

    monkeypatch.setattr(store.client, "download_artifacts", download)
    monkeypatch.setattr("toolkit.tracking.stored.local_path", lambda _: None)
    place = fetch(store, run_id, tmp_path / "member")
    assert (place / "weights.safetensors").read_bytes() == (
        made / "weights.safetensors"
    ).read_bytes()
    fetch(store, run_id, tmp_path / "again")
    assert sorted(asked) == [
        "member/posteriors.safetensors",
        "member/record.json",
        "member/weights.safetensors",
    ]
    with pytest.raises(ToolkitError, match=r"has no file nothing\.txt at"):
        artifact_path(store, run_id, "nothing.txt")

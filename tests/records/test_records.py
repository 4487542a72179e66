"""Every record: its JSON form there and back, its rounding, and what its reader refuses."""

import copy
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.records.examples import ANALYSIS, ENSEMBLE_1, MEMBER, MEMBER_1, STUDY, TRIAL
from toolkit.errors import ToolkitError
from toolkit.files import digest_of_json
from toolkit.records import (
    Agreement,
    AnalysisRecord,
    Channels,
    EnsembleRecord,
    MemberRecord,
    Record,
    StudyRecord,
    TrialRecord,
    digest_of_record,
)

ENSEMBLE = EnsembleRecord.from_json(ENSEMBLE_1, source="x").to_json()
EVERY: list[tuple[type[Record], Any]] = [
    (MemberRecord, MEMBER),
    (EnsembleRecord, ENSEMBLE),
    (AnalysisRecord, ANALYSIS),
    (StudyRecord, STUDY),
    (TrialRecord, TRIAL),
]


@pytest.mark.parametrize(("kind", "value"), EVERY)
def test_a_record_comes_back_as_it_was_written(
    kind: type[Record], value: dict[str, Any], tmp_path: Path
) -> None:
    record = kind.from_json(value, source="x")
    assert record.to_json() == json.loads(json.dumps(value))
    record.write(tmp_path)
    assert kind.read(tmp_path) == record
    written = json.loads((tmp_path / kind.FILE).read_text())
    assert record.digest == digest_of_json(record.to_json()) == digest_of_record(written)
    assert written.get("digest", record.digest) == record.digest


@given(number=st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_have_nine_digits_from_the_start(number: float) -> None:
    record = MemberRecord.from_json(MEMBER, source="x")
    changed = replace(record, final={"loss": number}, channels=Channels(rate=(number,)))
    assert changed.final["loss"] == float(f"{number:.9g}") == changed.channels.rate[0]
    assert MemberRecord.from_json(changed.to_json(), source="x") == changed
    assert record.settings["optimiser"] == {"name": "adam", "learning_rate": 0.12345678912345}


def test_a_member_of_the_first_schema_is_upgraded() -> None:
    record = MemberRecord.from_json(MEMBER_1, source="x")
    assert not record.is_current
    assert record.to_json() == {**MEMBER, "answers": "answers/0"}


def test_an_ensemble_of_the_first_schema_is_upgraded() -> None:
    record = EnsembleRecord.from_json(ENSEMBLE_1, source="x")
    assert not record.is_current
    assert [point.step for point in record.trajectory] == [2, 6]
    assert record.files == {"trajectory.png": "89" * 32}
    assert record.summary.agreement is None


def test_the_plain_agreement_of_the_second_schema_is_kept() -> None:
    summary = {**ENSEMBLE_1["summary"], "members": 3, "failed": 1, "agreement": 0.5}
    course = [{"step": 2, "information": 1.0, "agreement": 0.25}, {"step": 6, "information": 2.0}]
    old = {**ENSEMBLE_1, "summary": summary, "course": course}
    upgraded = EnsembleRecord.from_json(old, source="x")
    second = {**upgraded.to_json(), "schema": "ensemble/2", "summary": summary}
    second["trajectory"] = course
    for record in (upgraded, EnsembleRecord.from_json(second, source="x")):
        assert record.summary.agreement == Agreement(value=0.5, members=2)
        assert [point.agreement for point in record.trajectory] == [
            Agreement(value=0.25, members=2),
            None,
        ]


def paths(value: object, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Of every field that a type is declared for: not inside settings."""
    if not isinstance(value, dict):
        return []
    found = []
    for name, part in value.items():
        found.append((*path, name))
        if name in ("probe", "channels", "summary", "failure"):
            found += paths(part, (*path, name))
    return found


def changed(value: Any, path: tuple[str, ...], change: Any) -> Any:  # noqa: ANN401 - JSON
    """A copy in which `change` was called with the object that holds the field, and its name."""
    content = copy.deepcopy(value)
    holder = content
    for name in path[:-1]:
        holder = holder[name]
    change(holder, path[-1])
    return content


def numbers(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:  # noqa: ANN401
    """The path of every number in JSON, at any depth."""
    if isinstance(value, dict):
        parts = list(value.items())
    elif isinstance(value, list):
        parts = list(enumerate(value))
    else:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return [path] if is_number else []
    return [found for name, part in parts for found in numbers(part, (*path, name))]


IMPORTED = {**MEMBER, "ensemble": None}
NUMBERS = [
    (kind, value, path)
    for kind, value in [*EVERY, (MemberRecord, IMPORTED)]
    for path in numbers(value)
]


@pytest.mark.parametrize(("kind", "value", "path"), NUMBERS)
def test_a_changed_digit_of_any_number_is_seen(
    kind: type[Record], value: dict[str, Any], path: tuple[Any, ...], tmp_path: Path
) -> None:
    """By the digest that the file states, or by that which the owner of a member states."""
    record = kind.from_json(value, source="x")
    record.write(tmp_path)
    file = tmp_path / kind.FILE
    content = changed(json.loads(file.read_text()), path, another_digit)
    file.write_text(json.dumps(content))
    if record.has_owner:
        assert kind.read(tmp_path).digest != record.digest
        return
    with pytest.raises(ToolkitError) as caught:
        kind.read(tmp_path)
    assert str(caught.value) == (
        f"{file} was changed after it was written: it does not match its digest. {kind.REMEDY}"
    )


def another_digit(holder: Any, name: Any) -> None:  # noqa: ANN401 - JSON
    """Change the first digit of a number."""
    text = json.dumps(holder[name])
    position = next(i for i, letter in enumerate(text) if letter.isdigit())
    digit = "2" if text[position] != "2" else "3"
    holder[name] = json.loads(text[:position] + digit + text[position + 1 :])


@pytest.mark.parametrize("odd", [float("nan"), "\ud800"])
def test_what_no_record_can_hold_was_changed_after_it_was_written(
    odd: object, tmp_path: Path
) -> None:
    AnalysisRecord.from_json(ANALYSIS, source="x").write(tmp_path)
    file = tmp_path / "analysis.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "settings": {"size": odd}}))
    with pytest.raises(ToolkitError, match="was changed after it was written"):
        AnalysisRecord.read(tmp_path)


def test_a_record_without_a_digest_is_read_as_before() -> None:
    assert StudyRecord.from_json(STUDY, source="x").to_json() == STUDY


FIELDS = [(kind, value, path) for kind, value in EVERY for path in paths(value)]


@pytest.mark.parametrize(("kind", "value", "path"), FIELDS)
def test_a_record_that_lacks_a_field_is_a_sentence(
    kind: type[Record], value: dict[str, Any], path: tuple[str, ...]
) -> None:
    if path[-1] in ("agreement", "information", "rate") and len(path) > 1:
        pytest.skip("has a default, or none is a value")
    content = changed(value, path, lambda holder, name: holder.pop(name))
    with pytest.raises(ToolkitError) as caught:
        kind.from_json(content, source="the record", remedy="Do this.")
    if path == ("schema",):
        assert str(caught.value).startswith("the record is of schema None, and this version of ")
    else:
        assert str(caught.value) == f"the record is damaged: it lacks `{'.'.join(path)}`. Do this."


@pytest.mark.parametrize(("kind", "value", "path"), FIELDS)
@pytest.mark.parametrize("wrong", [[{}], {"a": []}, "text", 1.5, True, None])
def test_a_value_of_a_wrong_type_is_a_sentence_or_means_the_same(
    kind: type[Record], value: dict[str, Any], path: tuple[str, ...], wrong: object
) -> None:
    content = changed(value, path, lambda holder, name: holder.update({name: wrong}))
    try:
        record = kind.from_json(content, source="the record", remedy="Do this.")
    except ToolkitError as error:
        sentence = str(error)
        assert (sentence[:14], sentence[-10:]) == ("the record is ", ". Do this.")
    else:
        assert record.to_json() == content


@pytest.mark.parametrize(
    ("path", "wrong", "sentence"),
    [
        (("final",), {"loss": "low"}, '`final.loss` is "low", and a finite number is expected'),
        (("final",), {"loss": True}, "`final.loss` is true, and a finite number is expected"),
        (("final",), {"loss": 10**400}, "`final.loss` is 1"),
        (("probe", "size"), 1.5, "`probe.size` is 1.5, and a whole number is expected"),
        (("channels", "rate"), {}, "`channels.rate` is {}, and a list is expected"),
        (("status",), "done", "`status` is \"done\", and 'finished' or 'failed' is expected"),
        (("probe",), None, "`probe` is null, and an object is expected"),
        (("trajectory",), [{"step": 1}], "it lacks `trajectory[0].information`"),
    ],
)
def test_the_sentence_names_the_field(path: tuple[str, ...], wrong: object, sentence: str) -> None:
    content = changed(MEMBER, path, lambda holder, name: holder.update({name: wrong}))
    with pytest.raises(ToolkitError) as caught:
        MemberRecord.from_json(content, source="the record")
    assert str(caught.value).startswith(f"the record is damaged: {sentence}")


def test_a_field_that_no_record_has_is_named() -> None:
    with pytest.raises(ToolkitError) as caught:
        MemberRecord.from_json({**MEMBER, "host": "x"}, source="the record")
    assert str(caught.value) == (
        "the record is damaged: it has a field `host` that no such record has. "
        "Run `dvc repro` to make it again."
    )


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "{path} is missing."),
        (b"\xff\xfe", "{path} is damaged: it is not JSON."),
        (b"[" * 100_000, "{path} is damaged: it is not JSON."),
        (b"[1]", "{path} is damaged: it is not a JSON object."),
        (
            b'{"schema": "member/9"}',
            "{path} is of schema 'member/9', and this version of the toolkit reads member/2 and "
            "member/1.",
        ),
        (b'{"schema": "member/1"}', "{path} is damaged: it lacks 'files'."),
        (
            b'{"schema": ["member/1"]}',
            "{path} is of schema ['member/1'], and this version of the "
            "toolkit reads member/2 and member/1.",
        ),
    ],
)
def test_a_file_that_holds_no_record_is_a_sentence(
    tmp_path: Path, content: bytes | None, sentence: str
) -> None:
    path = tmp_path / "record.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ToolkitError) as caught:
        MemberRecord.read(tmp_path)
    expected = sentence.format(path=path)
    assert str(caught.value) == f"{expected} Run `dvc repro` to make it again."


def test_what_a_record_says_of_its_settings() -> None:
    record = MemberRecord.from_json(MEMBER, source="x")
    assert (record.objective_name, record.seed, record.data_digest) == ("beta_vae", 1, "cd" * 32)
    assert record.finished

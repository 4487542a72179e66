import random
from pathlib import Path

import pytest
import torch

from tests.data.writers import Poison
from tests.importers.models import state
from toolkit.errors import ToolkitError
from toolkit.importers.pytorch import read_state

HARMLESS = "would run code when read. Copy it again from its publisher."


def refusal(path: Path) -> str:
    with pytest.raises(ToolkitError) as caught:
        read_state(path)
    return str(caught.value)


def not_weights(path: Path) -> str:
    return (
        f"{path} is not a file of weights alone: it is damaged, or it holds Python objects that "
        f"{HARMLESS}"
    )


@pytest.mark.parametrize("zipped", [False, True], ids=["legacy", "zip"])
def test_tensors_come_back_bit_by_bit(tmp_path: Path, zipped: bool) -> None:
    path, before = tmp_path / "model.pt", state()
    torch.save(before, path, _use_new_zipfile_serialization=zipped)
    back = read_state(path)
    assert list(back) == list(before)
    assert all(torch.equal(back[name], before[name]) for name in before)


@pytest.mark.parametrize("zipped", [False, True], ids=["legacy", "zip"])
def test_code_in_a_file_is_refused_and_does_not_run(tmp_path: Path, zipped: bool) -> None:
    path = tmp_path / "model.pt"
    poison = {"weight": Poison(str(tmp_path / "ran"))}
    torch.save(poison, path, _use_new_zipfile_serialization=zipped)
    assert refusal(path) == not_weights(path)
    assert not (tmp_path / "ran").exists()


def test_files_cut_short_or_changed_are_sentences_or_tensors(tmp_path: Path) -> None:
    """Bytes where lengths, names and opcodes stand; a change in a weight goes unnoticed."""
    path = tmp_path / "model.pt"
    torch.save(state(), path, _use_new_zipfile_serialization=False)
    whole, draw = path.read_bytes(), random.Random(0)
    damaged = [whole[:end] for end in (0, 1, 60, 150, 300, 1000, 3000, 4000, len(whole) - 1)]
    damaged += [_changed(whole, draw) for _ in range(60)]
    damaged += [b"hello world" * 9, b"PK\x03\x04" + bytes(99), b"{}"]
    said = [_said(path, content) for content in damaged]
    assert all(str(path) in sentence for sentence in said if sentence)
    assert sum(bool(sentence) for sentence in said) > len(damaged) // 2


def _said(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    try:
        read_state(path)
    except ToolkitError as error:
        return str(error)
    return ""


def _changed(whole: bytes, draw: random.Random) -> bytes:
    content = bytearray(whole)
    for _ in range(draw.choice((1, 3))):
        content[draw.randrange(3000)] = draw.randrange(256)
    return bytes(content)


def test_a_missing_file_and_an_unreadable_one_are_told(tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    assert refusal(path) == f"{path} is missing. Copy the whole folder of the model."
    assert refusal(tmp_path) == (
        f"{tmp_path} cannot be read (Is a directory). Give yourself permission to read it."
    )


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ([1, 2], "{0} holds a list, not the named tensors of a model. Save its `state_dict()`."),
        ({}, "{0} holds a dict, not the named tensors of a model. Save its `state_dict()`."),
        (
            {"a": 1},
            "{0} holds 'a', which is not a named tensor. Save a model's `state_dict()`.",
        ),
        (
            {"\x1b[2J" * 99: torch.ones(1)},
            "{0} holds '" + "\\x1b[2J" * 28 + "\\x1, which is not a named tensor. "
            "Save a model's `state_dict()`.",
        ),
        (
            {1: torch.ones(1)},
            "{0} holds 1, which is not a named tensor. Save a model's `state_dict()`.",
        ),
        (
            {"a": torch.tensor([1.0, float("nan")])},
            "{0} holds 'a' with numbers that are not finite floats. "
            "Take the model's file from another step of its training.",
        ),
        (
            {"a": torch.tensor([1, 2])},
            "{0} holds 'a' with numbers that are not finite floats. "
            "Take the model's file from another step of its training.",
        ),
    ],
)
def test_what_is_no_state_dict_is_refused(tmp_path: Path, content: object, sentence: str) -> None:
    path = tmp_path / "model.pt"
    torch.save(content, path)
    assert refusal(path) == sentence.format(path)

"""YAML as plain values: what JSON cannot hold is named, and no file takes long."""

import json
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.calls import calls_of
from toolkit.errors import ToolkitError
from toolkit.yaml_file import MOST_VALUES, read_yaml


def written(folder: Path, content: str | bytes) -> Path:
    """A file with this content."""
    path = folder / "params.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing\n",
        "a: [1, -2, 0x1F, 0o17, 1_000, 1e3, 5.0e-4, .5, true, no, ~, null, text]",
        'a: "2024"\n"2024": b\n\'1.5\': c\n? d\n: e\n',
        "base: &base {x: 1, y: [2]}\nother: {<<: *base, x: 3}\nboth: {<<: [*base, {x: 4, z: 5}]}",
        "a: &a [1, 2]\nb: *a\nc: [*a, *a]",
        "a: |\n  two\n  lines\nb: >\n  one\n  line\n",
        "\ufeffa: ü\n",
        "a: !!str 2024\nb: !!int '7'\nc: !!float 1\n",
        "%YAML 1.1\n---\na: yes\n",
    ],
)
def test_values_are_those_that_dvc_reads(tmp_path: Path, text: str) -> None:
    content = read_yaml(written(tmp_path, text))
    assert content.mistakes == []
    assert content.value == (YAML(typ="safe").load(text) or {})
    json.dumps(content.value, allow_nan=False)


KEY = "to YAML, and DVC would leave it out without a word. Put it in quotes."


@pytest.mark.parametrize(
    ("text", "mistakes"),
    [
        ("a: 2001-01-01", ["a = 2001-01-01 is a date to YAML. Put it in quotes."]),
        ("a: [1, 2001-99-99]", ["a[1] = 2001-99-99 is a date to YAML. Put it in quotes."]),
        ("2024: 1", [f"2024 is a number {KEY}"]),
        ("a: {1.5: 1}", [f"a.1.5 is a number {KEY}"]),
        ("true: 1", [f"true is a truth value {KEY}"]),
        ("a: {~: 1}", [f"a.~ means no value {KEY}"]),
        ("2001-01-01: 1", [f"2001-01-01 is a date {KEY}"]),
        ("? [a, b]\n: 1", ["?: a list cannot be a key. Use a text."]),
        ("? {a: b}\n: 1", ["?: a mapping cannot be a key. Use a text."]),
        ("a: 1\na: 2", ["a is given twice. Keep one of them."]),
        ("a: &x [*x]", ["a[0] contains itself. Write its values out."]),
        ("a: !!int foo", ["a = foo is not a whole number. Remove its tag."]),
        ("a: !!float foo", ["a = foo is not a number. Remove its tag."]),
        ("a: !!bool foo", ["a = foo is not a truth value. Remove its tag."]),
        ("a: !!binary Zm9v", ["a = Zm9v has the tag binary. Put it in quotes, without a tag."]),
        ("a: !own b", ["a = b has the tag !own. Put it in quotes, without a tag."]),
        ("a: !!set {b, c}", ["a has the tag set. Remove the tag."]),
        ("a: =", ["a = = has the tag value. Put it in quotes, without a tag."]),
        ("a: .inf", ["a = .inf is not a finite number. Give a number."]),
        ("a: 1e400", ["a = 1e400 is not a finite number. Give a number."]),
        (
            "a: 1" + "0" * 18,
            ["a = 1000000000000000000 is a number of 19 digits. Numbers have at most 18."],
        ),
        (
            "a: " + "9" * 5000,
            [f"a = {'9' * 57}... is a number of 5000 digits. Numbers have at most 18."],
        ),
        ('a: "b\\0c"', [r"a = 'b\x00c' holds a control character. Remove it."]),
        ('a: "\\uD800"', [r"a = '\ud800' holds a control character. Remove it."]),
        ('"a\\ab": 1', [r"'a\x07b' holds a control character. Remove it."]),
        ("a: {<<: 3}", ["a.<< is not a mapping. Give `<<` an alias of a mapping."]),
        ("a: 2001-01-01\nb: .nan", 2),
    ],
)
def test_what_json_cannot_hold_is_named(
    tmp_path: Path, text: str, mistakes: list[str] | int
) -> None:
    found = read_yaml(written(tmp_path, text)).mistakes
    assert (len(found) if isinstance(mistakes, int) else found) == mistakes


BOMB = "a0: &a0 [x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)
MERGED = "a0: &a0 {k: 1}\n" + "".join(
    f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}\n" for n in range(1, 12)
)
NESTED = "a0: &a0 x\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 1500))
MORE = "and no more are read. Declare less in one file."


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("a: ä".encode("latin-1"), "is not UTF-8 text (byte 0xe4 in line 1). Save it as UTF-8."),
        ("b\na: ä".encode("cp1252"), "is not UTF-8 text (byte 0xe4 in line 2). Save it as UTF-8."),
        ("a: 1".encode("utf-16"), "is UTF-16 text. Save it as UTF-8."),
        (
            "a: 1\nb: 2".encode("utf-16-le"),
            "holds the character U+0000 in line 1, which YAML does not allow. Remove it.",
        ),
        ("a: 1\nb: [", "is not valid YAML (line 2: expected the node content, but found "
         "'<stream end>'). Fix that line."),
        ("a: *b", "is not valid YAML (line 1: found undefined alias 'b'). Fix that line."),
        ("a: 1\n---\nb: 2", "is not valid YAML (line 2: but found another document). "
         "Fix that line."),
        ("[" * 500 + "]" * 500, f"holds values nested more than 32 levels deep, {MORE}"),
        ("- " * 40_000, f"holds values nested more than 32 levels deep, {MORE}"),
        (NESTED, f"holds values nested more than 32 levels deep, {MORE}"),
        (BOMB, f"holds more than 10,000 values once its aliases are unfolded, {MORE}"),
        (MERGED, f"holds more than 10,000 values once its aliases are unfolded, {MORE}"),
        ("a: &a " + "x" * 50_000 + "\nb: [" + "*a, " * 5_000 + "]",
         f"holds more than 10,000 values once its aliases are unfolded, {MORE}"),
        (f"seeds: {list(range(MOST_VALUES))}", f"holds more than 10,000 values, {MORE}"),
        (f"seeds: {list(range(100_000))}", f"holds more than 100,000 bytes, {MORE}"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_ends_in_a_sentence_and_soon(
    tmp_path: Path, content: str | bytes, sentence: str
) -> None:
    path = written(tmp_path, content)
    refused: list[str] = []

    def read() -> None:
        with pytest.raises(ToolkitError) as caught:
            read_yaml(path)
        refused.append(str(caught.value))

    assert calls_of(read) < 500 * MOST_VALUES  # 407 calls per value of the largest file
    assert refused == [f"{path} {sentence}"]

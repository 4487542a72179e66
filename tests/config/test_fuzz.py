"""Altered params files: reading one ends soon, with records or with sentences."""

import copy
import json
import random
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import pytest
from ruamel.yaml import YAML

from tests.calls import calls_of
from tests.config.test_params import GOOD
from toolkit.config import params, read_params
from toolkit.errors import ToolkitError
from toolkit.yaml_file import Value

MUTATIONS = 2_400
CALLS_PER_BYTE = 150  # 94 were the most of all these files
CALLS = 3 * 1024**2  # a simple key is looked for in the next 1,024 characters, by comparing pairs
LARGE = 2_000  # bytes; the calls of shorter files are counted for some of them only
HANG = 120  # seconds of computing in which no file is read
SCORED = GOOD.replace(
    "    training: {steps: 10}\nstudies",
    "    training: {steps: 10}\n    scores: {preset: paper, names: [mig], "
    "options: {mig: {bins: 3}}, train: 10, test: 0, seed: 0}\nstudies",
).replace("beta: [1.0, 4]", "beta: [1.0, {schedule: linear, end: 4.0, steps: 5}]")
ANALYSED = SCORED + "analyses:\n  four: {name: synthetic_spaces}\n"
ODD_TEXTS = [
    "*a",
    "&a",
    "&a [*a]",
    "!!int foo",
    "!!set {a}",
    "<<: *b",
    "? [x]\n:",
    "2001-01-01",
    "~",
    "1e400",
    "-.inf",
    ".nan",
    "9" * 5000,
    "\x00",
    "\u2028",
    "\ufeff",
    "%YAML 1.1",
    "---",
    "...",
    "|",
    ">",
    "[",
    "]",
    "{",
    "}",
    "'",
    '"',
    ":",
    "-",
    "\t",
    "\n",
    "\\uD800",
    '"\\0"',
    "[" * 600,
    "- " * 600,
    "x" * 3000,
]
ODD_VALUES: list[Value] = [
    None,
    True,
    False,
    0,
    -1,
    1.5,
    10**17,
    -(10**17),
    5e-324,
    1.7e308,
    "",
    " ",
    "a.b",
    "../x",
    "x" * 3000,
    "ä",
    "${data}",
    [],
    {},
    [[]],
    [{}],
    {"name": {}},
    {"name": []},
    {"": 1},
    {"low": 0, "high": 10**17, "step": 1},
    {"low": 0.0, "high": 1e308, "step": 5e-324},
    {"low": 0, "high": 5, "step": 0},
    {"choices": [[], {}]},
    {"choices": list(range(3000))},
    list(range(4000)),
    [0] * 4000,
    {"schedule": "linear"},
    {"schedule": []},
    {"schedule": "cyclic", "end": 1e308, "steps": 10**17},
    {f"k{n}": {} for n in range(2000)},
]


def bytes_changed(text: str, draw: random.Random) -> bytes:
    """A few bytes are replaced, removed or doubled."""
    content = bytearray(text.encode())
    for _ in range(draw.randint(1, 4)):
        start = draw.randrange(len(content))
        end = start + draw.choice([0, 1, 1, 5, 40])
        content[start:end] = draw.choice(
            [b"", bytes([draw.randrange(256)]), bytes(content[start:end]) * 2]
        )
    return bytes(content) if draw.random() < 0.9 else text.encode(draw.choice(["utf-16", "utf-32"]))


def texts_put_in(text: str, draw: random.Random) -> bytes:
    """Odd pieces of YAML stand somewhere in the text, or in place of one of its words."""
    for _ in range(draw.randint(1, 3)):
        words = [at for at in range(1, len(text)) if text[at - 1] in " [{:,\n"]
        start = draw.choice(words)
        end = start + draw.choice([0, 1, 4])
        text = text[:start] + draw.choice(ODD_TEXTS) + text[end:]
    return text.encode(errors="surrogatepass")


def values_changed(text: str, draw: random.Random) -> bytes:
    """Values, names and whole parts are exchanged for odd ones, in good YAML."""
    content = YAML(typ="safe").load(text)
    for _ in range(draw.randint(1, 3)):
        part = content
        while True:
            keys = list(part) if isinstance(part, dict) else list(range(len(part)))
            if not keys:
                break
            key = draw.choice(keys)
            if isinstance(part[key], dict | list) and part[key] and draw.random() < 0.8:
                part = part[key]
                continue
            if isinstance(part, dict) and draw.random() < 0.25:
                part[draw.choice(["a.b", "namee", "x" * 300, "", "name", "options"])] = part.pop(
                    key
                )
            else:
                part[key] = copy.deepcopy(draw.choice(ODD_VALUES))
            break
    return _dumped(content).encode(errors="surrogatepass")


def _dumped(value: Value) -> str:
    """As JSON, which is YAML too and soon written."""
    return json.dumps(value, ensure_ascii=False)


@contextmanager
def hang_guard() -> Iterator[None]:
    """The test fails, whatever catches exceptions, when the work goes on for ever."""

    def fail(signal_number: int, frame: FrameType | None) -> None:
        pytest.fail(f"not read within {HANG} seconds")

    before = signal.signal(signal.SIGVTALRM, fail)
    signal.setitimer(signal.ITIMER_VIRTUAL, HANG)
    yield
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    signal.signal(signal.SIGVTALRM, before)


def mistakes_of(path: Path) -> list[str]:
    """The sentences that refuse a file; none when it is accepted."""
    try:
        read_params(path)
    except ToolkitError as error:
        return str(error).splitlines()
    return []


def most_calls(content: bytes) -> int:
    """What reading these bytes may cost: in proportion to their number."""
    return CALLS + CALLS_PER_BYTE * len(content)


@pytest.mark.slow
@pytest.mark.parametrize("change", [bytes_changed, texts_put_in, values_changed])
def test_an_altered_file_ends_in_records_or_sentences(
    unchecked: None, change: Callable[[str, random.Random], bytes], tmp_path: Path
) -> None:
    path = tmp_path / "params.yaml"
    refused = 0
    for seed in range(MUTATIONS // 3):
        content = change(ANALYSED, random.Random(f"{change.__name__} {seed}"))
        path.write_bytes(content)
        try:
            with hang_guard():
                lines = mistakes_of(path)
                if len(content) > LARGE or seed % 8 == 0:
                    assert calls_of(lambda: mistakes_of(path)) <= most_calls(content)
        except Exception as error:
            raise AssertionError(f"seed {seed}: {content!r}") from error
        refused += bool(lines)
        assert len(lines) <= 52, content
        assert all(0 < len(line) <= 1_500 and line.isprintable() for line in lines), content
    assert refused > MUTATIONS // 6


def test_a_reader_that_compares_every_two_values_costs_more_than_is_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(ANALYSED.replace("seeds: [0, 1]", f"seeds: {list(range(4_000))}", 1))
    content = path.read_bytes()
    assert calls_of(lambda: mistakes_of(path)) <= most_calls(content)
    reference_mistakes = params.reference_mistakes

    def compared(value: Value) -> Iterator[str]:
        yield from reference_mistakes(value)
        seeds = value["ensembles"]["one"]["seeds"]  # type: ignore[index,call-overload]
        assert all(first.__index__() >= 0 for first in seeds for _ in seeds)

    monkeypatch.setattr(params, "reference_mistakes", compared)
    assert calls_of(lambda: mistakes_of(path)) > most_calls(content)

"""One run as MLflow will show it, before MLflow is there: plain values that check themselves."""

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeGuard

from toolkit.errors import ToolkitError
from toolkit.files import canonical_json, digest_of_json
from toolkit.objectives import SCHEDULES
from toolkit.records import JsonObject
from toolkit.tables import from_json
from toolkit.tracking.stored import NOTE, NOTE_DIGEST

NAME = re.compile(r"[\w.\-/: ]{1,250}", re.ASCII)
LONGEST_PARAMETER = 6000  # MLflow cuts longer ones without a word
FINISHED, FAILED = "FINISHED", "FAILED"

Point = tuple[int, float]  # step, value
Columns = Mapping[str, Sequence[float | str]]


@dataclass(frozen=True, kw_only=True)
class TrackedRun:
    """What one run says; equal records give equal runs.

    Arguments:
        kind: data, member, ensemble, trial, comparison or analysis.
        name: as people read it in the list.
        experiment: the experiment it belongs to: the name of its data set, or of an analysis.
        digest: of the record it repeats; two runs of one digest are the same run.
        identity: what it is about; a new record about the same replaces the older run.
        status: FINISHED or FAILED.
        params: settings as texts.
        metrics: final numbers, all finite.
        histories: numbers by step, all finite.
        tags: what to group, filter and trace by.
        files: path in the run -> file on this disk.
        checksums: path in the run -> SHA-256 that the file must have.
        texts: path in the run -> contents.
        tables: path in the run -> columns, for the table view.
        dataset: name and digest of the data.
    """

    kind: str
    name: str
    experiment: str
    digest: str
    identity: str
    status: str = FINISHED
    params: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    histories: Mapping[str, Sequence[Point]] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, Path] = field(default_factory=dict)
    checksums: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    tables: Mapping[str, Columns] = field(default_factory=dict)
    dataset: tuple[str, str] | None = None

    def __post_init__(self) -> None:
        for name, value in self.metrics.items():
            self._check(name, value)
        for name, points in self.histories.items():
            for step, value in points:
                self._check(name, value, step)
        for name in self.params:
            self._check_name(name)
        for path in self.files.values():
            if not path.is_file():
                raise ToolkitError(
                    f"{self.kind} {self.name!r} cannot be logged: {path} is missing. "
                    "Run `dvc repro` to make it."
                )

    def _check(self, name: str, value: float, step: int | None = None) -> None:
        self._check_name(name)
        if not math.isfinite(value):
            where = "" if step is None else f" at step {step}"
            raise ToolkitError(
                f"{self.kind} {self.name!r} cannot be logged: its {name} is {value}{where}, and "
                "a run store keeps finite numbers only. Train it again with a lower learning rate."
            )

    def _check_name(self, name: str) -> None:
        if not NAME.fullmatch(name):
            raise ToolkitError(
                f"{self.kind} {self.name!r} cannot be logged: MLflow takes no number or setting "
                f"named {name!r}. Use letters, digits, and _ - . / : or spaces, 250 at most."
            )


def flattened(value: JsonObject, *, separator: str = ".") -> dict[str, object]:
    """Nested settings as one level, in sorted order.

    >>> flattened({"objective": {"name": "beta_vae", "beta": 4.0}, "seed": 0})
    {'objective.beta': 4.0, 'objective.name': 'beta_vae', 'seed': 0}
    """
    return dict(sorted(_leaves(value, "", separator)))


def _leaves(value: JsonObject, prefix: str, separator: str) -> Iterator[tuple[str, object]]:
    for name, inner in value.items():
        if isinstance(inner, Mapping):
            yield from _leaves(inner, f"{prefix}{name}{separator}", separator)
        else:
            yield prefix + name, inner


def as_params(settings: JsonObject) -> dict[str, str]:
    """Settings as MLflow keeps them: flat, and texts; a text too long for it says so at its end.

    >>> as_params({"network": {"latents": 10}, "precision": "float32"})
    {'network.latents': '10', 'precision': 'float32'}
    """
    params = {}
    for name, value in flattened(settings).items():
        text = value if isinstance(value, str) else canonical_json(value)
        if len(text) > LONGEST_PARAMETER:
            end = f" ... cut; the whole has {len(text)} letters and is in the record"
            text = text[: LONGEST_PARAMETER - len(end)] + end
        params[name] = text
    return params


def hyperparameters(settings: JsonObject) -> dict[str, float]:
    """The numbers among the settings as metrics `hp/...`, so that they can be drawn and compared.

    The section's name is left out where that leaves one meaning. A weight with a schedule is shown
    by its value after training.

    >>> hyperparameters({"objective": {"name": "beta_vae", "beta": 4.0}, "seed": 0})
    {'hp/beta': 4.0, 'hp/seed': 0.0}
    >>> hyperparameters({"a": {"rate": 1}, "b": {"rate": 2}, "steps": 3})
    {'hp/a.rate': 1.0, 'hp/b.rate': 2.0, 'hp/steps': 3.0}
    >>> hyperparameters({"objective": {"beta": {"schedule": "linear", "end": 4.0, "steps": 9}}})
    {'hp/beta': 4.0}
    """
    flat = flattened(_final_values(settings))
    numbers = {name: float(v) for name, v in flat.items() if is_number(v)}
    short = [name.partition(".")[2] or name for name in numbers]
    return {
        f"hp/{leaf if short.count(leaf) == 1 else name}": value
        for (name, value), leaf in zip(numbers.items(), short, strict=True)
    }


def final_value(value: object) -> object:
    """The number that a weight with a schedule has after training; anything else is itself.

    >>> final_value({"schedule": "delayed", "start": 0.0, "end": 2.0, "delay": 5})
    2.0
    >>> final_value("mss")
    'mss'

    Raises:
        ToolkitError: there is no such schedule, or it has other settings.
    """
    if isinstance(value, Mapping) and "schedule" in value:
        return from_json("schedule", SCHEDULES, value, tag="schedule").at(None)
    return value


def _final_values(settings: JsonObject) -> JsonObject:
    return {
        name: _final_values(inner) if isinstance(inner := final_value(value), Mapping) else inner
        for name, value in settings.items()
    }


def is_number(value: object) -> TypeGuard[float]:
    """Whether a JSON value is a number; true and false are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def numbers(prefix: str, values: JsonObject) -> dict[str, float]:
    """The numbers among values, flat, under a prefix; what is absent (null) or a text is left out.

    >>> numbers("final", {"loss": 2.5, "note": "x", "other": None})
    {'final/loss': 2.5}
    """
    flat = flattened(values, separator="/")
    return {f"{prefix}/{name}": float(value) for name, value in flat.items() if is_number(value)}


def described(text: str) -> dict[str, str]:
    """The tags of a description, and of its digest, which tells it from a note of somebody's.

    >>> sorted(described("12 members"))
    ['mlflow.note.content', 'record.note']
    """
    return {NOTE: text, NOTE_DIGEST: digest_of_json(text)}


def identity_of(*parts: object) -> str:
    """A short digest of what a run is about."""
    return digest_of_json(list(parts))[:32]


def table_text(columns: Columns) -> str:
    """A table as MLflow's table view reads it.

    >>> table_text({"channel": ["00", "01"], "bits": [1.5, 0.0]})
    '{"columns":["channel","bits"],"data":[["00",1.5],["01",0.0]]}'
    """
    data = [list(row) for row in zip(*columns.values(), strict=True)]
    table = {"columns": list(columns), "data": data}
    return json.dumps(table, allow_nan=False, separators=(",", ":"))

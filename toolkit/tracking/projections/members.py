"""Members, and what is made of them: ensembles, and trials of studies."""

import csv
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from toolkit.errors import ToolkitError
from toolkit.files import canonical_json, digest_of_json
from toolkit.information import INFORMATIVE_BITS
from toolkit.records import MemberRecord
from toolkit.tracking.records import (
    FAILED,
    FINISHED,
    Point,
    TrackedRun,
    as_params,
    hyperparameters,
    identity_of,
    numbers,
)

MEMBER = MemberRecord.SCHEMA.partition("/")[0] + "/"  # what the schemas of members begin with
PICTURES = ("reconstructions.png", "traversals.png")


def project_member(
    record: Mapping[str, Any], folder: Path, *, tags: Mapping[str, str] | None = None
) -> TrackedRun:
    """A trained (or failed) member as a run.

    Arguments:
        record: what `record.json` holds, schema member/2.
        folder: where `record.json` and the files it names lie.
        tags: more tags, such as DVC's md5 of the outputs.

    Raises:
        ToolkitError: a file is missing, or a number is not finite.
    """
    failed = record["status"] == "failed"
    files = {place_of(name): folder / name for name in record["files"] if name != "curve.csv"}
    settings = record["settings"]
    return TrackedRun(
        kind="member",
        name=_member_name(record),
        experiment=record["data"],
        digest=digest_of_json(record),
        identity=identity_of("member", *(record[k] for k in ("ensemble", "study", "trial", "key"))),
        status=FAILED if failed else FINISHED,
        params=as_params(settings),
        metrics=_final_numbers(record) | hyperparameters(settings) | _scores(record),
        histories=(_curve(folder / "curve.csv", lenient=failed) if _has_curve(record) else {})
        | _member_trajectory(record),
        tags=_tags(record, tags) | _failure(record),
        files=files | {"member/record.json": folder / "record.json"},
        checksums={place_of(name): digest for name, digest in record["files"].items()},
        tables=_channel_table(record),
        dataset=(record["data"], settings["data"]),
    )


def project_ensemble(
    record: Mapping[str, Any], folder: Path, *, tags: Mapping[str, str] | None = None
) -> TrackedRun:
    """An ensemble (schema ensemble/2) as a run: its declared grid and what its members agree on.

    Arguments:
        record: what `ensemble.json` holds.
        folder: where the files it names lie.
        tags: more tags.
    """
    pictures = record.get("files", {})
    members = record["members"]
    protocol = record.get("protocol")
    return TrackedRun(
        kind="ensemble",
        name=record["name"],
        experiment=record["data"],
        digest=digest_of_json(record),
        identity=identity_of("ensemble", record["name"], record["settings"], record["data_digest"]),
        params=as_params(record["settings"] | ({"scores": protocol} if protocol else {})),
        metrics=numbers("summary", record["summary"]) | _scores(record),
        histories=_trajectory(record),
        tags=_tags({**record, "ensemble": record["name"]}, tags),
        texts={"ensemble/record.json": canonical_json(record)},
        files={name: folder / name for name in pictures},
        checksums=dict(pictures),
        tables=_member_table(members),
        dataset=(record["data"], record["data_digest"]),
    )


def project_trial(
    record: Mapping[str, Any], *, tags: Mapping[str, str] | None = None
) -> TrackedRun:
    """A trial of a study (schema trial/1) as a run: what was tried and how well it did."""
    parameters = record["parameters"]
    return TrackedRun(
        kind="trial",
        name=f"{record['study']} trial={record['number']}",
        experiment=record["data"],
        digest=digest_of_json(record),
        identity=identity_of("trial", record["study"], record["number"], parameters),
        status=FAILED if record.get("status") == "failed" else FINISHED,
        params=as_params(parameters),
        metrics=hyperparameters(parameters) | numbers("values", record["values"]) | _scores(record),
        tags=_tags({**record, "trial": record["number"]}, tags),
        texts={"trial/record.json": canonical_json(record)},
        tables=_member_table(record["members"]),
        dataset=(record["data"], record["data_digest"]),
    )


def _member_name(record: Mapping[str, Any]) -> str:
    owner = record["ensemble"]
    return f"{owner} {record['name']}" if owner else str(record["name"])


def place_of(name: str) -> str:
    """The same path in every run; pictures on top, where alone the compare page looks for them."""
    return name if name in PICTURES else f"member/{name}"


def _has_curve(record: Mapping[str, Any]) -> bool:
    return "curve.csv" in record["files"]


def _tags(record: Mapping[str, Any], more: Mapping[str, str] | None) -> dict[str, str]:
    schema = str(record["schema"])
    objective = record.get("objective") or record.get("settings", {}).get("objective", {})
    found = {
        "kind": schema.partition("/")[0],
        "record.schema": schema,
        "ensemble": record.get("ensemble"),
        "study": record.get("study"),
        "trial": record.get("trial"),
        "dataset": record["data"],
        "objective": objective["name"] if isinstance(objective, Mapping) else objective,
        "key": record.get("key"),
        "data.digest": record.get("data_digest") or record.get("settings", {}).get("data"),
        "probe.digest": (record.get("probe") or {}).get("digest"),
    }
    return {name: str(v) for name, v in found.items() if v is not None} | dict(more or {})


def _failure(record: Mapping[str, Any]) -> dict[str, str]:
    failure = record.get("failure")
    if not failure:
        return {}
    note = f"Failed at step {failure['step']}: {failure['reason']}"
    return {"failure.step": str(failure["step"]), "mlflow.note.content": note}


def _final_numbers(record: Mapping[str, Any]) -> dict[str, float]:
    bits = (record.get("channels") or {}).get("information") or []
    channels = {f"information/channel/{index}": float(b) for index, b in _numbered(bits)}
    totals = {
        "information/total": math.fsum(bits),
        "information/active": float(sum(b > INFORMATIVE_BITS for b in bits)),
    }
    return numbers("final", record.get("final") or {}) | channels | (totals if bits else {})


def _scores(record: Mapping[str, Any]) -> dict[str, float]:
    """Scores of a member, or their means over members."""
    return numbers("scores", record.get("scores") or {})


def _member_trajectory(record: Mapping[str, Any]) -> dict[str, list[Point]]:
    bits = [(row["step"], math.fsum(row["information"])) for row in record.get("trajectory", ())]
    return {"trajectory/information": bits} if bits else {}


def _trajectory(record: Mapping[str, Any]) -> dict[str, list[Point]]:
    """What was known, and agreed on, at the steps whose posteriors were kept."""
    histories: dict[str, list[Point]] = {}
    for row in record.get("trajectory", ()):
        for name in row.keys() - {"step"}:
            if row[name] is not None:
                histories.setdefault(f"trajectory/{name}", []).append((row["step"], row[name]))
    return histories


def _numbered(values: Sequence[float]) -> list[tuple[str, float]]:
    width = max(2, len(str(len(values) - 1)))
    return [(f"{index:0{width}}", value) for index, value in enumerate(values)]


def _channel_table(record: Mapping[str, Any]) -> dict[str, Any]:
    channels = record.get("channels")
    if not channels:
        return {}
    columns = {
        "channel": [index for index, _ in _numbered(channels["information"])],
        "information_bits": channels["information"],
        "rate_nats": channels["rate"],
    }
    return {"channels.json": columns}


def _member_table(members: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    columns = {key: [str(member[key]) for member in members] for key in ("name", "key", "record")}
    return {"members.json": columns} if members else {}


def _curve(path: Path, *, lenient: bool) -> dict[str, list[Point]]:
    """Curves by step; an empty cell is no point. A failed member's end where numbers end."""
    if not path.is_file():
        raise ToolkitError(f"{path} is missing. Run `dvc repro` to make it.")
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    try:
        return _points(rows, lenient=lenient)
    except (KeyError, TypeError, ValueError) as error:
        raise ToolkitError(
            f"{path} is damaged: it is not a table of numbers with a column `step`. "
            "Delete it and run `dvc repro`."
        ) from error


def _points(rows: Sequence[Mapping[str, str]], *, lenient: bool) -> dict[str, list[Point]]:
    curves: dict[str, list[Point]] = {}
    for row in rows:
        for name, cell in row.items():
            if name == "step" or cell == "":
                continue
            value = float(cell)
            if not lenient or math.isfinite(value):
                curves.setdefault(f"training/{name}", []).append((int(row["step"]), value))
    return curves

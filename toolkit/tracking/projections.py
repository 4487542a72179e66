"""Records of the pipeline as runs: a data set, a member, an ensemble, a trial, a comparison.

A projection adds nothing that is not in the record, so deleting the run store loses nothing.
"""

import csv
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from toolkit.errors import ToolkitError
from toolkit.files import canonical_json, digest_of_file, digest_of_json
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

ACTIVE_BITS = 0.01  # a channel below this is noise, as in toolkit.structure
MEMBER = "member/1"
PICTURES = ("reconstructions.png", "traversals.png")
SHEETS = ("samples.png", "factors.png", "factors.gif")


def project_data(
    record: Mapping[str, Any],
    folder: Path,
    *,
    name: str,
    training: str,
    tags: Mapping[str, str] | None = None,
) -> TrackedRun:
    """A data set made ready as a run: its sizes and its pictures, of which those there are count.

    Arguments:
        record: what `data.json` holds, schema data/1.
        folder: where `samples.png`, `factors.png` and `factors.gif` lie.
        name: of the data set, as params.yaml calls it; the record knows only its source.
        training: digest of the images that members are trained on, as their runs give it.
        tags: more tags, such as DVC's md5 of the folder.
    """
    files = {place: folder / place for place in SHEETS if (folder / place).is_file()}
    sums = {place: digest_of_file(path) for place, path in files.items()}
    sizes = ("image_shape", "count", "train", "held_out")
    factors = ", ".join(f"{factor['name']} {factor['size']}" for factor in record["factors"])
    own = {
        "kind": "data",
        "record.schema": record["schema"],
        "dataset": name,
        "source": record["name"],
        "images.digest": record["digest"],
        "data.digest": training,
        "probe.digest": record["probe"]["digest"],
    }
    return TrackedRun(
        kind="data",
        name=name,
        experiment=name,
        digest=digest_of_json([name, record, training, sums]),
        identity=identity_of("data", name),
        params=as_params(
            {
                **{size: record[size] for size in sizes},
                "factors": factors or "not known",
                "probe.size": record["probe"]["size"],
                "source": record["name"],
            }
        ),
        tags=own | dict(tags or {}),
        files=files,
        checksums=sums,
        texts={"data/record.json": canonical_json(record)},
        dataset=(name, training),
    )


def project_member(
    record: Mapping[str, Any], folder: Path, *, tags: Mapping[str, str] | None = None
) -> TrackedRun:
    """A trained (or failed) member as a run.

    Arguments:
        record: what `record.json` holds, schema member/1.
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
        histories=_curve(folder / "curve.csv", lenient=failed) if _has_curve(record) else {},
        tags=_tags(record, tags) | _failure(record),
        files=files | {"member/record.json": folder / "record.json"},
        checksums={place_of(name): digest for name, digest in record["files"].items()},
        tables=_channel_table(record),
        dataset=(record["data"], settings["data"]),
    )


def project_ensemble(
    record: Mapping[str, Any], *, tags: Mapping[str, str] | None = None
) -> TrackedRun:
    """An ensemble (schema ensemble/1) as a run: its declared grid and what its members agree on."""
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
        tags=_tags({**record, "ensemble": record["name"]}, tags),
        texts={"ensemble/record.json": canonical_json(record)},
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


def project_comparison(
    name: str,
    folder: Path,
    *,
    experiment: str,
    metrics: Mapping[str, Any],
    tags: Mapping[str, str],
) -> TrackedRun:
    """A finished comparison as a run: every file of its folder, `report.html` first of all.

    Arguments:
        name: of the comparison.
        folder: where `report.html`, the tables and the pictures lie.
        experiment: the experiment to keep it in, a data set's name.
        metrics: the numbers of the report, nested as one likes.
        tags: such as the query that chose the runs.
    """
    if not (folder / "report.html").is_file():
        raise ToolkitError(
            f"{folder / 'report.html'} is missing, so there is no report to log. "
            "Run `dvc repro` to make it."
        )
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    files = {path.relative_to(folder).as_posix(): path for path in found}
    sums = {place: digest_of_file(path) for place, path in files.items()}
    return TrackedRun(
        kind="comparison",
        name=name,
        experiment=experiment,
        digest=digest_of_json(["comparison/1", name, sums]),
        identity=identity_of("comparison", name, experiment, tags.get("query")),
        metrics=numbers("comparison", metrics),
        tags={"kind": "comparison", "comparison": name, "record.schema": "comparison/1", **tags},
        files=files,
        checksums=sums,
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
        "information/active": float(sum(b > ACTIVE_BITS for b in bits)),
    }
    return numbers("final", record.get("final") or {}) | channels | (totals if bits else {})


def _scores(record: Mapping[str, Any]) -> dict[str, float]:
    """Scores of a member, or their means over members."""
    return numbers("scores", record.get("scores") or {})


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

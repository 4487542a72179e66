"""Members, and what is made of them: ensembles, and trials of studies."""

import csv
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from toolkit.errors import ToolkitError
from toolkit.files import canonical_json
from toolkit.information import INFORMATIVE_BITS
from toolkit.records import EnsembleRecord, MemberRecord, MemberReference, TrialRecord
from toolkit.records.names import CURVE, RECONSTRUCTIONS, TRAVERSALS
from toolkit.tracking.records import (
    FAILED,
    FINISHED,
    Columns,
    Point,
    TrackedRun,
    as_params,
    described,
    hyperparameters,
    identity_of,
    numbers,
)

MEMBER = MemberRecord.SCHEMA.partition("/")[0] + "/"  # what the schemas of members begin with
PICTURES = (RECONSTRUCTIONS, TRAVERSALS)


def project_member(
    record: MemberRecord, folder: Path, *, tags: Mapping[str, str] | None = None
) -> TrackedRun:
    """A trained (or failed) member as a run.

    Arguments:
        record: of the member.
        folder: where `record.json` and the files it names lie.
        tags: more tags, such as DVC's md5 of the outputs.

    Raises:
        ToolkitError: a file is missing, or a number is not finite.
    """
    histories: dict[str, list[Point]] = {}
    if CURVE in record.files:
        histories |= _curve(folder / CURVE, lenient=not record.finished)
    if record.trajectory:
        histories["trajectory/information"] = [
            (point.step, math.fsum(point.information)) for point in record.trajectory
        ]

    tags = {
        **_tags(
            record,
            ensemble=record.ensemble,
            study=record.study,
            trial=record.trial,
            objective=record.objective_name,
            key=record.key,
            probe=record.probe.digest,
        ),
        **(tags or {}),
    }
    if record.failure:
        note = f"Failed at step {record.failure.step}: {record.failure.reason}"
        tags |= {"failure.step": str(record.failure.step), "mlflow.note.content": note}

    # Bits per channel
    bits = record.channels.information
    width = max(2, len(str(len(bits) - 1)))
    channels = [f"{index:0{width}}" for index in range(len(bits))]
    information = {f"information/channel/{c}": b for c, b in zip(channels, bits, strict=True)}
    if bits:
        information["information/total"] = math.fsum(bits)
        information["information/active"] = float(sum(b > INFORMATIVE_BITS for b in bits))

    return TrackedRun(
        kind="member",
        name=f"{record.ensemble} {record.name}" if record.ensemble else record.name,
        experiment=record.data,
        digest=record.digest,
        identity=identity_of("member", record.ensemble, record.study, record.trial, record.key),
        status=FINISHED if record.finished else FAILED,
        params=as_params(record.settings),
        metrics=numbers("final", record.final)
        | information
        | hyperparameters(record.settings)
        | numbers("scores", record.scores),
        histories=histories,
        tags=tags,
        files={place_of(name): folder / name for name in record.files if name != CURVE}
        | {"member/record.json": folder / record.FILE},
        checksums={place_of(name): digest for name, digest in record.files.items()},
        tables={
            "channels.json": {
                "channel": channels,
                "information_bits": bits,
                "rate_nats": record.channels.rate,
            }
        },
        dataset=(record.data, record.data_digest),
    )


def project_ensemble(
    record: EnsembleRecord, folder: Path, *, tags: Mapping[str, str] | None = None
) -> TrackedRun:
    """An ensemble as a run: its declared grid and what its members agree on.

    Arguments:
        record: of the ensemble.
        folder: where the files it names lie.
        tags: more tags.
    """
    histories: dict[str, list[Point]] = {}
    for point in record.trajectory:
        histories.setdefault("trajectory/information", []).append((point.step, point.information))
        known = {} if point.agreement is None else numbers("agreement", point.agreement.to_json())
        for name, value in known.items():
            histories.setdefault(f"trajectory/{name}", []).append((point.step, value))
    found = _tags(
        record, ensemble=record.name, objective=record.objective, probe=record.probe.digest
    )
    return TrackedRun(
        kind="ensemble",
        name=f"ensemble {record.name}",
        experiment=record.data,
        digest=record.digest,
        identity=identity_of("ensemble", record.name, record.settings, record.data_digest),
        params=as_params(
            {**record.settings, **({"scores": record.protocol} if record.protocol else {})}
        ),
        metrics=numbers("summary", record.summary.to_json()) | numbers("scores", record.scores),
        histories=histories,
        tags={**found, **described(_description(record)), **(tags or {})},
        texts={"ensemble/record.json": canonical_json(record.to_json())},
        files={name: folder / name for name in record.files},
        checksums=record.files,
        tables=_member_table(record.members),
        dataset=(record.data, record.data_digest),
    )


def _description(record: EnsembleRecord) -> str:
    """An ensemble in two sentences."""
    summary = record.summary
    members = "1 member" if summary.members == 1 else f"{summary.members} members"
    failed = f", {summary.failed} of them failed" if summary.failed else ""
    found = summary.agreement
    agreement = "" if found is None else f", agreement with one another {found.value:.2f}"
    if found is not None and found.by_chance is not None:
        agreement += f" (of random axes {found.by_chance:.2f})"
    return (
        f"Ensemble `{record.name}`: {members}{failed}, objective "
        f"`{record.objective}` on `{record.data}`.\n\nOn average {summary.information:.1f} bits in "
        f"{summary.active:.1f} active channels{agreement}. List its members with "
        f"`tags.ensemble = '{record.name}'`."
    )


def project_trial(record: TrialRecord, *, tags: Mapping[str, str] | None = None) -> TrackedRun:
    """A trial of a study as a run: what was tried and how well it did.

    Arguments:
        record: of the trial.
        tags: more tags.

    Raises:
        ToolkitError: a number is not finite.
    """
    found = _tags(record, study=record.study, trial=record.number, objective=record.objective)
    return TrackedRun(
        kind="trial",
        name=f"{record.study} trial={record.number}",
        experiment=record.data,
        digest=record.digest,
        identity=identity_of("trial", record.study, record.number, record.parameters),
        status=FAILED if record.status == "failed" else FINISHED,
        params=as_params(record.parameters),
        metrics=hyperparameters(record.parameters)
        | numbers("values", record.values)
        | numbers("scores", record.scores),
        tags={**found, **(tags or {})},
        texts={"trial/record.json": canonical_json(record.to_json())},
        tables=_member_table(record.members),
        dataset=(record.data, record.data_digest),
    )


def place_of(name: str) -> str:
    """The same path in every run; pictures on top, where alone the compare page looks for them."""
    return name if name in PICTURES else f"member/{name}"


def _tags(
    record: MemberRecord | EnsembleRecord | TrialRecord,
    *,
    objective: str,
    ensemble: str | None = None,
    study: str | None = None,
    trial: int | None = None,
    key: str | None = None,
    probe: str | None = None,
) -> dict[str, str]:
    """What runs are asked for by; what a record lacks has no tag."""
    found = {
        "kind": record.SCHEMA.partition("/")[0],
        "record.schema": record.SCHEMA,
        "ensemble": ensemble,
        "study": study,
        "trial": trial,
        "dataset": record.data,
        "objective": objective,
        "key": key,
        "data.digest": record.data_digest or None,
        "probe.digest": probe,
    }
    return {name: str(value) for name, value in found.items() if value is not None}


def _member_table(members: Sequence[MemberReference]) -> dict[str, Columns]:
    if not members:
        return {}
    columns = {
        "name": [member.name for member in members],
        "key": [member.key for member in members],
        "record": [member.record for member in members],
    }
    return {"members.json": columns}


def _curve(path: Path, *, lenient: bool) -> dict[str, list[Point]]:
    """Curves by step; an empty cell is no point. A failed member's end where numbers end."""
    if not path.is_file():
        raise ToolkitError(f"{path} is missing. Run `dvc repro` to make it.")
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    curves: dict[str, list[Point]] = {}
    try:
        for row in rows:
            for name, cell in row.items():
                if name == "step" or cell == "":
                    continue
                value = float(cell)
                if not lenient or math.isfinite(value):
                    curves.setdefault(f"training/{name}", []).append((int(row["step"]), value))
    except (KeyError, TypeError, ValueError) as error:
        raise ToolkitError(
            f"{path} is damaged: it is not a table of numbers with a column `step`. "
            "Delete it and run `dvc repro`."
        ) from error
    return curves

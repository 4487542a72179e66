"""Models that other programs trained, as members: shown a data set, measured, and written down.

An imported member lies in runs/imported/NAME. Nothing declares it: the folder itself does, as the
files of `toolkit data add` do.
"""

import shutil
from collections.abc import Callable, Generator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from re import fullmatch
from typing import Any

import pandas as pd
import torch

from toolkit.config import Params
from toolkit.data import PreparedData, read_prepared
from toolkit.errors import ToolkitError, UnknownNameError
from toolkit.execution import serial
from toolkit.files import digest_of_file, read_json, write_json, writing
from toolkit.importers import ForeignMember, load_disvae
from toolkit.information import channel_information
from toolkit.locks import exclusive
from toolkit.pipeline.members.jobs import training_digest
from toolkit.pipeline.members.pictures import draw_member
from toolkit.pipeline.members.results import POSTERIORS
from toolkit.pipeline.scores.member import NO_SCORES
from toolkit.posteriors import encode, save_posteriors
from toolkit.training import Fitted, ImportedSettings, evaluate, save_weights
from toolkit.training.member import RECORD, RECORD_SCHEMA, WEIGHTS
from toolkit.workspace import Workspace

Record = dict[str, Any]
IMPORTERS: dict[str, Callable[[Path], ForeignMember]] = {"disvae": load_disvae}
NAME = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}"


@dataclass(frozen=True, kw_only=True)
class Imported:
    """An import that was done: the member's record, its folder, and whether it was there before."""

    record: Record
    folder: Path
    kept: bool


def import_member(
    workspace: Workspace, params: Params, *, kind: str, path: Path, data: str, name: str | None
) -> Imported:
    """Read a foreign model, show it a data set's images, and keep it as a member.

    Arguments:
        kind: a name in `IMPORTERS`.
        path: the model's folder.
        data: name of a data set of params.yaml: its probe set is answered, and distortion and rate
            are measured over its held-out split.
        name: of the member; as its publisher calls it if None.

    Raises:
        ToolkitError: a file is missing or damaged, the model takes other images, the data set is
            not made yet, or another member has that name.
    """
    if kind not in IMPORTERS:
        raise UnknownNameError("kind of model", kind, IMPORTERS)
    if data not in params.data:
        raise UnknownNameError("data set of params.yaml", data, params.data)
    foreign = IMPORTERS[kind](path)
    name = _fit_name(foreign.name if name is None else name)
    folder = workspace.imported(name)
    with exclusive(workspace.lock(f"import-{name}"), f"imported member {name}"):
        prepared = read_prepared(workspace.data(data), mapped=True)
        _check_images(foreign, prepared, data)
        settings = foreign.settings(data=training_digest(prepared))
        kept = _there(folder, settings, prepared, data)
        if kept is not None:
            return Imported(record=kept, folder=folder, kept=True)
        with writing(folder):
            if folder.exists():
                shutil.rmtree(folder)
        owner = {"name": name, "data": data}
        work = partial(_made, foreign=foreign, settings=settings, owner=owner, folder=folder)
        events = [event for _, event in serial(work, [prepared])]
    return Imported(record=events[-1].value, folder=folder, kept=False)


def imported_records(workspace: Workspace) -> list[tuple[Path, Record]]:
    """Folder and record of every imported member, by name.

    Raises:
        ToolkitError: a record is damaged.
    """
    found = sorted(workspace.imported("*").parent.glob(f"*/{RECORD}"))
    return [(path.parent, read_json(path, schema=RECORD_SCHEMA)) for path in found]


def _fit_name(name: str) -> str:
    if not fullmatch(NAME, name):
        raise ToolkitError(
            f"{name!r} cannot name a member: names have letters, digits, _ - and . only, 64 at "
            "most, and start with a letter or digit. Give another with `--name`."
        )
    return name


def _check_images(foreign: ForeignMember, prepared: PreparedData, data: str) -> None:
    theirs, ours = foreign.image_shape, prepared.images.image_shape
    if theirs != ours:
        raise ToolkitError(
            f"{foreign.name} takes images of {' x '.join(map(str, theirs))}, but data set {data} "
            f"has {' x '.join(map(str, ours))}. Name a data set of images that it takes."
        )


def _there(
    folder: Path, settings: ImportedSettings, prepared: PreparedData, data: str
) -> Record | None:
    """The record of this member if it is there whole; None if it has to be made."""
    if not (folder / RECORD).exists():
        return None
    record = read_json(folder / RECORD, schema=RECORD_SCHEMA)
    found = record["settings"]
    if (found["weights"], record["data"]) != (settings.weights, data):
        raise ToolkitError(
            f"{folder} holds another import: weights {found['weights'][:8]} on data set "
            f"{record['data']}, not {settings.weights[:8]} on {data}. Give this one another "
            "`--name`, or delete that folder."
        )
    whole = all(
        (folder / name).exists() and digest_of_file(folder / name) == digest
        for name, digest in record["files"].items()
    )
    same = record["key"] == settings.key and record["probe"]["digest"] == prepared.probe.digest
    return record if whole and same else None


def _made(
    prepared: PreparedData,
    *,
    foreign: ForeignMember,
    settings: ImportedSettings,
    owner: Record,
    folder: Path,
) -> Generator[None, None, Record]:
    """The member's files, its record last."""
    probe = torch.from_numpy(prepared.probe_images).to(torch.float32) / 255
    fitted = Fitted(model=foreign.model, adversary=None, curve=pd.DataFrame())
    evaluation = evaluate(fitted, settings.measured(), prepared.held_out_rows)
    yield
    answers = encode(foreign.model.encode, probe, probe=prepared.probe.digest)
    bits = channel_information(answers.mean, answers.log_variance)
    save_weights(folder, foreign.model, key=settings.key)
    save_posteriors(folder / POSTERIORS, answers)
    pictures = draw_member(folder, foreign.model, probe, bits, likelihood=settings.likelihood)
    terms = {term: float(f"{evaluation.terms[term]:.9g}") for term in ("distortion", "rate")}
    record = {
        "schema": RECORD_SCHEMA,
        "key": settings.key,
        **owner,
        "ensemble": None,
        "study": None,
        "trial": None,
        "settings": settings.as_json(),
        "probe": {"digest": prepared.probe.digest, "size": len(prepared.probe)},
        "status": "finished",
        "failure": None,
        "final": terms,
        "channels": {
            "information": [round(value, 9) for value in bits.tolist()],
            "rate": [round(value, 9) for value in evaluation.rates],
        },
        "course": [],
        "files": {file: digest_of_file(folder / file) for file in (WEIGHTS, POSTERIORS, *pictures)},
        **NO_SCORES,
    }
    write_json(folder / RECORD, record)
    return record

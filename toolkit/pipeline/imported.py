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

import pandas as pd
import torch

from toolkit.config import Params
from toolkit.data import PreparedData, read_prepared
from toolkit.errors import ToolkitError, UnknownNameError
from toolkit.execution import serial
from toolkit.files import digest_of_file, writing
from toolkit.importers import ForeignMember, load_disvae
from toolkit.locks import exclusive
from toolkit.pipeline.members.jobs import training_digest
from toolkit.pipeline.members.results import write_answers
from toolkit.pipeline.members.stored import has_its_files, read_upgraded
from toolkit.posteriors import encode
from toolkit.records import ANSWERS, Channels, MemberRecord, ProbeReference
from toolkit.records.names import RECORD, WEIGHTS
from toolkit.training import Fitted, ImportedSettings, evaluate, save_weights
from toolkit.workspace import Workspace

IMPORTERS: dict[str, Callable[[Path], ForeignMember]] = {"disvae": load_disvae}
REMEDY = "Run `toolkit import` for it again, or delete its folder."
NAME = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}"


@dataclass(frozen=True, kw_only=True)
class Imported:
    """An import that was done: the member's record, its folder, and whether it was there before."""

    record: MemberRecord
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
    name = foreign.name if name is None else name
    if not fullmatch(NAME, name):
        raise ToolkitError(
            f"{name!r} cannot name a member: names have letters, digits, _ - and . only, 64 at "
            "most, and start with a letter or digit. Give another with `--name`."
        )
    folder = workspace.imported(name)
    with exclusive(workspace.lock(f"import-{name}"), f"imported member {name}"):
        prepared = read_prepared(workspace.data(data), mapped=True)
        theirs, ours = foreign.image_shape, prepared.images.image_shape
        if theirs != ours:
            raise ToolkitError(
                f"{foreign.name} takes images of {' x '.join(map(str, theirs))}, but data set "
                f"{data} has {' x '.join(map(str, ours))}. Name a data set of images that it takes."
            )
        settings = foreign.settings(data=training_digest(prepared))
        kept = _kept(folder, settings, prepared, data)
        if kept is not None:
            return Imported(record=kept, folder=folder, kept=True)
        with writing(folder):
            if folder.exists():
                shutil.rmtree(folder)
        work = partial(
            _measure, foreign=foreign, settings=settings, name=name, data=data, folder=folder
        )
        events = [event for _, event in serial(work, [prepared])]
    return Imported(record=events[-1].value, folder=folder, kept=False)


def imported_records(workspace: Workspace) -> list[tuple[Path, MemberRecord]]:
    """Folder and record of every imported member, by name.

    Raises:
        ToolkitError: a record is damaged.
    """
    found = sorted(workspace.imported("*").parent.glob(f"*/{RECORD}"))
    return [(path.parent, read_upgraded(path.parent, remedy=REMEDY)) for path in found]


def _kept(
    folder: Path, settings: ImportedSettings, prepared: PreparedData, data: str
) -> MemberRecord | None:
    """The record of this member if it is there whole; None if it has to be made."""
    try:
        record = read_upgraded(folder)
    except ToolkitError:  # missing or damaged
        return None
    weights = str(record.settings.get("weights"))
    if (weights, record.data) != (settings.weights, data):
        raise ToolkitError(
            f"{folder} holds another import: weights {weights[:8]} on data set "
            f"{record.data}, not {settings.weights[:8]} on {data}. Give this one another "
            "`--name`, or delete that folder."
        )
    same = record.key == settings.key and record.probe.digest == prepared.probe.digest
    return record if same and record.is_current and has_its_files(folder, record) else None


def _measure(
    prepared: PreparedData,
    *,
    foreign: ForeignMember,
    settings: ImportedSettings,
    name: str,
    data: str,
    folder: Path,
) -> Generator[None, None, MemberRecord]:
    """The member's files, its record last."""
    probe = torch.from_numpy(prepared.probe_images).to(torch.float32) / 255
    fitted = Fitted(model=foreign.model, adversary=None, curve=pd.DataFrame())
    evaluation = evaluate(fitted, settings.measured(), prepared.held_out_rows)
    yield
    posteriors = encode(foreign.model.encode, probe, probe=prepared.probe.digest)
    bits, names = write_answers(folder, foreign.model, probe, posteriors, settings.likelihood)
    save_weights(folder, foreign.model, key=settings.key)
    record = MemberRecord(
        key=settings.key,
        name=name,
        data=data,
        ensemble=None,
        study=None,
        trial=None,
        settings=settings.as_json(),
        probe=ProbeReference(digest=prepared.probe.digest, size=len(prepared.probe)),
        status="finished",
        failure=None,
        final={term: evaluation.terms[term] for term in ("distortion", "rate")},
        channels=Channels(information=bits, rate=evaluation.rates),
        trajectory=(),
        files={file: digest_of_file(folder / file) for file in (WEIGHTS, *names)},
        scores={},
        scores_undefined={},
        scoring=None,
        scoring_together=None,
        answers=ANSWERS,
    )
    record.write(folder)
    return record

"""Bringing a publisher's files into the project: checked first, then copied or linked."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from toolkit.data import DATASETS, load
from toolkit.data.summary import Summary, summarise
from toolkit.errors import ToolkitError, UnknownNameError


def add(name: str, path: Path, folder: Path, *, link: bool, **options: Any) -> Summary:  # noqa: ANN401
    """Put the files of a data set into `folder`, whole or not at all; a look at what they hold.

    Arguments:
        name: a key of `DATASETS`.
        path: the publisher's file, or the folder with the files.
        folder: where they shall lie; must not exist.
        link: make symbolic links instead of copies.
        options: of the data set; they decide what is read for the check.
    """
    if name not in DATASETS:
        raise UnknownNameError("data set", name, DATASETS)
    if DATASETS[name].procedural:
        raise ToolkitError(f"{name} is computed; there is no file to add.")
    if not path.exists():
        raise ToolkitError(f"{path} is missing. Name the file or the folder that holds {name}.")
    if folder.exists():
        raise ToolkitError(f"{folder} exists already. Delete it, or choose another place.")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".adding.", dir=folder.parent) as draft:
            copy = Path(draft) / folder.name
            copy.mkdir()
            for source in sorted(path.iterdir()) if path.is_dir() else [path]:
                target = copy / source.name
                if link:
                    os.symlink(source.resolve(), target)
                elif source.is_dir():
                    shutil.copytree(source, target)
                else:
                    shutil.copy2(source, target)
            try:
                summary = summarise(load(name, copy, **options))
            except ToolkitError as error:
                original = path if path.is_dir() else path.parent
                raise ToolkitError(str(error).replace(str(copy), str(original))) from error
            copy.rename(folder)
    except OSError as error:
        raise ToolkitError(
            f"{path} cannot be brought to {folder} ({error.strerror}). Check both places."
        ) from error
    return summary

"""`toolkit data`: what data sets there are, what they look like, and where their files go."""

import argparse
import json
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any, Never

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from tqdm import tqdm

from toolkit.config import read_params
from toolkit.data import DATASETS, read_prepared
from toolkit.data.adding import add
from toolkit.data.catalogue import info_text, list_text
from toolkit.data.download import download
from toolkit.errors import ToolkitError, UnknownNameError
from toolkit.pipeline.data_pictures import draw_sheets
from toolkit.workspace import Workspace


def run_data(workspace: Workspace, arguments: argparse.Namespace) -> None:
    """Run one of the actions."""
    ACTIONS[arguments.action](workspace, arguments)


def _list(workspace: Workspace, arguments: argparse.Namespace) -> None:
    del workspace, arguments
    _tell(list_text())


def _info(workspace: Workspace, arguments: argparse.Namespace) -> None:
    del workspace
    _tell(info_text(arguments.name))


def _show(workspace: Workspace, arguments: argparse.Namespace) -> None:
    declared = read_params(workspace.params).data
    if arguments.name not in declared:
        raise UnknownNameError("data set of params.yaml", arguments.name, declared)
    images = read_prepared(workspace.data(arguments.name), mapped=True, verify=False).images
    drawn = draw_sheets(Path(arguments.to) / arguments.name, images, seed=arguments.seed)
    _tell("\n".join(map(str, drawn)))


def _add(workspace: Workspace, arguments: argparse.Namespace) -> None:
    folder = _raw_folder(workspace, arguments)
    options = dict(_option(text) for text in arguments.option)
    summary = add(arguments.name, Path(arguments.path), folder, link=arguments.link, **options)
    kept = _keep(workspace, folder)
    written = ", ".join(f"{name}: {json.dumps(value)}" for name, value in options.items())
    declared = f" and `options: {{{written}}}`" if options else ""
    _tell(f"{summary}\nin {folder}{kept}; in params.yaml: `raw: {folder}`{declared}")


def _raw_folder(workspace: Workspace, arguments: argparse.Namespace) -> Path:
    """Where the publisher's files of a data set go."""
    return Path(arguments.to) if arguments.to else workspace.root / "raw" / arguments.name


def _option(text: str) -> tuple[str, Any]:
    """`layout=nchw` as a name and a value, which is read as YAML."""
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise ToolkitError(f"`--option {text}` is no NAME=VALUE. Write `--option layout=nchw`.")
    try:
        return name, YAML(typ="safe").load(value)
    except YAMLError as error:
        raise ToolkitError(
            f"the value of `--option {text}` cannot be read as in params.yaml. Quote it."
        ) from error


def _keep(workspace: Workspace, folder: Path) -> str:
    """Hand the files to DVC, so that they lie in its cache and travel with `dvc push`."""
    if not (workspace.root / ".dvc").is_dir():
        return ""
    program = Path(sys.executable).with_name("dvc")
    done = subprocess.run(
        [str(program), "add", "--quiet", str(folder)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["it did not say why"])[-1]
        raise ToolkitError(
            f"{folder} is in place, but DVC did not take it: {reason}. Run `dvc add {folder}`."
        )
    return f" and in DVC's cache ({folder}.dvc, for git)"


def _download(workspace: Workspace, arguments: argparse.Namespace) -> None:
    if arguments.name not in DATASETS:
        raise UnknownNameError("data set", arguments.name, DATASETS)
    source = DATASETS[arguments.name]
    if source.procedural:
        raise ToolkitError(f"{arguments.name} is computed; there is no file to fetch.")
    folder = _raw_folder(workspace, arguments)
    for file in source.files:
        with tqdm(desc=file.name, unit="B", unit_scale=True, unit_divisor=1024) as bar:
            path = download(file, folder, progress=partial(_show_bytes, bar))
        _tell(str(path))
    _tell(f"in params.yaml: `raw: {folder}`")


def _show_bytes(bar: "tqdm[Never]", arrived: int, total: int | None) -> None:
    bar.total = total
    bar.update(arrived - bar.n)


def _tell(text: str) -> None:
    sys.stdout.write(text.rstrip("\n") + "\n")


ACTIONS = {"add": _add, "download": _download, "info": _info, "list": _list, "show": _show}

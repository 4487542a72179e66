"""Experiments: complete params files, one per claim; `toolkit experiment NAME` installs one."""

from itertools import chain, count
from pathlib import Path

from toolkit.config import read_params
from toolkit.errors import ToolkitError, UnknownNameError
from toolkit.files import write_text
from toolkit.workspace import Workspace

HEAD = ("Claim", "Source", "Run", "Cost", "Expect")
KEPT = "params.previous.yaml"
KEPT_TOO = "params.previous-{}.yaml"  # where that name is taken


def place_experiment(workspace: Workspace, name: str) -> str:
    """Check an experiment and make it params.yaml; what was there is kept beside it.

    Returns:
        What was done and what to do next.

    Raises:
        ToolkitError: there is no such file, its head lacks a line, or it is wrong.
    """
    folder = workspace.root / "experiments"
    path = folder / f"{name}.yaml"
    if not path.exists():
        raise UnknownNameError("experiment", name, (found.stem for found in folder.glob("*.yaml")))
    head = read_head(path)
    read_params(path)
    text = path.read_text()
    lines = [f"{word.lower():8}{head[word]}" for word in HEAD]
    if workspace.params.exists() and (old := workspace.params.read_text()) != text:
        # The first name that is free or holds it already
        names = (workspace.root / name for name in chain([KEPT], map(KEPT_TOO.format, count(2))))
        kept = next(path for path in names if not path.exists() or path.read_text() == old)
        if not kept.exists():
            write_text(kept, old)
        lines.append(f"what params.yaml held is in {kept.name}")
    write_text(workspace.params, text)
    return "\n".join([*lines, f"{path} is in place. Run `dvc repro`."])


def read_head(path: Path) -> dict[str, str]:
    """The five lines an experiment opens with.

    Raises:
        ToolkitError: one of them is missing.
    """
    lines = path.read_text().splitlines()[: len(HEAD)]
    head = {}
    for word, line in zip(HEAD, [*lines, *[""] * len(HEAD)], strict=False):
        start = f"# {word} "
        if not line.startswith(start):
            raise ToolkitError(
                f"{path} does not open with its five lines: a line '# {word} ...' is missing. "
                f"Start it with {', '.join(f'# {word}' for word in HEAD)}, in this order."
            )
        head[word] = line.removeprefix(start).strip()
    return head


def listed_experiments(folder: Path) -> str:
    """Every experiment with its claim, one per line.

    Raises:
        ToolkitError: there are none.
    """
    paths = sorted(folder.glob("*.yaml"))
    if not paths:
        raise ToolkitError(f"{folder} holds no experiments. Run this in the project's root folder.")
    return "\n".join(f"{path.stem:20}{read_head(path)['Claim']}" for path in paths)

"""Experiments: complete params files, one a claim, that `toolkit experiment NAME` puts in place."""

from pathlib import Path

from toolkit.config import read_params
from toolkit.errors import ToolkitError, UnknownNameError
from toolkit.files import write_text
from toolkit.workspace import Workspace

HEAD = ("Claim", "Source", "Run", "Cost", "Expect")
KEPT = "params.previous.yaml"


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
        write_text(workspace.root / KEPT, old)
        lines.append(f"what params.yaml held is in {KEPT}")
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
                f"Start it with {', '.join(f'# {each}' for each in HEAD)}, in this order."
            )
        head[word] = line.removeprefix(start).strip()
    return head


def listed_experiments(folder: Path) -> str:
    """Every experiment with its claim, one a line.

    Raises:
        ToolkitError: there are none.
    """
    paths = sorted(folder.glob("*.yaml"))
    if not paths:
        raise ToolkitError(f"{folder} holds no experiments. Run this in the project's root folder.")
    return "\n".join(f"{path.stem:20}{read_head(path)['Claim']}" for path in paths)

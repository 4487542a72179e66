"""`toolkit where`: reports, and the commands that open what lies beside them.

It reads names alone, so that it answers at once and also where params.yaml has mistakes.
"""

import argparse
import os
import sys
from pathlib import Path

from toolkit.workspace import Workspace
from toolkit.yaml_file import read_yaml


def run(arguments: argparse.Namespace) -> None:
    """List the reports that params.yaml declares."""
    del arguments
    workspace = Workspace.here()
    content = read_yaml(workspace.params).value
    sections = content if isinstance(content, dict) else {}
    reports: list[Path] = []
    for section, folder in (("comparisons", workspace.report), ("analyses", workspace.analysis)):
        names = sections.get(section)
        if isinstance(names, dict):
            reports += [folder(name) / "report.html" for name in names]
    for path in reports:
        _tell(f"report          {path if path.exists() else f'{path} (not made yet: dvc repro)'}")
    toolkit = _shown_command()
    _tell(f"MLflow pages    {toolkit} ui")
    _tell(f"Optuna studies  {toolkit} dashboard")


def _shown_command() -> str:
    """How to call this command: with its folder where the shell would not find it."""
    folder = Path(sys.executable).parent
    if str(folder) in os.environ.get("PATH", "").split(os.pathsep):
        return "toolkit"
    here = Path.cwd()
    shown = folder.relative_to(here) if folder.is_relative_to(here) else folder
    return str(shown / "toolkit")


def _tell(text: str) -> None:
    sys.stdout.write(text + "\n")

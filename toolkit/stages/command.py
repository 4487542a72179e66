"""A stage as a process: its name from the command line, its mistakes as one sentence."""

import argparse
from collections.abc import Callable

from toolkit.config import Params, read_params
from toolkit.errors import UnknownNameError
from toolkit.execution import keep_memory
from toolkit.failures import errors_as_messages
from toolkit.workspace import Workspace

SECTIONS = {
    "data": "data",
    "ensemble": "ensembles",
    "study": "studies",
    "comparison": "comparisons",
    "analysis": "analyses",
}
Stage = Callable[[Workspace, Params, str], None]


def run_stage(stage: Stage, *, kind: str, about: str) -> None:
    """Run a stage for the name on the command line; exit code 1 and a sentence if it cannot be."""
    parser = argparse.ArgumentParser(prog=f"python -m toolkit.stages.{kind}", description=about)
    parser.add_argument("name", help=f"a name under `{SECTIONS[kind]}` in params.yaml")
    name = parser.parse_args().name
    keep_memory()
    with errors_as_messages():
        workspace = Workspace.here()
        params = read_params(workspace.params)
        declared = getattr(params, SECTIONS[kind])
        if name not in declared:
            raise UnknownNameError(kind, name, declared)
        stage(workspace, params, name)

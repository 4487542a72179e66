"""A stage as a process: its name from the command line, its mistakes as one sentence."""

import argparse
import sys
from collections.abc import Callable

from toolkit.config import Params, read_params
from toolkit.errors import ToolkitError, UnknownNameError
from toolkit.execution import keep_memory
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
    with plain_mistakes():
        workspace = Workspace.here()
        params = read_params(workspace.params)
        declared = getattr(params, SECTIONS[kind])
        if name not in declared:
            raise UnknownNameError(kind, name, declared)
        stage(workspace, params, name)


class plain_mistakes:
    """What a person can put right ends the process with a sentence and without a traceback."""

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: object
    ) -> None:
        if isinstance(error, ToolkitError):
            sys.stderr.write(f"error: {error}\n")
            sys.exit(1)
        if isinstance(error, KeyboardInterrupt):
            sys.stderr.write("stopped. Run the same command again to go on from here.\n")
            sys.exit(130)

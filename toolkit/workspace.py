"""Where everything lies.

Results lie in the folder a stage runs in, which for `dvc exp run --temp` is a copy of the project.
What lives longer than one state of the project (MLflow's database, Optuna's journals, checkpoints,
locks) lies in the project itself, which DVC names in `DVC_ROOT`.
"""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """Paths of a project.

    Arguments:
        root: where params.yaml is read and results are written.
        home: where databases, journals, checkpoints and locks lie.
    """

    root: Path
    home: Path

    @classmethod
    def here(cls) -> "Workspace":
        """The workspace of this process: its folder, and `DVC_ROOT` where DVC runs it."""
        root = Path()
        return cls(root=root, home=Path(os.environ.get("DVC_ROOT", root)))

    @property
    def params(self) -> Path:
        """The declaration of everything."""
        return self.root / "params.yaml"

    def data(self, name: str) -> Path:
        """The folder of a data set made ready."""
        return self.root / "data" / name

    def sheets(self, name: str) -> Path:
        """The folder of a data set's pictures."""
        return self.data(name) / "pictures"

    def ensemble(self, name: str) -> Path:
        """The folder of an ensemble: its record, and `members/`."""
        return self.root / "runs" / "ensembles" / name

    def study(self, name: str) -> Path:
        """The folder of a study: its record, and `members/`."""
        return self.root / "runs" / "studies" / name

    def imported(self, name: str) -> Path:
        """The folder of a member that another program trained."""
        return self.root / "runs" / "imported" / name

    def note(self, name: str) -> Path:
        """A text of the author's that reports show, in Markdown."""
        return self.root / "notes" / name

    def report(self, name: str) -> Path:
        """The folder of a comparison's report."""
        return self.root / "reports" / name

    def analysis(self, name: str) -> Path:
        """The folder of an analysis: record, page, figure, tables, and `parts/` of long work."""
        return self.root / "analyses" / name

    @property
    def journal(self) -> Path:
        """Optuna's copy of all studies; may be deleted at any time."""
        return self.home / ".studies" / "journal.log"

    def checkpoint(self, key: str) -> Path:
        """Where a member that is being trained stands."""
        return self.home / ".toolkit" / "checkpoints" / f"{key}.safetensors"

    def lock(self, name: str) -> Path:
        """A file that one process at a time may hold."""
        return self.home / ".toolkit" / "locks" / f"{name}.lock"

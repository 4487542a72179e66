"""A small project in a folder of its own, and what can be asked of it."""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PARTS = (
    "toolkit",
    "experiments",
    "dvc.yaml",
    ".dvcignore",
    ".gitignore",
    ".dvc/config",
    ".dvc/.gitignore",
    "data/.gitkeep",
    "runs/.gitkeep",
    "notes/.gitkeep",
)

PARAMS = """\
data:
  tiny:
    source: sprites
    raw: toolkit/data/procedural/sprites.py
    options: {shapes: 2, scales: 1, orientations: 1, positions_x: 8, positions_y: 8}
    held_out: 0.25
    split_seed: 0
    probe: {size: 40, seed: 0}
ensembles:
  tiny-beta:
    data: tiny
    network: {name: burgess, latents: 4}
    objective: {name: beta_vae, beta: [1.0, 4.0]}
    seeds: [0, 1]
    training: {steps: 60, batch_size: 16, learning_rate: 1.0e-3, checkpoint_every: 5}
    scores:
      names: [mig, dci_logistic, factor_vae_score, flatness, channel_nmi]
      train: 60
      test: 30
      options:
        factor_vae_score: {num_train: 20, num_eval: 10, batch_size: 8, num_variance_estimate: 50}
        flatness: {traversals: 10}
      seed: 0
studies:
  tiny-search:
    data: tiny
    network: {name: burgess, latents: 4}
    objective: {name: annealed_vae, capacity_steps: 10}
    space:
      gamma: {low: 1.0, high: 100.0, log: true}
      capacity: {low: 2.0, high: 8.0}
    seeds: [0, 1]
    sampler: {name: random, seed: 0}
    trials: 2
    batch: 1
    training: {steps: 20, batch_size: 16, learning_rate: 1.0e-3, checkpoint_every: 5}
comparisons:
  tiny:
    query: "tags.kind = 'member' and tags.ensemble = 'tiny-beta'"
"""


@dataclass(frozen=True)
class Project:
    """A folder with everything that `dvc repro` needs."""

    root: Path

    @property
    def environment(self) -> dict[str, str]:
        """As after activating the environment; nothing of the caller's own tracking."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("MLFLOW_", "DVC_"))}
        folder = str(Path(sys.executable).parent)
        return {
            **kept,
            "PATH": os.pathsep.join([folder, kept.get("PATH", "")]),
            "PYTHONPATH": str(self.root),
            "DVC_NO_ANALYTICS": "1",
            "OMP_NUM_THREADS": "1",
        }

    def start(self, *command: str) -> subprocess.Popen[str]:
        """Run a command in the project, in a process group of its own."""
        return subprocess.Popen(
            command,
            cwd=self.root,
            env=self.environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def run(self, *command: str, code: int = 0) -> str:
        """Run a command in the project to its end; what it printed."""
        done = subprocess.run(
            command,
            cwd=self.root,
            env=self.environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        assert done.returncode == code, done.stdout
        return done.stdout

    def toolkit(self, *arguments: str, code: int = 0) -> str:
        """Run the `toolkit` command."""
        return self.run(sys.executable, "-m", "toolkit", *arguments, code=code)

    def records(self) -> dict[str, bytes]:
        """The bytes of every record and every table, by path."""
        found = [*self.root.glob("runs/**/*.json"), *self.root.glob("reports/**/*.csv")]
        found += self.root.glob("reports/**/metrics.json")
        return {str(path.relative_to(self.root)): path.read_bytes() for path in sorted(found)}

    def runs(self) -> list[Any]:
        """Every MLflow run there is."""
        from toolkit.tracking import open_store
        from toolkit.tracking.experiments import experiment_ids

        store = open_store(self.root)
        found = store.client.search_runs(experiment_ids(store), max_results=1000)
        return sorted(found, key=lambda run: run.data.tags["record.digest"])

    def expect_each_run_once(self) -> None:
        """Every record has one run, and no run is left open."""
        runs = self.runs()
        assert {run.info.status for run in runs} == {"FINISHED"}
        counts = Counter(run.data.tags["record.digest"] for run in runs)
        assert set(counts.values()) == {1}
        members = [run for run in runs if run.data.tags["kind"] == "member"]
        assert len(members) == len(list(self.root.glob("runs/*/*/members/*/record.json")))

    def member(self, place: int = 0) -> dict[str, Any]:
        """The record of a member of the ensemble."""
        folder = self.root / "runs/ensembles/tiny-beta"
        key = json.loads((folder / "ensemble.json").read_text())["members"][place]["key"]
        record: dict[str, Any] = json.loads(
            (folder / "members" / key[:16] / "record.json").read_text()
        )
        return record


def make_project(root: Path, *, params: str = PARAMS) -> Project:
    """A copy of this project with small numbers, committed to a git repository of its own."""
    for part in PARTS:
        source, place = ROOT / part, root / part
        place.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, place, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, place)
    (root / "params.yaml").write_text(params)
    project = Project(root)
    project.run("git", "init", "-q")
    project.run("git", "add", "-A")
    author = ("-c", "user.name=A Tester", "-c", "user.email=tester@example.org")
    project.run("git", *author, "commit", "-q", "-m", "start")
    return project

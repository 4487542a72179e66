"""A run as the store holds it: the typed copy of MLflow's own object, made where it is read."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toolkit.files import digest_of_json
from toolkit.tracking.addresses import local_path

RUNNING = "RUNNING"
NOTE = "mlflow.note.content"
NOTE_DIGEST = "record.note"  # of the note that `toolkit sync` wrote
OWN_TAGS = frozenset(  # what `toolkit sync` writes; every other tag is somebody's own
    {
        *("kind", "ensemble", "study", "trial", "dataset", "objective", "key", "source"),
        *("analysis", "analysis.kind", "comparison", "query", "imported", "failure.step"),
        *("data.digest", "probe.digest", "images.digest"),
        *("mlflow.user", "mlflow.runName", "mlflow.loggedArtifacts"),
    }
)
OWN_PREFIXES = ("record.", "dvc.", "mlflow.source.")


@dataclass(frozen=True, kw_only=True)
class StoredRun:
    """A run of the store.

    Arguments:
        run_id: MLflow's name of it.
        name: as people read it in the list.
        status: such as RUNNING, FINISHED or FAILED.
        start: when it was made, in milliseconds since 1970.
        experiment: MLflow's number of its experiment.
        artifacts: where its files are.
        tags, params, metrics: of metrics the last value.
    """

    run_id: str
    name: str
    status: str
    start: int
    experiment: str
    artifacts: str
    tags: Mapping[str, str]
    params: Mapping[str, str]
    metrics: Mapping[str, float]

    @classmethod
    def of(cls, run: Any) -> "StoredRun":  # noqa: ANN401 - MLflow's run
        """The typed copy of MLflow's object."""
        return cls(
            run_id=run.info.run_id,
            name=run.info.run_name or "",
            status=run.info.status,
            start=run.info.start_time or 0,
            experiment=run.info.experiment_id,
            artifacts=run.info.artifact_uri or "",
            tags=run.data.tags,
            params=run.data.params,
            metrics=run.data.metrics,
        )

    @property
    def digest(self) -> str | None:
        """Of the record that it repeats."""
        return self.tags.get("record.digest")

    @property
    def folder(self) -> Path | None:
        """Where its files are, if on this machine."""
        return local_path(self.artifacts)

    @property
    def added_tags(self) -> dict[str, str]:
        """The tags that people added, and their note; what `toolkit sync` wrote is left out."""
        added = {name: text for name, text in self.tags.items() if not is_own_tag(name)}
        if NOTE in added and self.tags.get(NOTE_DIGEST) == digest_of_json(added[NOTE]):
            del added[NOTE]
        if "failure.step" in self.tags and added.get(NOTE, "").startswith("Failed at step "):
            del added[NOTE]
        return added


def is_own_tag(name: str) -> bool:
    """Whether `toolkit sync` writes tags of this name.

    >>> is_own_tag("record.digest"), is_own_tag("verdict")
    (True, False)
    """
    return name in OWN_TAGS or name.startswith(OWN_PREFIXES)


def table_list(tables: Mapping[str, object]) -> dict[str, str]:
    """The tag by which MLflow's pages find tables among the files of a run."""
    listed = [{"path": path, "type": "table"} for path in sorted(tables)]
    return {"mlflow.loggedArtifacts": json.dumps(listed)} if listed else {}

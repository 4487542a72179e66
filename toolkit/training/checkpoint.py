"""The saved state of a training, whole or absent, so that a killed one resumes as if undisturbed.

A checkpoint names its member, and carries a checksum of its tensors: a bit that was flipped on the
disk would give other weights under the same key.
"""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from toolkit.errors import ToolkitError
from toolkit.files import (
    DRAFT,
    OtherSchemaError,
    digest_of_arrays,
    digest_of_json,
    load_tensors,
    save_tensors,
)
from toolkit.training.curve import Curve
from toolkit.training.outcomes import Snapshot
from toolkit.training.training_state import TrainingState

SCHEMA = "checkpoint/3"


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """Where, and how often, a training is saved.

    Arguments:
        path: of the file.
        every: steps between two writings, at least 1.
    """

    path: Path
    every: int

    def __post_init__(self) -> None:
        if self.every < 1:
            raise ToolkitError(f"`checkpoint_every` is {self.every}; it must be at least 1 step.")

    def remove(self) -> None:
        """Delete the file, and what killed processes left of an attempt to write it."""
        self.path.unlink(missing_ok=True)
        for attempt in self.path.parent.glob(f".{self.path.name}.*{DRAFT}"):
            attempt.unlink()


def save_checkpoint(path: Path, state: TrainingState, curve: Curve, *, step: int) -> None:
    """Write networks, optimisers, curve and step; random streams follow from seed and step."""
    tensors = {"step": torch.tensor(step)}
    tensors |= _named("model", state.model.state_dict())
    tensors |= _named("optimiser", state.optimiser.state_dict())
    if state.adversary is not None and state.adversary_optimiser is not None:
        tensors |= _named("adversary", state.adversary.state_dict())
        tensors |= _named("adversary_optimiser", state.adversary_optimiser.state_dict())
    tensors |= _named("curve", curve.state_dict())
    save_tensors(
        path, tensors, schema=SCHEMA, key=state.settings.key, checksum=checksum_of(tensors)
    )


def load_checkpoint(
    path: Path, state: TrainingState, curve: Curve, *, snapshot: Snapshot | None = None
) -> int:
    """Restore a training and its curve; returns the number of updates done.

    Where another version of the toolkit saved it, or something that `snapshot` kept up to the
    checkpoint is gone or was never asked for, the training starts again: nothing is restored, and
    0 updates are done.

    Raises:
        ToolkitError: the file belongs to another member, or is damaged.
    """
    saved = load_saved(path, schema=SCHEMA)
    if saved is None:
        return 0
    tensors, metadata = saved
    if metadata.get("key") != state.settings.key:
        raise ToolkitError(
            f"{path} is the checkpoint of another member ({metadata.get('key', '')[:16]}, not "
            f"{state.settings.key[:16]}). Delete it to start this member from its first step."
        )
    remedy = "Delete it to start this member from its first step."
    refuse_damaged(path, tensors, metadata, remedy)
    try:
        step = int(tensors["step"])
        if snapshot is not None and not snapshot.complete(step):
            return 0
        state.model.load_state_dict(under("model", tensors))
        state.optimiser.load_state_dict(under("optimiser", tensors))
        if state.adversary is not None and state.adversary_optimiser is not None:
            state.adversary.load_state_dict(under("adversary", tensors))
            state.adversary_optimiser.load_state_dict(under("adversary_optimiser", tensors))
        curve.load_state_dict(under("curve", tensors))
    except (KeyError, RuntimeError) as error:
        raise ToolkitError(
            f"{path} is damaged: it does not hold what this member is made of. {remedy}"
        ) from error
    return step


def load_saved(path: Path, *, schema: str) -> tuple[dict[str, Tensor], dict[str, str]] | None:
    """Tensors and metadata of a checkpoint; None, with a warning, where its schema is another one.

    Arguments:
        path: of the file.
        schema: as "checkpoint/3"; other versions of the same are those of other toolkits.

    Raises:
        ToolkitError: the file is damaged or is no checkpoint.
    """
    try:
        return load_tensors(path, schema=schema)
    except OtherSchemaError as error:
        if error.found.partition("/")[0] != schema.partition("/")[0]:
            raise
        warnings.warn(
            f"{path} was saved by another version of the toolkit ({error.found}, not {schema}) "
            "and cannot be resumed: the training starts again from its first step.",
            stacklevel=2,
        )
        return None


def checksum_of(tensors: Mapping[str, Tensor]) -> str:
    """Digest of names, shapes, types and contents."""
    return digest_of_json({name: digest_of_arrays(value) for name, value in tensors.items()})


def refuse_damaged(
    path: Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, str], remedy: str
) -> None:
    """Compare the checksum of a file with its contents.

    Raises:
        ToolkitError: they do not agree.
    """
    if metadata.get("checksum") != checksum_of(tensors):
        raise ToolkitError(
            f"{path} is damaged: its contents do not agree with its checksum. {remedy}"
        )


def under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors of one part of a checkpoint, by their names in that part."""
    start = prefix + "/"
    return {
        name.removeprefix(start): value for name, value in tensors.items() if name.startswith(start)
    }


def _named(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {f"{prefix}/{name}": value for name, value in tensors.items()}

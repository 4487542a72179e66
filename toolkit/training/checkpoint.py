"""Where a training stands, whole or absent, so that a killed one goes on as if undisturbed."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from toolkit.errors import ToolkitError
from toolkit.files import DRAFT, load_tensors, save_tensors
from toolkit.training.curve import Curve
from toolkit.training.training_state import TrainingState

SCHEMA = "checkpoint/2"


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """A file to stand in for a training, written every `every` steps.

    Arguments:
        path: of the file.
        every: steps between two writings.
    """

    path: Path
    every: int

    def __post_init__(self) -> None:
        if self.every < 1:
            raise ToolkitError(
                f"a checkpoint every {self.every} steps cannot be. "
                "Set `checkpoint_every` to 1 or more."
            )

    def remove(self) -> None:
        """Delete the file, and what killed processes left of an attempt to write it."""
        self.path.unlink(missing_ok=True)
        for attempt in self.path.parent.glob(f".{self.path.name}.*{DRAFT}"):
            attempt.unlink()


def save_checkpoint(path: Path, trainee: TrainingState, curve: Curve, *, step: int) -> None:
    """Write networks, optimisers, curve and step; random streams follow from seed and step."""
    tensors = {"step": torch.tensor(step)}
    for name, part in _parts(trainee).items():
        tensors |= {f"{name}/{key}": value for key, value in part.items()}
    tensors |= {f"curve/{key}": value for key, value in curve.state().items()}
    save_tensors(path, tensors, schema=SCHEMA, key=trainee.settings.key)


def load_checkpoint(path: Path, trainee: TrainingState, curve: Curve) -> int:
    """Put a trainee and its curve where the checkpoint was written; the step it stands at.

    Raises:
        ToolkitError: the file belongs to another member, or is damaged.
    """
    tensors, metadata = load_tensors(path, schema=SCHEMA)
    if metadata.get("key") != trainee.settings.key:
        raise ToolkitError(
            f"{path} is the checkpoint of another member ({metadata.get('key', '')[:16]}, not "
            f"{trainee.settings.key[:16]}). Delete it to start this member from its first step."
        )
    try:
        return _restore(tensors, trainee, curve)
    except (KeyError, RuntimeError) as error:
        raise ToolkitError(
            f"{path} is damaged: it does not hold what this member is made of. "
            "Delete it to start this member from its first step."
        ) from error


def _restore(tensors: Mapping[str, Tensor], trainee: TrainingState, curve: Curve) -> int:
    trainee.model.load_state_dict(_under("model", tensors))
    trainee.optimiser.restore(_under("optimiser", tensors))
    if trainee.adversary is not None and trainee.adversary_optimiser is not None:
        trainee.adversary.load_state_dict(_under("adversary", tensors))
        trainee.adversary_optimiser.restore(_under("adversary_optimiser", tensors))
    curve.restore(_under("curve", tensors))
    return int(tensors["step"])


def _parts(trainee: TrainingState) -> dict[str, Mapping[str, Tensor]]:
    parts: dict[str, Mapping[str, Tensor]] = {
        "model": trainee.model.state_dict(),
        "optimiser": trainee.optimiser.tensors(),
    }
    if isinstance(trainee.adversary, nn.Module) and trainee.adversary_optimiser is not None:
        parts["adversary"] = trainee.adversary.state_dict()
        parts["adversary_optimiser"] = trainee.adversary_optimiser.tensors()
    return parts


def _under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    start = prefix + "/"
    return {
        name.removeprefix(start): value for name, value in tensors.items() if name.startswith(start)
    }

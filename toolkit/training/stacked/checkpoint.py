"""Where a stack stands, whole or absent: one file for all its members.

One file, because members of a stack are to be resumed in the same company: the last bits of a
batched product depend on it.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor

from toolkit.errors import ToolkitError
from toolkit.files import digest_of_json, load_tensors, save_tensors
from toolkit.training.curve import Curve
from toolkit.training.settings import MemberSettings
from toolkit.training.stacked.adam import StackedAdam
from toolkit.training.stacked.stack import Stack

SCHEMA = "stack/1"


def stack_key(settings: Sequence[MemberSettings]) -> str:
    """Digest of the members of a stack, in their order."""
    return digest_of_json([one.key for one in settings])


def save_stack(
    path: Path,
    stack: Stack,
    curves: Sequence[Curve],
    *,
    step: int,
    ended: Mapping[int, tuple[int, float]],
) -> None:
    """Write parameters, optimisers, curves, the step, and who diverged when with which loss."""
    tensors = {"step": torch.tensor(step)}
    tensors |= {f"parameters/{name}": value for name, value in stack.parameters.items()}
    for part, adam in _optimisers(stack).items():
        tensors |= {f"{part}/first/{name}": value for name, value in adam.first.items()}
        tensors |= {f"{part}/second/{name}": value for name, value in adam.second.items()}
    for row, curve in enumerate(curves):
        tensors |= {f"curve/{row}/{name}": value for name, value in curve.state().items()}
    for row, (at, loss) in ended.items():
        tensors[f"ended/{row}"] = torch.tensor([at, loss], dtype=torch.float64)
    kept = {name: value.detach().cpu() for name, value in tensors.items()}
    key = stack_key([trainee.settings for trainee in stack.trainees])
    save_tensors(path, kept, schema=SCHEMA, key=key)


def load_stack(
    path: Path, stack: Stack, curves: Sequence[Curve]
) -> tuple[int, dict[int, tuple[int, float]]]:
    """Put a stack where the checkpoint was written; its step, and who had diverged.

    Raises:
        ToolkitError: the file belongs to other members, or is damaged.
    """
    tensors, metadata = load_tensors(path, schema=SCHEMA)
    if metadata.get("key") != stack_key([trainee.settings for trainee in stack.trainees]):
        raise ToolkitError(
            f"{path} is the checkpoint of other members. "
            "Delete it to start these from their first step."
        )
    try:
        return _restore(tensors, stack, curves)
    except (KeyError, RuntimeError) as error:
        raise ToolkitError(
            f"{path} is damaged: it does not hold what these members are made of. "
            "Delete it to start them from their first step."
        ) from error


@torch.no_grad()
def _restore(
    tensors: Mapping[str, Tensor], stack: Stack, curves: Sequence[Curve]
) -> tuple[int, dict[int, tuple[int, float]]]:
    step = int(tensors["step"])
    for name, value in stack.parameters.items():
        value.copy_(tensors[f"parameters/{name}"])
    for part, adam in _optimisers(stack).items():
        adam.steps = step
        for name in adam.first:
            adam.first[name].copy_(tensors[f"{part}/first/{name}"])
            adam.second[name].copy_(tensors[f"{part}/second/{name}"])
    for row, curve in enumerate(curves):
        curve.restore(_under(f"curve/{row}/", tensors))
    ended = {
        int(row): (int(value[0]), float(value[1]))
        for row, value in _under("ended/", tensors).items()
    }
    return step, ended


def _optimisers(stack: Stack) -> dict[str, StackedAdam]:
    parts = {"optimiser": stack.optimiser}
    if stack.adversary_optimiser is not None:
        parts["adversary_optimiser"] = stack.adversary_optimiser
    return parts


def _under(start: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {
        name.removeprefix(start): value for name, value in tensors.items() if name.startswith(start)
    }

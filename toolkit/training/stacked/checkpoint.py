"""The saved state of a stack, whole or absent: one file for all its members.

One file, because members of a stack are to be resumed in the same company: the last bits of a
batched product depend on it.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch

from toolkit.errors import ToolkitError
from toolkit.files import canonical_json, digest_of_json, save_tensors
from toolkit.training.checkpoint import checksum_of, load_saved, refuse_damaged, under
from toolkit.training.curve import Curve
from toolkit.training.outcomes import DivergedError, Snapshot
from toolkit.training.settings import MemberSettings
from toolkit.training.stacked.adam import StackedAdam
from toolkit.training.stacked.stack import Stack

SCHEMA = "stack/2"


def stack_key(settings: Sequence[MemberSettings]) -> str:
    """Digest of the members of a stack, in their order."""
    return digest_of_json([member.key for member in settings])


def save_stack(
    path: Path,
    stack: Stack,
    curves: Sequence[Curve],
    *,
    step: int,
    diverged: Mapping[int, DivergedError],
) -> None:
    """Write parameters, optimisers, curves, the step, and which rows diverged when and why."""
    tensors = {"step": torch.tensor(step)}
    tensors |= {f"parameters/{name}": value for name, value in stack.parameters.items()}
    for part, adam in _optimisers(stack).items():
        tensors |= {f"{part}/exp_avg/{name}": value for name, value in adam.exp_avg.items()}
        tensors |= {f"{part}/exp_avg_sq/{name}": value for name, value in adam.exp_avg_sq.items()}
    for row, curve in enumerate(curves):
        tensors |= {f"curve/{row}/{name}": value for name, value in curve.state_dict().items()}
    tensors = {name: value.detach().cpu() for name, value in tensors.items()}
    failures = canonical_json(
        {str(row): [error.step, str(error)] for row, error in diverged.items()}
    )
    save_tensors(
        path,
        tensors,
        schema=SCHEMA,
        key=stack_key([state.settings for state in stack.states]),
        diverged=failures,
        checksum=checksum_of(tensors),
    )


def load_stack(
    path: Path, stack: Stack, curves: Sequence[Curve], *, snapshots: Sequence[Snapshot] = ()
) -> tuple[int, dict[int, DivergedError]]:
    """Restore a stack and its curves; returns the number of updates done, and which rows diverged.

    Where another version of the toolkit saved it, or something that the snapshots kept up to the
    checkpoint is gone or was never asked for, the training starts again: nothing is restored.

    Raises:
        ToolkitError: the file belongs to other members, or is damaged.
    """
    saved = load_saved(path, schema=SCHEMA)
    if saved is None:
        return 0, {}
    tensors, metadata = saved
    if metadata.get("key") != stack_key([state.settings for state in stack.states]):
        raise ToolkitError(
            f"{path} is the checkpoint of other members. "
            "Delete it to start these from their first step."
        )
    remedy = "Delete it to start them from their first step."
    refuse_damaged(path, tensors, metadata, remedy)
    try:
        step = int(tensors["step"])
        diverged = {
            int(row): DivergedError(*failure)
            for row, failure in json.loads(metadata["diverged"]).items()
        }
        for row, snapshot in enumerate(snapshots):
            if not snapshot.complete(diverged[row].step - 1 if row in diverged else step):
                return 0, {}
        with torch.no_grad():
            for name, value in stack.parameters.items():
                value.copy_(tensors[f"parameters/{name}"])
        for part, adam in _optimisers(stack).items():
            adam.steps = step
            for name in adam.exp_avg:
                adam.exp_avg[name].copy_(tensors[f"{part}/exp_avg/{name}"])
                adam.exp_avg_sq[name].copy_(tensors[f"{part}/exp_avg_sq/{name}"])
        for row, curve in enumerate(curves):
            curve.load_state_dict(under(f"curve/{row}", tensors))
    except (KeyError, RuntimeError) as error:
        raise ToolkitError(
            f"{path} is damaged: it does not hold what these members are made of. {remedy}"
        ) from error
    return step, diverged


def _optimisers(stack: Stack) -> dict[str, StackedAdam]:
    parts = {"optimiser": stack.optimiser}
    if stack.adversary_optimiser is not None:
        parts["adversary_optimiser"] = stack.adversary_optimiser
    return parts

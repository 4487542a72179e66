"""The images of each update of a stack, picked out on the device where the stack lies."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int, UInt8
from torch import Tensor

from toolkit.training.batches import Batches, ImageRows, as_input


@dataclass(frozen=True, kw_only=True)
class StackedBatch:
    """A batch of every member, as `toolkit.training.batches.Batch` is one."""

    images: Float[Tensor, "m n c h w"]
    changed: Int[Tensor, "m pairs"] | None


class StackedBatches:
    """Batches by step, one per member. Only rows travel to the device, not images.

    Arguments:
        batches: of each member, all from these images.
        images: (n, c, h, w) uint8: a tensor on the device, or rows that are read when asked for.
        dtype: of the images handed out.
        device: where they are handed out.
    """

    def __init__(
        self,
        batches: Sequence[Batches],
        images: UInt8[Tensor, "n c h w"] | ImageRows,
        *,
        dtype: torch.dtype,
        device: torch.device,
    ) -> None:
        self._batches = batches
        self._images = images
        self._dtype = dtype
        self._device = device

    def at(self, step: int) -> StackedBatch:
        """The images themselves."""
        rows, changed = zip(*[member.rows(step) for member in self._batches], strict=True)
        selected = torch.cat(rows)
        if isinstance(self._images, Tensor):
            selected = selected.to(self._device)
        images = as_input(self._images[selected].to(self._device), self._dtype)
        factors = [row.to(self._device) for row in changed if row is not None]
        return StackedBatch(
            images=images.unflatten(0, (len(self._batches), -1)),
            changed=torch.stack(factors) if factors else None,
        )

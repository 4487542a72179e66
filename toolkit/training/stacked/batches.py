"""Which images an update of a stack sees: picked out where the stack lies."""

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
    """Batches by step, one a member. Only rows travel to the device, not images.

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
        rows, changed = zip(*[one.rows(step) for one in self._batches], strict=True)
        wanted = torch.cat(rows)
        if isinstance(self._images, Tensor):
            wanted = wanted.to(self._device)
        shown = as_input(self._images[wanted].to(self._device), self._dtype)
        differing = [one.to(self._device) for one in changed if one is not None]
        return StackedBatch(
            images=shown.unflatten(0, (len(self._batches), -1)),
            changed=torch.stack(differing) if differing else None,
        )

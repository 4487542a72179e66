"""The images of each update: epochs without replacement, or pairs and triplets, without end."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float, Int, UInt8
from torch import Tensor

from toolkit.training.streams import stream
from toolkit.training.views import Partners


@runtime_checkable
class ImageRows(Protocol):
    """Images (n, c, h, w), uint8, that are read when asked for; a tensor is one too."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Images, channels, height, width."""
        ...

    def __len__(self) -> int: ...

    def __getitem__(self, rows: Tensor, /) -> Tensor:
        """The images of some rows, in the order given."""
        ...


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Images of one update.

    Arguments:
        images: (n, c, h, w), values in [0, 1], channels last in memory; of pairs or triplets all
            first images, then all second ones.
        changed: (n / views,) the factor in which the images of a pair differ: the last of them
            where there are several; None for images that come alone.
    """

    images: Float[Tensor, "n c h w"]
    changed: Int[Tensor, " pairs"] | None


class Batches:
    """Batches by step. The order depends on seed, purpose and step alone.

    Arguments:
        images: (n, c, h, w) uint8: a tensor, or rows that are read when asked for.
        size: images per batch; a batch may run over the end of an epoch.
        seed: of the member.
        purpose: name of the random stream.
        dtype: of the images handed out, values in [0, 1].
        partners: draws for each image the others of its pair or triplet; `size` counts the pairs.
    """

    def __init__(
        self,
        images: UInt8[Tensor, "n c h w"] | ImageRows,
        *,
        size: int,
        seed: int,
        purpose: str,
        dtype: torch.dtype,
        partners: Partners | None = None,
    ) -> None:
        self._images = images
        self._size = size
        self._seed = seed
        self._purpose = purpose
        self._dtype = dtype
        self._partners = partners
        self._epoch = -1
        self._order = torch.empty(0, dtype=torch.int64)

    def indices(self, step: int) -> Int[Tensor, " b"]:
        """Rows of the (first) images that the update after `step` updates sees."""
        count = len(self._images)
        start, end = step * self._size, (step + 1) * self._size
        parts = []
        while start < end:
            epoch, first = divmod(start, count)
            last = min(count, first + end - start)
            if epoch != self._epoch:
                generator = stream(self._seed, self._purpose, position=epoch)
                self._epoch = epoch
                self._order = torch.randperm(count, generator=generator)
            parts.append(self._order[first:last])
            start += last - first
        return torch.cat(parts)

    def rows(self, step: int) -> tuple[Int[Tensor, " n"], Int[Tensor, " pairs"] | None]:
        """The rows with their partners, and the factor in which the images of a pair differ."""
        rows = self.indices(step)
        if self._partners is None:
            return rows, None
        return self._partners.of(rows, seed=self._seed, step=step)

    def at(self, step: int) -> Batch:
        """The images themselves."""
        rows, changed = self.rows(step)
        if isinstance(self._images, Tensor):
            images = self._images.index_select(0, rows)  # ten times as fast as by brackets
        else:
            images = self._images[rows]
        return Batch(images=as_input(images, self._dtype), changed=changed)


def as_input(images: UInt8[Tensor, "n c h w"], dtype: torch.dtype) -> Float[Tensor, "n c h w"]:
    """Values in [0, 1], channels last in memory, where CPU convolutions are quickest."""
    return images.to(dtype).div_(255).contiguous(memory_format=torch.channels_last)

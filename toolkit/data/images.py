"""What every data set becomes: images, the factors that made them, and a digest of both."""

import math
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from jaxtyping import Int, Int64, UInt8
from torch import Tensor

from toolkit.errors import ToolkitError
from toolkit.files import digest_of_arrays

Images = UInt8[np.ndarray, "_n _c _h _w"]
Factors = Int64[np.ndarray, "_n _k"]
Indices = Int64[np.ndarray, " _m"]

IN_MEMORY = 1 << 29  # bytes; beyond half a gibibyte, images lie in a file
BLOCK = 1024  # images that are copied or rendered at a time


@dataclass(frozen=True, kw_only=True, eq=False)
class ImageSet:
    """Images, and the factors of variation behind them where they are known.

    Arguments:
        name: how the set is called in `DATASETS`.
        images: (n, c, h, w), 0..255; may be memory-mapped.
        factors: (n, k), column j counts from 0 to `factor_sizes[j]` - 1; none when unknown.
        factor_names: k names, in the one order that the data set's page gives.
        factor_sizes: how many values each factor has.
        notes: sentences about what reading it left out or changed; no part of the digest.

    >>> blank = np.zeros((2, 1, 8, 8), dtype=np.uint8)
    >>> image_set = ImageSet(name="blank", images=blank, factors=np.array([[0], [1]]),
    ...                 factor_names=("side",), factor_sizes=(2,))
    >>> len(image_set), image_set.image_shape, len(image_set.digest)
    (2, (1, 8, 8), 64)
    """

    name: str
    images: Images
    factors: Factors | None = None
    factor_names: tuple[str, ...] = ()
    factor_sizes: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.images.ndim != 4 or self.images.dtype != np.uint8:
            raise ToolkitError(
                f"images of {self.name} are {self.images.dtype} of shape {self.images.shape}; "
                "they must be uint8 (n, channels, height, width)."
            )
        if not self.images.size:
            raise ToolkitError(f"{self.name} holds no image. Give it at least one.")
        columns = (0,) if self.factors is None else self.factors.shape[1:]
        if columns != (len(self.factor_names),) or columns != (len(self.factor_sizes),):
            raise ToolkitError(
                f"{self.name} has factors of shape "
                f"{None if self.factors is None else self.factors.shape}, "
                f"{len(self.factor_names)} factor names and {len(self.factor_sizes)} factor sizes; "
                "a column, a name and a size belong to each factor."
            )
        if len(set(self.factor_names)) < len(self.factor_names):
            raise ToolkitError(f"{self.name} has two factors of one name: {self.factor_names}.")
        if self.factors is None:
            return
        # Factor values
        if self.factors.dtype != np.int64 or len(self.factors) != len(self.images):
            raise ToolkitError(
                f"{self.name} has {len(self.images)} images but factors are {self.factors.dtype} "
                f"of shape {self.factors.shape}; they must be int64, a row an image."
            )
        low, high = self.factors.min(axis=0, initial=0), self.factors.max(axis=0, initial=0)
        for name, size, least, most in zip(
            self.factor_names, self.factor_sizes, low, high, strict=True
        ):
            if least < 0 or most >= size:
                raise ToolkitError(
                    f"factor {name} of {self.name} runs from {least} to {most}, "
                    f"but its size is {size}: its values must be 0 to {size - 1}."
                )

    def __len__(self) -> int:
        return len(self.images)

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Channels, height, width."""
        _, channels, height, width = self.images.shape
        return channels, height, width

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the images and of their factors, 64 hexadecimal digits."""
        return digest_of_arrays(self.images, *(() if self.factors is None else (self.factors,)))


def allocate(shape: Sequence[int], *, in_memory: int = IN_MEMORY) -> np.ndarray:
    """Room for images, uint8: in memory, or in an unnamed file where that would be too much.

    The file lies in the folder for temporary files (`TMPDIR`) and goes when the array goes.

    >>> allocate((2, 1, 8, 8)).shape, type(allocate((2, 1, 8, 8), in_memory=100)).__name__
    ((2, 1, 8, 8), 'memmap')
    """
    shape = tuple(shape)
    if math.prod(shape) <= in_memory:
        return np.empty(shape, dtype=np.uint8)
    with tempfile.TemporaryFile(prefix="images.") as file:
        return np.memmap(file, dtype=np.uint8, mode="w+", shape=shape)


def gather(images: Images, indices: Indices, *, in_memory: int = IN_MEMORY) -> Images:
    """The images at `indices`, copied block by block, so that a large set needs little memory.

    >>> gather(np.arange(4, dtype=np.uint8).reshape(4, 1, 1, 1), np.array([3, 1])).ravel().tolist()
    [3, 1]
    """
    result = allocate((len(indices), *images.shape[1:]), in_memory=in_memory)
    for start in range(0, len(indices), BLOCK):
        result[start : start + BLOCK] = images[indices[start : start + BLOCK]]
    return result


class StoredImages:
    """Some images of a set, as tensors, read from where the set lies when they are asked for.

    Stands in for a uint8 tensor (m, c, h, w) of the same images wherever that is only measured and
    indexed by rows, and gives equal bytes.

    Arguments:
        images: of the whole set; may be memory-mapped.
        indices: (m,), which of them.

    >>> four = np.arange(4, dtype=np.uint8).reshape(4, 1, 1, 1)
    >>> stored = StoredImages(four, np.array([1, 3]))
    >>> len(stored), stored.shape, stored[torch.tensor([1, 0, 1])].ravel().tolist()
    (2, (2, 1, 1, 1), [3, 1, 3])
    """

    def __init__(self, images: Images, indices: Indices) -> None:
        self._images = images
        self._indices = indices

    def __len__(self) -> int:
        return len(self._indices)

    @property
    def shape(self) -> tuple[int, ...]:
        """Images, channels, height, width."""
        return (len(self._indices), *self._images.shape[1:])

    def __getitem__(self, rows: Int[Tensor, " b"]) -> UInt8[Tensor, "b c h w"]:
        """The images of some rows; read in rising order, as disks like it."""
        chosen = self._indices[rows.numpy()]
        order = np.argsort(chosen, kind="stable")
        found = np.empty((len(chosen), *self._images.shape[1:]), dtype=np.uint8)
        found[order] = self._images[chosen[order]]
        return torch.from_numpy(found)

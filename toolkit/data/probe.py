"""The probe set: the fixed images that every member of every run answers."""

from dataclasses import dataclass

import numpy as np

from toolkit.data.images import ImageSet, Indices
from toolkit.data.split import factor_columns
from toolkit.errors import ToolkitError
from toolkit.files import digest_of_arrays


@dataclass(frozen=True, kw_only=True, eq=False)
class ProbeSet:
    """Where the probe images lie in their data set, and a digest of the images themselves.

    Arguments:
        indices: (m,), rising, no image twice.
        digest: SHA-256 of dtype, shape and bytes of the probe images. Two probe sets with one
            digest are the same images, wherever they come from.
    """

    indices: Indices
    digest: str

    def __len__(self) -> int:
        return len(self.indices)


def draw_probe(image_set: ImageSet, *, size: int, seed: int) -> ProbeSet:
    """Choose `size` images of the whole set, uniformly and without replacement.

    >>> blank = ImageSet(name="blank", images=np.zeros((9, 1, 8, 8), dtype=np.uint8))
    >>> len(set(draw_probe(blank, size=5, seed=0).indices.tolist()))
    5
    """
    if not 1 <= size <= len(image_set):
        raise ToolkitError(
            f"a probe set of {size} images was asked of {image_set.name}, which has "
            f"{len(image_set)}. Set `probe.size` in params.yaml to 1 up to {len(image_set)}."
        )
    chosen = np.random.default_rng([seed, 1]).choice(len(image_set), size, replace=False)
    return probe_at(image_set, np.sort(chosen))


def draw_balanced_probe(image_set: ImageSet, *, size: int, seed: int, over: str) -> ProbeSet:
    """Choose `size` images, every value of the factor `over` as often as any other, or once more.

    >>> pictures = np.arange(9, dtype=np.uint8).reshape(9, 1, 1, 1)
    >>> image_set = ImageSet(name="nine", images=pictures, factors=np.array([[0]] * 7 + [[1]] * 2),
    ...                 factor_names=("side",), factor_sizes=(2,))
    >>> (draw_balanced_probe(image_set, size=4, seed=0, over="side").indices > 6).tolist()
    [False, False, True, True]
    """
    generator = np.random.default_rng([seed, 3])
    column = factor_columns(image_set, [over])[:, 0]
    values = generator.permutation(np.unique(column))
    shares = np.full(len(values), size // len(values))
    shares[: size % len(values)] += 1
    chosen = []
    for value, share in zip(values, shares, strict=True):
        rows = np.flatnonzero(column == value)
        if size < 1 or share > len(rows):
            raise ToolkitError(
                f"a probe set of {size} images, balanced over {over}, wants {share} images of "
                f"{over} = {value}, but {image_set.name} has {len(rows)}. Change `probe.size`."
            )
        chosen.append(generator.choice(rows, share, replace=False))
    return probe_at(image_set, np.sort(np.concatenate(chosen)))


def probe_at(image_set: ImageSet, indices: Indices) -> ProbeSet:
    """The probe set of these indices, with the digest of its images.

    >>> blank = ImageSet(name="blank", images=np.zeros((9, 1, 8, 8), dtype=np.uint8))
    >>> probe_at(blank, np.array([0])).digest == probe_at(blank, np.array([7])).digest
    True
    """
    return ProbeSet(indices=indices, digest=digest_of_arrays(image_set.images[indices]))

"""The probe set: the fixed images that every member of every run answers."""

from dataclasses import dataclass

import numpy as np

from toolkit.data.images import ImageSet, Indices
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


def probe_at(image_set: ImageSet, indices: Indices) -> ProbeSet:
    """The probe set of these indices, with the digest of its images.

    >>> blank = ImageSet(name="blank", images=np.zeros((9, 1, 8, 8), dtype=np.uint8))
    >>> probe_at(blank, np.array([0])).digest == probe_at(blank, np.array([7])).digest
    True
    """
    return ProbeSet(indices=indices, digest=digest_of_arrays(image_set.images[indices]))

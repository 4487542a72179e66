"""A data set as scores see it: factors that vary, images drawn by them, codes of what is drawn."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from jaxtyping import Float64, Int64
from torch import Tensor

from toolkit.data import ImageSet
from toolkit.data.images import StoredImages
from toolkit.disentanglement import GridSampler, MemberData, RowSampler, Sampler
from toolkit.disentanglement.sampler import Random
from toolkit.posteriors import Encoder, encode

BATCH = 250  # fixed, because the last bits of a matrix product depend on it

# Up to so many images all are encoded: about half a minute on one core at 64 x 64, and what the
# published sampling protocols (10^5 to 10^6 draws) would meet anyway. Of larger sets whole grids
# are encoded where they are met, other sets are represented by so many images, drawn by the seed.
ALL_ENCODED = 50_000

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class KnownFactors:
    """The factors of a data set that take more than one value.

    Arguments:
        names: of these factors.
        values: (n, k), each column counts from 0.
        sizes: how many values each factor has.
        row_of: (n,), the image of each combination of values, the last factor fastest; None where
            the images are not each combination once.
    """

    names: tuple[str, ...]
    values: Int64[np.ndarray, "n k"]
    sizes: tuple[int, ...]
    row_of: Rows | None


def known_factors(images: ImageSet) -> KnownFactors | None:
    """What varies over a data set and is known; None where nothing is.

    >>> side = np.array([[1], [0], [1]])
    >>> blank = ImageSet(name="blank", images=np.zeros((3, 1, 8, 8), dtype=np.uint8), factors=side,
    ...                  factor_names=("side",), factor_sizes=(2,))
    >>> found = known_factors(blank)
    >>> found.sizes, found.row_of
    ((2,), None)
    """
    if images.factors is None:
        return None
    numbered = [np.unique(column, return_inverse=True) for column in images.factors.T]
    kept = [column for column, (values, _) in enumerate(numbered) if len(values) > 1]
    if not kept:
        return None
    sizes = tuple(len(numbered[column][0]) for column in kept)
    values = np.stack([numbered[column][1].ravel() for column in kept], axis=1).astype(np.int64)
    row_of = None
    if int(np.prod([float(size) for size in sizes])) == len(values):
        # The image of each combination of values, if each occurs
        row_of = np.full(len(values), -1, dtype=np.int64)
        row_of[np.ravel_multi_index(tuple(values.T), sizes)] = np.arange(len(values))
    return KnownFactors(
        names=tuple(images.factor_names[column] for column in kept),
        values=values,
        sizes=sizes,
        row_of=None if row_of is None or (row_of < 0).any() else row_of,
    )


class EncodedImages:
    """Posteriors of the images of a set, each encoded when it is first asked for.

    Batches always have one size, the last one filled up, so that an image's code does not depend
    on what else is asked for.

    Arguments:
        encoder: from images (b, c, h, w) in [0, 1] to mean and log-variance, each (b, d).
        images: the set; may be memory-mapped.
        dtype: of the images that the encoder takes.
        integer_codes: from images to the entry of the code book of each channel, (b, d); None, or
            a function that returns None, for members without a code book.
    """

    def __init__(
        self,
        encoder: Encoder,
        images: ImageSet,
        *,
        dtype: torch.dtype,
        integer_codes: Callable[[Tensor], Tensor | None] | None = None,
    ) -> None:
        self._encoder = encoder
        self._integer_codes = integer_codes
        self._images = StoredImages(images.images, np.arange(len(images)))
        self._dtype = dtype
        self._encoded = np.zeros(len(images), dtype=bool)
        self._posteriors: Float64[np.ndarray, "n two d"] | None = None
        self._entries: Int64[np.ndarray, "n d"] | None = None

    def means(self, rows: Rows) -> Float64[np.ndarray, "m d"]:
        """Of the posteriors of these images.

        Raises:
            NonFiniteError: the member answers with numbers that are not finite.
        """
        self._encode(rows)
        return np.asarray(self._posteriors)[rows][:, 0]

    def log_variances(self, rows: Rows) -> Float64[np.ndarray, "m d"]:
        """Of the posteriors of these images, natural logarithm; raises as `means` does."""
        self._encode(rows)
        return np.asarray(self._posteriors)[rows][:, 1]

    def integer_codes(self, rows: Rows) -> Int64[np.ndarray, "m d"] | None:
        """Entries of the code book of these images; None without one. Raises as `means` does."""
        self._encode(rows)
        return None if self._entries is None else self._entries[rows]

    def _encode(self, rows: Rows) -> None:
        wanted = np.unique(rows)
        new = wanted[~self._encoded[wanted]]
        for start in range(0, len(new), BATCH):
            batch = new[start : start + BATCH]
            filled = torch.from_numpy(np.resize(batch, BATCH))
            images: Tensor = self._images[filled].to(self._dtype) / 255
            found = encode(self._encoder, images, probe="", batch_size=BATCH)
            both = torch.stack([found.mean, found.log_variance], dim=1).double().numpy()
            if self._posteriors is None:
                self._posteriors = np.zeros((len(self._encoded), *both.shape[1:]))
            self._posteriors[batch] = both[: len(batch)]
            # Entries of the code book
            with torch.no_grad():
                entries = None if self._integer_codes is None else self._integer_codes(images)
            if entries is None:  # so it is for every other image
                self._integer_codes = None
            else:
                if self._entries is None:
                    self._entries = np.zeros((len(self._encoded), entries.shape[1]), dtype=np.int64)
                self._entries[batch] = entries[: len(batch)].numpy()
            self._encoded[batch] = True


def member_data_from(
    encoded: EncodedImages,
    *,
    count: int,
    factors: KnownFactors | None,
    images: int,
    test: int,
    seed: int,
    all_encoded: int = ALL_ENCODED,
) -> MemberData:
    """Codes and factors of images drawn with replacement, and a sampler of further ones.

    Arguments:
        encoded: the images of the set.
        count: how many there are.
        factors: of the set.
        images: how many to draw, test images included.
        test: how many of them are test images.
        seed: of the draw.
        all_encoded: up to so many images of a set that is no grid are all encoded.
    """
    sampler, row_of = _sampler(encoded, count, factors, seed, all_encoded)
    if sampler is None:
        drawn = Random(seed).randint(count, size=images)
        values = None
    else:
        drawn = sampler.draw(images, Random(seed))
        values = sampler.factors_of(drawn)
    rows = row_of(drawn)
    return MemberData(
        codes=encoded.means(rows),
        factors=values,
        integer_codes=encoded.integer_codes(rows),
        log_variance=encoded.log_variances(rows),
        sampler=sampler,
        test=test,
    )


def _sampler(
    encoded: EncodedImages, count: int, factors: KnownFactors | None, seed: int, most: int
) -> tuple[Sampler | None, Callable[[Rows], Rows]]:
    """What draws images, and the rows of what it draws."""
    if factors is None:
        return None, lambda drawn: drawn
    if factors.row_of is None:
        rows = np.arange(count)
        if count > most:
            rows = np.sort(Random(seed).choice(count, size=most, replace=False))
        return RowSampler(encoded.means(rows), factors.values[rows]), lambda drawn: rows[drawn]
    row_of, sizes = factors.row_of, factors.sizes
    if count <= most:
        return GridSampler.of_table(encoded.means(row_of), sizes=sizes), lambda d: row_of[d]

    def codes(values: npt.NDArray[np.int64]) -> Float64[np.ndarray, "m d"]:
        return encoded.means(row_of[np.ravel_multi_index(tuple(values.T), sizes)])

    return GridSampler(sizes, codes), lambda drawn: row_of[drawn]

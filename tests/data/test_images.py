"""The record of images and factors, and room for many images."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.data.examples import grid_set
from toolkit.data.images import ImageSet, StoredImages, allocate, gather
from toolkit.errors import ToolkitError

BLANK = np.zeros((2, 1, 2, 2), dtype=np.uint8)


def test_the_digest_is_of_images_and_factors_alone() -> None:
    first, twin = grid_set(2, 3), grid_set(2, 3, name="other")
    assert first.digest == twin.digest
    changed = first.images.copy()
    changed[-1, 0, 1, 2] ^= 1
    others = [
        ImageSet(name="x", images=first.images),
        ImageSet(name="x", images=changed),
        ImageSet(name="x", images=first.images.reshape(6, 1, 3, 2)),
        ImageSet(
            name="x",
            images=first.images,
            factors=first.factors[::-1].copy() if first.factors is not None else None,
            factor_names=first.factor_names,
            factor_sizes=first.factor_sizes,
        ),
    ]
    assert len({first.digest, *(other.digest for other in others)}) == 5


def test_the_digest_is_sha256_of_type_shape_and_bytes() -> None:
    image_set = ImageSet(name="blank", images=BLANK)
    assert image_set.digest == hashlib.sha256(b"|u1(2, 1, 2, 2)" + bytes(8)).hexdigest()


def test_a_set_knows_its_length_and_shape() -> None:
    image_set = grid_set(4, 5)
    assert (len(image_set), image_set.image_shape) == (20, (1, 2, 3))


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("images", "factors", "names", "sizes", "sentence"),
    [
        pytest.param(
            BLANK.astype(np.float32), None, (), (),
            "images of x are float32 of shape (2, 1, 2, 2); "
            "they must be uint8 (n, channels, height, width).",
            id="not bytes",
        ),
        pytest.param(
            BLANK[0], None, (), (),
            "images of x are uint8 of shape (1, 2, 2); "
            "they must be uint8 (n, channels, height, width).",
            id="one axis short",
        ),
        pytest.param(
            BLANK[:0], None, (), (), "x holds no image. Give it at least one.", id="empty"
        ),
        pytest.param(
            BLANK, np.zeros((2, 2), dtype=np.int64), ("a",), (1, 1),
            "x has factors of shape (2, 2), 1 factor names and 2 factor sizes; "
            "a column, a name and a size belong to each factor.",
            id="a name short",
        ),
        pytest.param(
            BLANK, None, ("a",), (1,),
            "x has factors of shape None, 1 factor names and 1 factor sizes; "
            "a column, a name and a size belong to each factor.",
            id="names without factors",
        ),
        pytest.param(
            BLANK, np.zeros((2, 2), dtype=np.int64), ("a", "a"), (1, 1),
            "x has two factors of one name: ('a', 'a').",
            id="two of one name",
        ),
        pytest.param(
            BLANK, np.zeros((3, 1), dtype=np.int64), ("a",), (1,),
            "x has 2 images but factors are int64 of shape (3, 1); "
            "they must be int64, a row an image.",
            id="a row too many",
        ),
        pytest.param(
            BLANK, np.zeros((2, 1)), ("a",), (1,),
            "x has 2 images but factors are float64 of shape (2, 1); "
            "they must be int64, a row an image.",
            id="factors with fractions",
        ),
        pytest.param(
            BLANK, np.array([[0], [3]]), ("a",), (3,),
            "factor a of x runs from 0 to 3, but its size is 3: its values must be 0 to 2.",
            id="a value too large",
        ),
        pytest.param(
            BLANK, np.array([[0], [-1]]), ("a",), (3,),
            "factor a of x runs from -1 to 0, but its size is 3: its values must be 0 to 2.",
            id="a value below zero",
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_together_is_refused(
    images: np.ndarray,
    factors: np.ndarray | None,
    names: tuple[str, ...],
    sizes: tuple[int, ...],
    sentence: str,
) -> None:
    with pytest.raises(ToolkitError) as caught:
        ImageSet(name="x", images=images, factors=factors, factor_names=names, factor_sizes=sizes)
    assert str(caught.value) == sentence


def test_large_arrays_lie_in_a_file_and_hold_the_same() -> None:
    large, small = allocate((3, 2, 2), in_memory=11), allocate((3, 2, 2), in_memory=12)
    assert isinstance(large, np.memmap)
    assert not isinstance(small, np.memmap)
    large[...] = small[...] = np.arange(12, dtype=np.uint8).reshape(3, 2, 2)
    np.testing.assert_array_equal(large, small)


def test_gathering_equals_indexing_in_memory_and_in_a_file() -> None:
    images = grid_set(50, 60).images
    indices = np.random.default_rng(0).permutation(3000)
    np.testing.assert_array_equal(gather(images, indices), images[indices])
    in_file = gather(images, indices, in_memory=0)
    assert isinstance(in_file, np.memmap)
    np.testing.assert_array_equal(in_file, images[indices])


def test_stored_images_are_the_bytes_of_the_set(tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 256, size=(30, 3, 4, 5), dtype=np.uint8)
    np.save(tmp_path / "images.npy", images)
    indices = np.random.default_rng(1).permutation(30)[:20]
    stored = StoredImages(np.load(tmp_path / "images.npy", mmap_mode="r"), indices)
    assert (len(stored), stored.shape) == (20, (20, 3, 4, 5))
    whole = torch.from_numpy(images[indices])
    for rows in ([3, 0, 19, 3], list(range(20)), []):
        chosen = torch.tensor(rows, dtype=torch.int64)
        assert torch.equal(stored[chosen], whole[chosen])
    assert stored[torch.arange(2)].dtype == torch.uint8

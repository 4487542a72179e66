"""MNIST and its IDX files."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from tests.data.writers import idx_bytes, random_bytes, write_mnist
from toolkit.data import load
from toolkit.errors import ToolkitError

IMAGES, LABELS = "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
def test_images_and_labels_are_those_of_the_file(tmp_path: Path, name: str, packed: bool) -> None:
    write_mnist(tmp_path, packed=packed)
    image_set = load(name, tmp_path, subset="test", image_size=28)
    np.testing.assert_array_equal(image_set.images[:, 0], random_bytes(12, 28, 28))
    assert image_set.factors is not None
    assert image_set.factors[:, 0].tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]
    assert image_set.factor_sizes == (10,)


def test_all_is_training_then_test(tmp_path: Path) -> None:
    write_mnist(tmp_path, part="train", count=5)
    write_mnist(tmp_path, count=3)
    parts = [load("mnist", tmp_path, subset=part).images for part in ("train", "test", "all")]
    np.testing.assert_array_equal(np.concatenate(parts[:2]), parts[2])
    assert len(load("mnist", tmp_path)) == 5, "the default is the training part"


def test_names_with_dots_are_found(tmp_path: Path) -> None:
    write_mnist(tmp_path, packed=False)
    for file in list(tmp_path.iterdir()):
        file.rename(tmp_path / file.name.replace("-idx", ".idx"))
    assert len(load("mnist", tmp_path, subset="test")) == 12


def test_flat_pictures_stay_flat_when_resized(tmp_path: Path) -> None:
    write_mnist(tmp_path)
    levels = np.arange(12, dtype=np.uint8) * 20
    flat = np.broadcast_to(levels[:, None, None], (12, 28, 28))
    (tmp_path / IMAGES).write_bytes(gzip.compress(idx_bytes(flat)))
    image_set = load("mnist", tmp_path, subset="test")
    np.testing.assert_array_equal(
        image_set.images, np.broadcast_to(levels[:, None, None, None], (12, 1, 32, 32))
    )


def broken(folder: Path, name: str, content: bytes) -> str:
    """What is said when one file holds `content` instead."""
    write_mnist(folder)
    (folder / name).write_bytes(content)
    with pytest.raises(ToolkitError) as caught:
        load("mnist", folder, subset="test")
    return str(caught.value)


def test_a_wrong_magic_number_is_named(tmp_path: Path) -> None:
    said = broken(tmp_path, IMAGES, gzip.compress(idx_bytes(np.zeros(12))))
    assert said == (
        f"{tmp_path}/{IMAGES} begins with 0x00000801; an IDX file of 3-dimensional bytes "
        "begins with 0x00000803. Download it again, "
        "and check that images and labels are not exchanged."
    )


def test_an_empty_file_is_named(tmp_path: Path) -> None:
    said = broken(tmp_path, LABELS, gzip.compress(b""))
    assert said == (
        f"{tmp_path}/{LABELS} begins with too few bytes; an IDX file of 1-dimensional bytes begins "
        "with 0x00000801. Download it again, and check that images and labels are not exchanged."
    )


def test_a_cut_header_is_named(tmp_path: Path) -> None:
    said = broken(tmp_path, IMAGES, gzip.compress(idx_bytes(random_bytes(12, 28, 28))[:9]))
    assert said == f"{tmp_path}/{IMAGES} ends inside its header. Download it again."


def test_a_cut_gzip_is_named(tmp_path: Path) -> None:
    whole = gzip.compress(idx_bytes(random_bytes(12, 28, 28)))
    assert broken(tmp_path, IMAGES, whole[: len(whole) // 2]) == (
        f"{tmp_path}/{IMAGES} is no whole gzip file (Compressed file ended before the "
        "end-of-stream marker was reached): it was cut or damaged on the way. Download it again."
    )


def test_missing_bytes_are_counted(tmp_path: Path) -> None:
    said = broken(tmp_path, IMAGES, gzip.compress(idx_bytes(random_bytes(12, 28, 28))[:-1]))
    assert said == (
        f"{tmp_path}/{IMAGES} announces 12 × 28 × 28 = 9408 bytes and holds 9407. "
        "Download it again."
    )


def test_images_and_labels_of_different_number_are_refused(tmp_path: Path) -> None:
    assert broken(tmp_path, LABELS, gzip.compress(idx_bytes(np.zeros(11)))) == (
        f"{tmp_path}/{IMAGES} holds 12 images but {tmp_path}/{LABELS} 11 labels. "
        "Take both files from one release."
    )


def test_labels_beyond_nine_are_refused(tmp_path: Path) -> None:
    assert broken(tmp_path, LABELS, gzip.compress(idx_bytes(np.full(12, 10)))) == (
        "factor digit of mnist runs from 0 to 10, but its size is 10: its values must be 0 to 9."
    )


def test_a_missing_file_is_named_and_the_other_part_pointed_out(tmp_path: Path) -> None:
    write_mnist(tmp_path)
    with pytest.raises(ToolkitError) as caught:
        load("mnist", tmp_path)
    assert str(caught.value) == (
        f"{tmp_path} holds neither train-images-idx3-ubyte nor train-images-idx3-ubyte.gz. "
        "The files of `subset: test` are there. Put the file there, or change `subset`."
    )


def test_a_folder_in_place_of_a_file_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ToolkitError) as caught:
        load("mnist", tmp_path / "nowhere", subset="test")
    assert str(caught.value) == (
        f"{tmp_path}/nowhere holds neither t10k-images-idx3-ubyte nor t10k-images-idx3-ubyte.gz. "
        "Put the file there, or change `subset`."
    )

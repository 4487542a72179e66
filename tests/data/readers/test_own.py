"""Anybody's own pictures."""

from pathlib import Path

import numpy as np
import pytest

from tests.data import writers
from toolkit.data import load
from toolkit.errors import ToolkitError

PIXELS = writers.random_bytes(6, 10, 10, 3)


def pictures() -> dict[str, np.ndarray]:
    return {f"{'cats' if i % 2 else 'dogs'}/{i}.png": pixels for i, pixels in enumerate(PIXELS)}


@pytest.mark.parametrize("kind", ["folder", "zip", "tar"])
def test_pictures_are_read_in_the_order_of_their_names(tmp_path: Path, kind: str) -> None:
    album = tmp_path / ("own" if kind == "folder" else f"own.{kind}")
    put = {
        "folder": writers.write_pictures, "zip": writers.zip_pictures, "tar": writers.tar_pictures,
    }[kind]  # fmt: skip
    put(album, dict(reversed(pictures().items())))
    image_set = load("folder", album, image_size=0, classes=True)
    np.testing.assert_array_equal(
        image_set.images.transpose(0, 2, 3, 1), PIXELS[[1, 3, 5, 0, 2, 4]]
    )
    assert image_set.factors is not None
    assert image_set.factors[:, 0].tolist() == [0, 0, 0, 1, 1, 1]
    grey = load("folder", album, image_size=8, channels=1, crop=8)
    assert (grey.images.shape, grey.factors) == ((6, 1, 8, 8), None)


def test_hidden_files_and_other_files_are_no_pictures(tmp_path: Path) -> None:
    writers.write_pictures(tmp_path, {"a.png": PIXELS[0], ".b.png": PIXELS[1]})
    (tmp_path / "notes.txt").write_text("no picture")
    assert len(load("folder", tmp_path)) == 1


def test_pictures_of_mixed_size_are_refused_unless_resized(tmp_path: Path) -> None:
    writers.write_pictures(tmp_path, {"a.png": PIXELS[0], "b.png": PIXELS[1, :7]})
    with pytest.raises(ToolkitError) as caught:
        load("folder", tmp_path, image_size=0)
    assert str(caught.value) == (
        f"{tmp_path}/b.png is 10 × 7 pixels, but the pictures before it are 10 × 10. "
        "Set `image_size`."
    )
    assert load("folder", tmp_path, image_size=8).image_shape == (3, 8, 8)


def test_an_empty_folder_and_a_picture_without_class_are_named(tmp_path: Path) -> None:
    with pytest.raises(ToolkitError) as caught:
        load("folder", tmp_path)
    assert str(caught.value) == (
        f"{tmp_path} holds no picture "
        "(.png, .jpg, .jpeg, .bmp, .gif, .tif, .tiff, .webp, .ppm, .pgm)."
    )
    writers.write_pictures(tmp_path, {"a.png": PIXELS[0]})
    with pytest.raises(ToolkitError) as caught:
        load("folder", tmp_path, classes=True)
    assert str(caught.value) == (
        f"{tmp_path}/a.png lies in no folder of a class. "
        "Put every picture into one, or set `classes: false`."
    )


@pytest.mark.parametrize("name", ["../out.png", "/etc/out.png", "a/../../out.png", "..\\out.png"])
@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_names_that_climb_out_of_an_archive_are_refused(
    tmp_path: Path, name: str, kind: str
) -> None:
    album = tmp_path / f"own.{kind}"
    put = writers.zip_pictures if kind == "zip" else writers.tar_pictures
    put(album, {name: PIXELS[0]})
    with pytest.raises(ToolkitError) as caught:
        load("folder", album)
    assert str(caught.value) == (
        f"{album} holds a file named {name!r}, which climbs out of the archive. "
        "Do not use this archive."
    )
    assert [file.name for file in tmp_path.iterdir()] == [album.name]


def test_a_picture_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"no picture")
    with pytest.raises(ToolkitError, match=r"/a\.png is no whole picture \(cannot identify image"):
        load("folder", tmp_path)


def test_a_missing_archive_is_named(tmp_path: Path) -> None:
    with pytest.raises(ToolkitError) as caught:
        load("folder", tmp_path / "own.zip")
    assert str(caught.value) == (
        f"{tmp_path}/own.zip is missing. Put the folder, zip or tar of pictures there."
    )

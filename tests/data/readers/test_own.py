"""Anybody's own pictures and arrays."""

import zipfile
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
    place = tmp_path / ("own" if kind == "folder" else f"own.{kind}")
    put = {
        "folder": writers.write_pictures, "zip": writers.zip_pictures, "tar": writers.tar_pictures,
    }[kind]  # fmt: skip
    put(place, dict(reversed(pictures().items())))
    made = load("folder", place, image_size=0, classes=True)
    np.testing.assert_array_equal(made.images.transpose(0, 2, 3, 1), PIXELS[[1, 3, 5, 0, 2, 4]])
    assert made.factors is not None
    assert made.factors[:, 0].tolist() == [0, 0, 0, 1, 1, 1]
    grey = load("folder", place, image_size=8, channels=1, crop=8)
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
    place = tmp_path / f"own.{kind}"
    put = writers.zip_pictures if kind == "zip" else writers.tar_pictures
    put(place, {name: PIXELS[0]})
    with pytest.raises(ToolkitError) as caught:
        load("folder", place)
    assert str(caught.value) == (
        f"{place} holds a file named {name!r}, which climbs out of the archive. "
        "Do not use this archive."
    )
    assert [file.name for file in tmp_path.iterdir()] == [place.name]


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


@pytest.mark.parametrize("layout", ["nhw", "nhwc", "nchw"])
@pytest.mark.parametrize("binary", [False, True])
def test_arrays_are_read_in_every_layout(tmp_path: Path, layout: str, binary: bool) -> None:
    shape = {"nhw": (6, 10, 9), "nhwc": (6, 10, 9, 3), "nchw": (6, 3, 10, 9)}[layout]
    pixels = writers.random_bytes(*shape)
    given = pixels > 127 if binary else pixels
    np.savez(tmp_path / "own.npz", x=given, y=np.array([0, 1, 2, 0, 1, 2], dtype=np.uint8))
    made = load("npz", tmp_path, images="x", layout=layout, factors="y", factor_names=["kind"])
    shown = np.where(given, 255, 0) if binary else pixels
    ours = {"nhw": made.images[:, 0], "nhwc": made.images.transpose(0, 2, 3, 1)}.get(
        layout, made.images
    )
    np.testing.assert_array_equal(ours, shown)
    assert made.factors is not None
    assert (made.factors[:, 0].tolist(), made.factor_sizes) == ([0, 1, 2, 0, 1, 2], (3,))
    assert made.factor_names == ("kind",)


def test_a_file_is_as_good_as_its_folder_and_factors_need_no_names(tmp_path: Path) -> None:
    path = tmp_path / "own.npz"
    np.savez(path, images=PIXELS, labels=np.arange(12).reshape(6, 2))
    assert load("npz", path).digest == load("npz", tmp_path).digest
    made = load("npz", path, factors="labels")
    assert made.factor_names == ("factor_0", "factor_1")
    assert made.factor_sizes == (11, 12)


@pytest.mark.parametrize(
    ("arrays", "options", "sentence"),
    [
        pytest.param(
            {"images": PIXELS.astype(float)}, {},
            "{0} holds 'images' as float64 of shape (6, 10, 10, 3); the layout 'nhwc' wants "
            "uint8 or bool with 4 axes. Set `layout`, or save the images so.",
            id="fractions",
        ),
        pytest.param(
            {"a": PIXELS, "b": PIXELS}, {},
            "{0} holds no array 'images'; it holds a, b.",
            id="no key",
        ),
        pytest.param(
            {"images": PIXELS, "y": np.zeros(6)}, {"factors": "y"},
            "{0} holds 'y' as float64 of shape (6,); expected whole numbers of shape (6, k), "
            "a row an image.",
            id="factors with fractions",
        ),
        pytest.param(
            {"images": PIXELS, "y": np.zeros(5, dtype=int)}, {"factors": "y"},
            "{0} holds 'y' as int64 of shape (5,); expected whole numbers of shape (6, k), "
            "a row an image.",
            id="a row short",
        ),
        pytest.param(
            {"images": np.array([{}], dtype=object)}, {},
            "{0} holds 'images' as pickled Python objects, which may run code when read. "
            "Save plain numbers, or name another array.",
            id="pickled",
        ),
        pytest.param(
            {"images": np.asfortranarray(PIXELS)}, {},
            "{0} holds 'images' column by column or as a single number. "
            "Save it row by row: numpy.ascontiguousarray.",
            id="column by column",
        ),
    ],
)  # fmt: skip
def test_arrays_that_are_no_images_are_refused(
    tmp_path: Path, arrays: dict[str, np.ndarray], options: dict[str, str], sentence: str
) -> None:
    path = tmp_path / "own.npz"
    np.savez(path, allow_pickle=True, **arrays)
    with pytest.raises(ToolkitError) as caught:
        load("npz", path, **options)
    assert str(caught.value) == sentence.format(path)


def test_a_header_that_promises_too_much_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.npz"
    np.save(tmp_path / "images.npy", PIXELS)
    content = (tmp_path / "images.npy").read_bytes()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("images.npy", content.replace(b"(6, 10, 10, 3)", b"(9, 10, 10, 3)"))
    with pytest.raises(ToolkitError) as caught:
        load("npz", path)
    assert str(caught.value) == (
        f"{path} announces 2700 bytes of 'images' and holds 1800. Download it again."
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("images.npy", content[:6] + b"\x09" + content[7:])
    with pytest.raises(ToolkitError) as caught:
        load("npz", path)
    assert str(caught.value) == (
        f"{path} holds 'images' in an unknown version, (9, 0). Save it again."
    )


def test_several_files_want_one_to_be_named(tmp_path: Path) -> None:
    for name in ("a", "b"):
        np.savez(tmp_path / f"{name}.npz", images=PIXELS)
    with pytest.raises(ToolkitError) as caught:
        load("npz", tmp_path)
    assert str(caught.value) == (
        f"{tmp_path} holds 2 npz files. Name the one that is meant: `raw: {tmp_path}/FILE.npz`."
    )

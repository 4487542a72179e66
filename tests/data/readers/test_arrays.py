"""Anybody's own arrays: formats, layouts, ranges, colours and labels."""

import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from scipy.io import savemat

from tests.data import writers
from toolkit.data import load
from toolkit.data.sampling import FactorIndex
from toolkit.errors import ToolkitError

PIXELS = writers.random_bytes(6, 10, 10, 3)


@pytest.mark.parametrize("layout", ["nhw", "nhwc", "nchw"])
@pytest.mark.parametrize("binary", [False, True])
def test_arrays_are_read_in_every_layout(tmp_path: Path, layout: str, binary: bool) -> None:
    shape = {"nhw": (6, 10, 9), "nhwc": (6, 10, 9, 3), "nchw": (6, 3, 10, 9)}[layout]
    pixels = writers.random_bytes(*shape)
    saved = pixels > 127 if binary else pixels
    np.savez(tmp_path / "own.npz", x=saved, y=np.array([0, 1, 2, 0, 1, 2], dtype=np.uint8))
    image_set = load("npz", tmp_path, images="x", layout=layout, factors="y", factor_names=["kind"])
    shown = np.where(saved, 255, 0) if binary else pixels
    ours = {"nhw": image_set.images[:, 0], "nhwc": image_set.images.transpose(0, 2, 3, 1)}.get(
        layout, image_set.images
    )
    np.testing.assert_array_equal(ours, shown)
    assert image_set.factors is not None
    assert (image_set.factors[:, 0].tolist(), image_set.factor_sizes) == ([0, 1, 2, 0, 1, 2], (3,))
    assert image_set.factor_names == ("kind",)


def test_a_file_is_as_good_as_its_folder_and_factors_need_no_names(tmp_path: Path) -> None:
    path = tmp_path / "own.npz"
    np.savez(path, images=PIXELS, labels=np.arange(12).reshape(6, 2))
    assert load("npz", path).digest == load("npz", tmp_path).digest
    image_set = load("npz", path, factors="labels")
    assert image_set.factor_names == ("factor_0", "factor_1")
    assert image_set.factor_sizes == (6, 6)
    assert image_set.notes == (
        "the values of factor_0, 6 from 0 to 10, are counted from 0 to 5",
        "the values of factor_1, 6 from 1 to 11, are counted from 0 to 5",
    )


@pytest.mark.parametrize(
    ("arrays", "options", "sentence"),
    [
        pytest.param(
            {"images": PIXELS[..., 0]}, {},
            "'images' of {0} has shape (6, 10, 10); the layout 'nhwc' has 4 axes. Set `layout` to "
            "the axes that it has: n images, h rows, w columns, c colours.",
            id="an axis short",
        ),
        pytest.param(
            {"a": PIXELS, "b": PIXELS}, {},
            "{0} holds no array 'images'; it holds a, b.",
            id="no key",
        ),
        pytest.param(
            {"images": PIXELS, "y": np.full(6, 0.5)}, {"factors": "y"},
            "{0} holds 'y' as float64 of shape (6,); expected whole numbers of shape (6, k), "
            "one row per image.",
            id="factors with fractions",
        ),
        pytest.param(
            {"images": PIXELS, "y": np.zeros(5, dtype=int)}, {"factors": "y"},
            "{0} holds 'y' as int64 of shape (5,); expected whole numbers of shape (6, k), "
            "one row per image.",
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
        f"{path} announces 2700 bytes of 'images' and holds 1800. Save it again, or take it away."
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


BYTES = np.arange(6 * 64).reshape(6, 8, 8) % 256
UNKNOWN = ", and does not say which are black and white. Set `value_range: [black, white]`."
TONES: dict[str, tuple[np.ndarray, dict[str, Any], np.ndarray | str]] = {
    "bytes": (BYTES.astype(np.uint8), {}, BYTES),
    "bytes in wide numbers": (BYTES.astype(np.int64), {}, BYTES),
    "0 and 1 in bytes": ((BYTES % 2).astype(np.uint8), {}, BYTES % 2 * 255),
    "0 and 1 in wide numbers": (BYTES % 2, {}, BYTES % 2 * 255),
    "true and false": (BYTES % 2 == 1, {}, BYTES % 2 * 255),
    "fractions": (BYTES / 255, {}, BYTES),
    "half precision": ((BYTES / 255).astype(np.float16), {}, BYTES),
    "16 bits": ((BYTES * 257).astype(np.uint16), {}, BYTES),
    "fractions beyond 1, declared": (BYTES / 127.5 - 1, {"value_range": [-1, 1]}, BYTES),
    "12 bits in 16, declared": (
        np.rint(BYTES * 4095 / 255).astype(np.uint16), {"value_range": [0, 4095]}, BYTES,
    ),
    "fractions beyond 1": (
        BYTES / 127.5 - 1, {}, "{0} holds fractions from -1 to 1" + UNKNOWN,
    ),
    "wide numbers": (BYTES * 1000, {}, "{0} holds whole numbers from 0 to 255000" + UNKNOWN),
    "negative numbers": (BYTES - 5, {}, "{0} holds whole numbers from -5 to 250" + UNKNOWN),
    "12 bits in 16": (
        (BYTES * 16).astype(np.uint16), {},
        "{0} has 16 bits per pixel but no value above 4080 of 65535, as when a camera with fewer "
        "bits wrote it. Set `value_range: [0, 4095]` if that is black and white, or "
        "`value_range: [0, 65535]` to take it as it is.",
    ),
    "outside the declared range": (
        BYTES / 255, {"value_range": [0, 0.5]},
        "{0} holds values from 0 to 1, outside the range 0 to 0.5. "
        "Set `value_range: [black, white]` to values that hold them all.",
    ),
    "a range turned round": (
        BYTES / 255, {"value_range": [1, 0]},
        "`value_range` is [1, 0]; the second value (white) must be above the first (black).",
    ),
    "not finite": (
        np.where(BYTES == 9, np.nan, BYTES / 255), {},
        "{0} holds numbers that are not finite. Replace them before saving.",
    ),
    "complex": (BYTES + 1j, {}, "{0} is complex128, not an array of numbers. Save plain numbers."),
}  # fmt: skip


@pytest.mark.parametrize("name", TONES)
def test_black_and_white_are_known_declared_or_asked_for(tmp_path: Path, name: str) -> None:
    array, options, expected = TONES[name]
    path = tmp_path / "own.npz"
    np.savez(path, images=array)
    if isinstance(expected, str):
        with pytest.raises(ToolkitError) as caught:
            load("npz", path, layout="nhw", **options)
        assert str(caught.value) == expected.format(f"'images' of {path}")
        return
    image_set = load("npz", path, layout="nhw", **options)
    np.testing.assert_array_equal(image_set.images[:, 0], expected)
    assert (image_set.notes != ()) == ("0 and 1" in name)


@pytest.mark.parametrize(
    ("shape", "options", "advice"),
    [
        ((5, 3, 32, 32), {}, "Set `layout: nchw`, which makes it 3."),
        ((5, 32, 32, 1), {"layout": "nchw"}, "Set `layout: nhwc`, which makes it 1."),
        ((5, 32, 32, 4), {}, "Save 1 (grey) or 3 (red, green, blue), without transparency; or set "
         "`colours: 4` to train on all of them."),
        ((5, 32, 32, 2), {}, "Save 1 (grey) or 3 (red, green, blue), without transparency; or set "
         "`colours: 2` to train on all of them."),
    ],
)  # fmt: skip
def test_unusual_numbers_of_colours_are_asked_for(
    tmp_path: Path, shape: tuple[int, ...], options: dict[str, Any], advice: str
) -> None:
    path = tmp_path / "own.npz"
    np.savez(path, images=writers.random_bytes(*shape))
    with pytest.raises(ToolkitError) as caught:
        load("npz", path, **options)
    assert str(caught.value).endswith(advice)
    colours = shape[-1]
    if colours in (2, 4):
        assert load("npz", path, colours=colours).image_shape == (colours, 32, 32)


@pytest.mark.parametrize("kind", ["npz", "npy", "hdf5", "mat"])
@pytest.mark.parametrize("layout", ["nhwc", "nchw", "ncwh", "hwcn"])
def test_every_format_gives_the_same_images_in_every_layout(
    tmp_path: Path, kind: str, layout: str
) -> None:
    images = PIXELS.transpose(["nhwc".index(axis) for axis in layout])
    path = tmp_path / {"npz": "x.npz", "npy": "x.npy", "hdf5": "x.h5", "mat": "x.mat"}[kind]
    if kind == "npz":
        np.savez(path, images=np.ascontiguousarray(images))
    elif kind == "npy":
        np.save(path, images)
    elif kind == "mat":
        savemat(path, {"images": images})
    else:
        with h5py.File(path, "w") as file:
            file["images"] = images
    image_set = load(kind, path, layout=layout)
    np.testing.assert_array_equal(image_set.images, PIXELS.transpose(0, 3, 1, 2))
    assert load(kind, tmp_path, layout=layout).digest == image_set.digest


@pytest.mark.parametrize(
    ("labels", "expected", "noted"),
    [
        ([0, 1, 2, 0, 1, 2], [0, 1, 2, 0, 1, 2], False),
        ([1, 2, 3, 1, 2, 3], [0, 1, 2, 0, 1, 2], True),
        ([0, 7, 9, 0, 7, 9], [0, 1, 2, 0, 1, 2], True),
        ([10**12, 0, -5, 0, 0, 0], [2, 1, 0, 1, 1, 1], True),
        ([1.0, 2.0, 1.0, 2.0, 1.0, 2.0], [0, 1, 0, 1, 0, 1], True),
    ],
)
def test_labels_are_counted_from_0_without_gaps(
    tmp_path: Path, labels: list[float], expected: list[int], noted: bool
) -> None:
    np.savez(tmp_path / "own.npz", images=PIXELS, y=np.array(labels))
    image_set = load("npz", tmp_path, factors="y")
    assert image_set.factors is not None
    assert image_set.factors[:, 0].tolist() == expected
    assert image_set.factor_sizes == (len({*expected}),)
    assert (image_set.notes != ()) == noted


def test_more_factors_than_numpy_has_axes_find_their_images(tmp_path: Path) -> None:
    table = np.random.default_rng(0).integers(0, 6, size=(6, 80))
    np.savez(tmp_path / "own.npz", images=PIXELS, y=table)
    image_set = load("npz", tmp_path, factors="y")
    assert image_set.factors is not None
    found = FactorIndex(image_set).find(image_set.factors, generator=np.random.default_rng(0))
    assert found.tolist() == list(range(6))


def test_a_matlab_file_of_version_7_3_is_read_as_hdf5(tmp_path: Path) -> None:
    path = tmp_path / "own.mat"
    with h5py.File(path, "w", userblock_size=512) as file:
        file["images"] = PIXELS
    header = b"MATLAB 7.3 MAT-file".ljust(124, b" ") + b"\x00\x02IM"
    path.write_bytes(header.ljust(512, b"\x00") + path.read_bytes()[512:])
    with pytest.raises(ToolkitError) as caught:
        load("mat", path)
    assert str(caught.value) == (
        f"{path} is a MATLAB file of version 7.3, which is HDF5 with its axes in reverse. "
        "Set `source: hdf5` and turn `layout` round: hwcn becomes ncwh."
    )
    assert len(load("hdf5", path)) == 6


def test_a_key_that_is_not_there_is_answered_with_those_that_are(tmp_path: Path) -> None:
    savemat(tmp_path / "own.mat", {"X": PIXELS})
    with pytest.raises(ToolkitError) as caught:
        load("mat", tmp_path)
    assert str(caught.value) == f"{tmp_path}/own.mat holds no array 'images'; it holds X."
    savemat(tmp_path / "own.mat", {"images": np.array(["a", "b"])})
    with pytest.raises(ToolkitError, match="holds 'images' as something else than an array"):
        load("mat", tmp_path)
    np.save(tmp_path / "own.npy", np.float64(3))
    with pytest.raises(ToolkitError, match="holds a single number, not an array of images"):
        load("npy", tmp_path)

"""Pictures of every mode, depth, transparency, orientation and number of frames."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.data import writers
from toolkit.data import load
from toolkit.errors import ToolkitError

RAMP = np.tile(np.arange(0, 256, 8, dtype=np.uint8), (32, 1))  # 32 × 32, dark left, bright right
SECOND = RAMP.T
DEEP = RAMP.astype(np.uint16) * 257
ROTATED = 6  # EXIF: turn the stored pixels by 90 degrees clockwise to see them upright


def content(picture: Image.Image, form: str, **more: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, form, **more)
    return file.getvalue()


def transparent(mode: str) -> Image.Image:
    """Left half opaque and dark, right half transparent."""
    picture = Image.new("RGBA", (32, 32), (0, 0, 0, 0))
    picture.paste((30, 30, 30, 255), (0, 0, 16, 32))
    if mode == "P":
        palette = Image.new("P", (32, 32), 1)
        palette.putpalette([30, 30, 30, 0, 0, 0])
        palette.paste(0, (0, 0, 16, 32))
        palette.info["transparency"] = 1
        return palette
    return picture.convert(mode)


GREY = Image.fromarray(RAMP)
HALVES = np.hstack([np.full((32, 16), 30), np.full((32, 16), 255)]).astype(np.uint8)
EXACT: dict[str, tuple[bytes, np.ndarray]] = {
    "L.png": (content(GREY, "PNG"), RAMP),
    "1.png": (content(Image.fromarray(RAMP > 127), "PNG"), np.where(RAMP > 127, 255, 0)),
    "P.png": (content(GREY.convert("P"), "PNG"), RAMP),
    "RGB.png": (content(GREY.convert("RGB"), "PNG"), RAMP),
    "LA.png": (content(transparent("LA"), "PNG"), HALVES),
    "RGBA.png": (content(transparent("RGBA"), "PNG"), HALVES),
    "P transparent.png": (content(transparent("P"), "PNG", transparency=1), HALVES),
    "RGBA.webp": (content(transparent("RGBA"), "WEBP", lossless=True), HALVES),
    "RGBA.tif": (content(transparent("RGBA"), "TIFF"), HALVES),
    "16 bits.png": (content(Image.fromarray(DEEP), "PNG"), RAMP),
    "16 bits.tif": (content(Image.fromarray(DEEP), "TIFF"), RAMP),
    "one frame.gif": (content(GREY, "GIF"), RAMP),
    "CMYK.tif": (content(GREY.convert("RGB").convert("CMYK"), "TIFF"), RAMP),
    "upright.png": (content(GREY, "PNG"), RAMP),
}


def write(folder: Path, *files: tuple[str, bytes]) -> None:
    for name, data in files:
        (folder / name).write_bytes(data)


@pytest.mark.parametrize("name", EXACT)
def test_every_kind_of_pixel_is_decoded_to_the_same_bytes(tmp_path: Path, name: str) -> None:
    data, expected = EXACT[name]
    write(tmp_path, (name, data))
    for channels in (1, 3):
        (image,) = load("folder", tmp_path, image_size=0, channels=channels).images
        for plane in image:
            np.testing.assert_array_equal(plane, expected)


def test_a_photograph_lies_as_its_camera_was_held(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = ROTATED
    stored = Image.fromarray(np.rot90(RAMP))  # turned once more clockwise it is the ramp
    write(tmp_path, ("a.png", content(stored, "PNG", exif=exif)))
    (image,) = load("folder", tmp_path, image_size=0, channels=1).images
    np.testing.assert_array_equal(image[0], RAMP)


def test_what_shows_through_is_declared(tmp_path: Path) -> None:
    write(tmp_path, ("a.png", content(transparent("RGBA"), "PNG")))
    (image,) = load("folder", tmp_path, image_size=0, ground=[200, 100, 0]).images
    assert image[:, 0, -1].tolist() == [200, 100, 0]
    assert image[:, 0, 0].tolist() == [30, 30, 30]


WIDE = np.linspace(-1, 1, 32 * 32, dtype=np.float32).reshape(32, 32)
DECLARED: dict[str, tuple[np.ndarray, list[float]]] = {
    "float.tif": (WIDE, [-1, 1]),
    "int32.tif": (RAMP.astype(np.int32) * 1000, [0, 255_000]),
    "12 bits.tif": (RAMP.astype(np.uint16) * 16, [0, 4095]),
    "12 bits.png": (RAMP.astype(np.uint16) * 16, [0, 4095]),
}


@pytest.mark.parametrize("name", DECLARED)
def test_a_range_that_is_not_known_is_asked_for_and_never_clipped(
    tmp_path: Path, name: str
) -> None:
    values, value_range = DECLARED[name]
    form = "PNG" if name.endswith("png") else "TIFF"
    write(tmp_path, (name, content(Image.fromarray(values), form)))
    with pytest.raises(ToolkitError, match=r"Set `value_range: \["):
        load("folder", tmp_path, image_size=0, channels=1)
    (image,) = load("folder", tmp_path, image_size=0, channels=1, value_range=value_range).images
    low, high = value_range
    expected = np.rint((values.astype(float) - low) * 255 / (high - low))
    np.testing.assert_array_equal(image[0], expected)
    half = [low, (low + high) / 2.5]
    with pytest.raises(ToolkitError, match="outside the range"):
        load("folder", tmp_path, image_size=0, channels=1, value_range=half)


def test_fractions_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    values = WIDE.copy()
    values[3, 3] = np.nan
    write(tmp_path, ("a.tif", content(Image.fromarray(values), "TIFF")))
    with pytest.raises(ToolkitError, match="outside the range"):
        load("folder", tmp_path, value_range=[-1, 1])


@pytest.mark.parametrize(("name", "form"), [("a.gif", "GIF"), ("a.tif", "TIFF"), ("a.png", "PNG")])
def test_several_frames_are_asked_about(tmp_path: Path, name: str, form: str) -> None:
    frames = {"save_all": True, "append_images": [Image.fromarray(np.ascontiguousarray(SECOND))]}
    write(tmp_path, (name, content(GREY, form, **frames)))
    with pytest.raises(ToolkitError) as caught:
        load("folder", tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}/{name} holds 2 frames, and one picture per file is read. "
        "Save its frames as files, or set `first_frame: true`."
    )
    (image,) = load("folder", tmp_path, image_size=0, channels=1, first_frame=True).images
    np.testing.assert_array_equal(image[0], RAMP)


def test_a_cut_larger_than_the_picture_is_refused(tmp_path: Path) -> None:
    write(tmp_path, ("a.png", content(GREY, "PNG")))
    with pytest.raises(ToolkitError) as caught:
        load("folder", tmp_path, crop=40)
    assert str(caught.value) == (
        f"{tmp_path}/a.png has 32 × 32 pixels, too few to cut 40 × 40 from. "
        "Set a smaller `crop`, or 0."
    )


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".gif", ".tif", ".webp", ".bmp", ".ppm"])
def test_no_sentence_holds_an_address_in_memory_or_advises_a_download(
    tmp_path: Path, suffix: str
) -> None:
    write(tmp_path, (f"a{suffix}", b"no picture at all"))
    with pytest.raises(ToolkitError) as caught:
        load("folder", tmp_path)
    assert "0x" not in str(caught.value)
    assert str(caught.value).endswith("Save it again, or take it away.")


def test_linked_folders_of_classes_count(tmp_path: Path) -> None:
    elsewhere, linked = tmp_path / "elsewhere", tmp_path / "linked"
    write_class(elsewhere / "cat", 3)
    write_class(linked / "dog", 2)
    (linked / "cat").symlink_to(elsewhere / "cat")
    image_set = load("folder", linked, classes=True)
    assert image_set.factors is not None
    assert image_set.factors[:, 0].tolist() == [0, 0, 0, 1, 1]
    (linked / "dog" / "again").symlink_to(linked)
    with pytest.raises(ToolkitError) as caught:
        load("folder", linked, classes=True)
    assert str(caught.value) == (
        f"{linked}/dog/again is a link to a folder that holds it, so its pictures have no end. "
        "Take the link away."
    )


def write_class(folder: Path, count: int) -> None:
    named = {f"{i}.png": writers.random_bytes(8, 8, 3, seed=i) for i in range(count)}
    writers.write_pictures(folder, named)


def test_a_folder_above_all_classes_is_passed_over(tmp_path: Path) -> None:
    named = {f"photos/{kind}/{i}.png": RAMP for kind in ("cat", "dog") for i in range(2)}
    for path in (tmp_path / "own.zip", tmp_path / "own.tar"):
        (writers.zip_pictures if path.suffix == ".zip" else writers.tar_pictures)(path, named)
        image_set = load("folder", path, classes=True)
        assert image_set.factor_sizes == (2,)
    writers.zip_pictures(tmp_path / "one.zip", {"cat/0.png": RAMP, "cat/1.png": RAMP})
    with pytest.raises(ToolkitError) as caught:
        load("folder", tmp_path / "one.zip", classes=True)
    assert str(caught.value) == (
        f"all pictures of {tmp_path}/one.zip lie in one folder, cat, and one class tells nothing. "
        "Put every picture into one, or set `classes: false`."
    )


def test_files_that_are_left_out_are_counted_and_named(tmp_path: Path) -> None:
    write(tmp_path, ("a.png", content(GREY, "PNG")), (".b.png", b""), ("notes.txt", b""))
    assert load("folder", tmp_path).notes == ("2 files left out as no picture: .b.png, notes.txt",)
    for number in range(6):
        write(tmp_path, (f"c{number}.raw", b""))
    (note,) = load("folder", tmp_path).notes
    assert note == "8 files left out as no picture: .b.png, c0.raw, c1.raw, c2.raw, c3.raw, ..."

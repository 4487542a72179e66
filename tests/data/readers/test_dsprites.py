"""dSprites from both of its files, and its variants."""

from pathlib import Path
from typing import Literal

import numpy as np
import pytest
import seaborn
from PIL import Image

from tests.data import writers
from tests.data.writers import SMALL, SMALL_SIZES
from toolkit.data.images import ImageSet
from toolkit.data.readers import dsprites, dsprites_imagenet, dsprites_variants
from toolkit.data.readers.dsprites_variants import BACKGROUNDS, OBJECTS, VariantOptions
from toolkit.errors import ToolkitError

NAMES = [name for name, _ in SMALL]
WHOLE = dsprites.DspritesOptions()


def read(folder: Path, options: dsprites.DspritesOptions = WHOLE) -> ImageSet:
    return dsprites.load_dsprites(folder, options, name="dsprites", shown=NAMES, factors=SMALL)


def variant(name: str, folder: Path, **settings: int) -> ImageSet:
    options = VariantOptions(**settings)
    return dsprites_variants.load_variant(folder, options, name=name, factors=SMALL)


@pytest.mark.parametrize("on", [1, 255])
def test_the_npz_file_gives_black_and_white_and_nothing_is_unpickled(
    tmp_path: Path, on: int
) -> None:
    writers.write_dsprites_npz(tmp_path, on=on)
    image_set = read(tmp_path)
    masks, classes = writers.sprite_arrays()
    np.testing.assert_array_equal(image_set.images[:, 0], masks * 255)
    np.testing.assert_array_equal(image_set.factors, classes[:, 1:])
    assert not (tmp_path / "unpickled").exists()


def test_the_poison_would_have_worked(tmp_path: Path) -> None:
    path = writers.write_dsprites_npz(tmp_path)
    with np.load(path, allow_pickle=True) as held:
        held["metadata"].item()["author"].close()
    assert (tmp_path / "unpickled").exists()


def test_both_files_hold_the_same(tmp_path: Path) -> None:
    writers.write_dsprites_npz(tmp_path / "one")
    writers.write_dsprites_hdf5(tmp_path / "other")
    assert read(tmp_path / "one").digest == read(tmp_path / "other").digest


def test_a_selection_reads_these_images_only(tmp_path: Path) -> None:
    writers.write_dsprites_npz(tmp_path)
    options = dsprites.DspritesOptions(limit=10, limit_seed=4)
    part, indices = read(tmp_path, options), options.indices(48)
    np.testing.assert_array_equal(part.images, read(tmp_path).images[indices])


def test_without_shape_the_images_are_the_same(tmp_path: Path) -> None:
    writers.write_dsprites_npz(tmp_path)
    image_set = dsprites.load_dsprites(
        tmp_path, WHOLE, name="dsprites_noshape", shown=NAMES[1:], factors=SMALL
    )
    assert image_set.factor_names == ("scale", "orientation", "position_x", "position_y")
    np.testing.assert_array_equal(image_set.images, read(tmp_path).images)


@pytest.mark.parametrize("name", ["dsprites_color", "dsprites_noisy", "dsprites_scream"])
def test_variants_are_a_function_of_seed_and_index(tmp_path: Path, name: str) -> None:
    writers.write_dsprites_npz(tmp_path)
    Image.fromarray(writers.random_bytes(140, 100, 3)).save(tmp_path / "scream.jpg")
    whole, other = variant(name, tmp_path), variant(name, tmp_path, seed=1)
    part = variant(name, tmp_path, limit=7)
    indices = VariantOptions(limit=7).indices(48)
    np.testing.assert_array_equal(part.images, whole.images[indices])
    assert whole.digest != other.digest
    assert whole.image_shape == (3, 64, 64)


def test_colours_are_flat_and_bright(tmp_path: Path) -> None:
    writers.write_dsprites_npz(tmp_path)
    image_set, masks = variant("dsprites_color", tmp_path), read(tmp_path).images[:, 0] > 0
    for image, mask in zip(image_set.images, masks, strict=True):
        assert not image[:, ~mask].any()
        assert (image[:, mask] == image[:, mask][:, :1]).all()
        assert image[:, mask].min() >= 127


def test_noise_lies_behind_white_sprites(tmp_path: Path) -> None:
    writers.write_dsprites_npz(tmp_path)
    image_set, masks = variant("dsprites_noisy", tmp_path), read(tmp_path).images > 0
    inside = np.broadcast_to(masks, image_set.images.shape)
    assert (image_set.images[inside] == 255).all()
    assert image_set.images[~inside].mean() == pytest.approx(127.5, abs=0.5)
    assert image_set.images[~inside].std() == pytest.approx(256 / 12**0.5, abs=0.5)


def test_the_scream_shows_its_negative_in_the_sprite(tmp_path: Path) -> None:
    writers.write_dsprites_npz(tmp_path)
    Image.new("RGB", (400, 300), (200, 100, 0)).save(tmp_path / "scream.png")
    image_set, masks = variant("dsprites_scream", tmp_path), read(tmp_path).images[:, 0] > 0
    for image, mask in zip(image_set.images, masks, strict=True):
        behind, inside = image[:, ~mask][:, 0].astype(int), image[:, mask][:, 0]
        assert (behind + inside == 255).all()
        assert (np.abs(2 * behind - [200, 100, 0] - 127.5) <= 129).all()
        assert (behind == image[:, ~mask].T).all()


def test_abstract_sprites_have_the_colours_of_their_factors(tmp_path: Path) -> None:
    writers.write_dsprites_npz(tmp_path)
    image_set = dsprites_variants.load_abstract(tmp_path, VariantOptions(), factors=SMALL)
    assert image_set.factor_names == (
        "background", "object_color", "shape", "scale", "position_x", "position_y",
    )  # fmt: skip
    assert len(image_set) == 5 * 6 * 3 * 2 * 2 * 2
    masks = read(tmp_path).images[:, 0] > 0
    assert image_set.factors is not None
    turns = set()
    for image, row in zip(image_set.images, image_set.factors.tolist(), strict=True):
        ground, ink = BACKGROUNDS[row[0]], OBJECTS[row[1]]
        drawn = (image == ink[:, None, None]).all(axis=0)
        assert (image[:, ~drawn] == ground).all()
        both = [
            np.array_equal(
                drawn, masks[np.ravel_multi_index((*row[2:4], t, *row[4:]), SMALL_SIZES)]
            )
            for t in (0, 1)
        ]
        assert any(both)
        turns.add(both.index(True))
    assert turns == {0, 1}


def test_the_six_colours_are_evenly_spaced_hues_of_one_lightness() -> None:
    palette = np.rint(np.array(seaborn.husl_palette(6, h=0.1, s=0.7, l=0.7)) * 255)
    np.testing.assert_allclose(OBJECTS, palette, atol=1)


def write_imagenet(folder: Path, count: int) -> list[np.ndarray]:
    pictures = [writers.random_bytes(64, 64, 3, seed=i) for i in range(count)]
    named = {
        f"tiny-imagenet-200/train/n{i // 2:08d}/images/n_{i}.JPEG": picture
        for i, picture in enumerate(pictures)
    }
    writers.zip_pictures(folder / "tiny-imagenet-200.zip", {
        **named, "tiny-imagenet-200/val/images/val_0.JPEG": pictures[0],
    })  # fmt: skip
    return pictures


@pytest.mark.parametrize("where", ["background", "foreground"])
@pytest.mark.parametrize("visibility", [0, 25, 100])
def test_imagenet_shows_where_it_shall(
    tmp_path: Path, where: Literal["background", "foreground"], visibility: int
) -> None:
    writers.write_dsprites_npz(tmp_path)
    pictures = write_imagenet(tmp_path, 6)
    options = dsprites_imagenet.ImagenetOptions(where=where, visibility=visibility)
    image_set = dsprites_imagenet.load_imagenet(tmp_path, options, factors=SMALL, count=6)
    masks = read(tmp_path).images[:, 0] > 0
    order = np.random.Generator(np.random.PCG64(42)).choice(6, size=48, replace=True)
    for image, mask, which in zip(image_set.images, masks, order, strict=True):
        picture = pictures[which].transpose(2, 0, 1).astype(float)
        share = visibility / 100
        if where == "background":
            expected = np.where(mask, 255, np.floor(share * picture))
        else:
            expected = np.where(mask, np.floor(share * picture + (1 - share) * 255), 0)
        np.testing.assert_allclose(image, expected, atol=1e-6)


def test_too_few_pictures_are_refused(tmp_path: Path) -> None:
    writers.write_dsprites_npz(tmp_path)
    write_imagenet(tmp_path, 5)
    with pytest.raises(ToolkitError) as caught:
        dsprites_imagenet.load_imagenet(
            tmp_path, dsprites_imagenet.ImagenetOptions(), factors=SMALL, count=6
        )
    assert str(caught.value) == (
        f"{tmp_path}/tiny-imagenet-200.zip holds 5 training pictures; Tiny-ImageNet has 6. "
        "Download it again from http://cs231n.stanford.edu/tiny-imagenet-200.zip"
    )


def test_the_wrong_number_of_images_is_refused(tmp_path: Path) -> None:
    path = writers.write_dsprites_npz(tmp_path)
    with pytest.raises(ToolkitError) as caught:
        dsprites.open_masks(tmp_path)
    assert str(caught.value) == (
        f"{path} holds images of uint8 and shape (48, 64, 64); "
        "dSprites has uint8 of shape (737280, 64, 64)."
    )


def test_images_and_factors_that_disagree_are_refused(tmp_path: Path) -> None:
    path = writers.write_dsprites_npz(tmp_path)
    masks, classes = writers.sprite_arrays()
    np.savez(path, imgs=masks, latents_classes=classes[::-1])
    with pytest.raises(ToolkitError) as caught:
        read(tmp_path)
    assert str(caught.value) == (
        f"{path} numbers its images otherwise than dSprites does: images and factors disagree. "
        "Download it again."
    )


def test_grey_pixels_are_refused(tmp_path: Path) -> None:
    path = writers.write_dsprites_npz(tmp_path)
    masks, classes = writers.sprite_arrays()
    masks[40, 3, 3] = 7
    np.savez(path, imgs=masks, latents_classes=classes)
    with pytest.raises(ToolkitError) as caught:
        read(tmp_path)
    assert str(caught.value) == (
        f"{path} holds grey pixels, but dSprites is black and white. Download it again."
    )


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ToolkitError) as caught:
        read(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path} holds no {dsprites.STEM}.npz and no {dsprites.STEM}.hdf5. "
        "Put it there; it comes from https://github.com/deepmind/dsprites-dataset"
    )

"""The images that every member answers."""

import numpy as np
import pytest

from tests.data.examples import grid_set
from toolkit.data.images import ImageSet
from toolkit.data.probe import draw_balanced_probe, draw_probe, probe_at
from toolkit.errors import ToolkitError


def test_no_image_is_drawn_twice_and_the_seed_alone_decides() -> None:
    image_set = grid_set(20, 25)
    first, twin, other = (draw_probe(image_set, size=100, seed=seed) for seed in (5, 5, 6))
    assert len(first) == len(set(first.indices.tolist())) == 100
    assert (first.digest, first.indices.tolist()) == (twin.digest, twin.indices.tolist())
    assert first.digest != other.digest


def test_the_digest_is_of_the_images_wherever_they_lie() -> None:
    image_set = grid_set(4, 5)
    probe = draw_probe(image_set, size=7, seed=0)
    elsewhere = ImageSet(name="part", images=image_set.images[probe.indices])
    assert probe_at(elsewhere, np.arange(7)).digest == probe.digest
    changed = elsewhere.images.copy()
    changed[3, 0, 0, 0] ^= 1
    assert probe_at(ImageSet(name="part", images=changed), np.arange(7)).digest != probe.digest


def test_the_whole_set_can_be_the_probe() -> None:
    assert draw_probe(grid_set(4, 5), size=20, seed=0).indices.tolist() == list(range(20))


@pytest.mark.parametrize("size", [0, 21])
def test_a_probe_larger_than_the_data_is_refused(size: int) -> None:
    with pytest.raises(ToolkitError) as caught:
        draw_probe(grid_set(4, 5), size=size, seed=0)
    assert str(caught.value) == (
        f"a probe set of {size} images was asked of grid, which has 20. "
        "Set `probe.size` in params.yaml to 1 up to 20."
    )


def test_a_balanced_probe_shows_every_value_alike() -> None:
    image_set = grid_set(3, 40)
    probe = draw_balanced_probe(image_set, size=31, seed=2, over="a")
    assert image_set.factors is not None
    shown = np.bincount(image_set.factors[probe.indices, 0])
    assert sorted(shown.tolist()) == [10, 10, 11]
    assert len(set(probe.indices.tolist())) == 31
    twin = draw_balanced_probe(image_set, size=31, seed=2, over="a")
    assert twin.digest == probe.digest
    assert draw_balanced_probe(image_set, size=31, seed=3, over="a").digest != probe.digest


def test_a_balance_that_the_data_cannot_give_is_refused() -> None:
    with pytest.raises(ToolkitError) as caught:
        draw_balanced_probe(grid_set(2, 3), size=8, seed=0, over="a")
    value = str(caught.value).split("a = ")[1][0]
    assert str(caught.value) == (
        "a probe set of 8 images, balanced over a, wants 4 images of "
        f"a = {value}, but grid has 3. Change `probe.size`."
    )

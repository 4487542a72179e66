"""The look at a data set that was made."""

import numpy as np
import pytest

from tests.data import writers
from toolkit.data import ImageSet
from toolkit.data.images import BLOCK
from toolkit.data.summary import summarise
from toolkit.errors import ToolkitError


def test_a_summary_counts_what_a_person_would_look_at() -> None:
    images = writers.random_bytes(BLOCK + 5, 1, 4, 4)
    images[-3:] = images[0]
    factors = np.arange(len(images))[:, None] % 7
    summary = summarise(
        ImageSet(
            name="own",
            images=images,
            factors=factors,
            factor_names=("kind",),
            factor_sizes=(7,),
            notes=("2 files left out",),
        )
    )
    assert summary.distinct == len(np.unique(images.reshape(len(images), -1), axis=0))
    assert (summary.low, summary.high) == (images.min(), images.max())
    assert str(summary).splitlines()[1:] == ["factors kind 7", "2 files left out"]


@pytest.mark.parametrize(("value", "more"), [(0, ", every pixel 0"), (None, "")])
def test_a_constant_set_is_refused(value: int | None, more: str) -> None:
    image = writers.random_bytes(1, 1, 4, 4) if value is None else np.zeros((1, 1, 4, 4), np.uint8)
    with pytest.raises(ToolkitError) as caught:
        summarise(ImageSet(name="own", images=image.repeat(9, axis=0)))
    assert str(caught.value) == (
        f"all 9 images of own are the same{more}, so there is nothing to learn from them. "
        "Look at the files, and at the options of the data set."
    )


def test_a_single_image_is_no_constant_set() -> None:
    assert summarise(ImageSet(name="own", images=writers.random_bytes(1, 1, 4, 4))).distinct == 1

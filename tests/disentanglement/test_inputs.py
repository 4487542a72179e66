import numpy as np
import pytest

from toolkit.disentanglement import GridSampler, RowSampler, ScoreResult
from toolkit.disentanglement.inputs import as_codes, gaps, label
from toolkit.disentanglement.sampler import Random
from toolkit.errors import ToolkitError

GRID = np.stack(np.meshgrid(range(3), range(4), indexing="ij"), axis=-1).reshape(-1, 2)


@pytest.mark.parametrize(
    ("codes", "factors", "sentence"),
    [
        pytest.param(
            np.zeros(3),
            np.zeros((3, 1)),
            "codes have the shape (3,); scores need a row per image and a column per channel, at "
            "least one. Stack them as (images, channels).",
            id="not a table",
        ),
        pytest.param(
            np.zeros((1, 1)),
            np.zeros((1, 1)),
            "codes of 1 images were given; this score needs at least 2. Encode more images.",
            id="one image",
        ),
        pytest.param(
            np.array([[0.0], [np.nan]]),
            np.zeros((2, 1)),
            "codes hold numbers that are not finite: the member diverged. Lower its learning rate, "
            "or leave it out.",
            id="not finite",
        ),
        pytest.param(
            np.zeros((3, 1)),
            np.zeros((2, 1)),
            "codes are (3, 1) but factors (2, 1); both need a row per image. Pass the factors of "
            "the very images that were encoded.",
            id="other images",
        ),
        pytest.param(
            np.zeros((2, 1)),
            np.array([[0.5], [1.0]]),
            "factors hold numbers that are not whole; scores need the index of each value. Number "
            "the values of every factor from 0.",
            id="not whole",
        ),
        pytest.param(
            np.zeros((2, 1)),
            np.ones((2, 2)),
            "none of the 2 factors takes more than one value on these images, so there is nothing "
            "to score. Choose images in which a factor varies.",
            id="nothing varies",
        ),
    ],
)
def test_bad_input_is_refused(
    codes: np.ndarray, factors: np.ndarray, sentence: str, unchecked: None
) -> None:
    with pytest.raises(ToolkitError) as caught:
        label(codes, factors)
    assert str(caught.value) == sentence


def test_values_are_numbered_and_still_factors_left_out() -> None:
    data = label(np.zeros((3, 1)), np.array([[5, 1, 9], [7, 1, 2], [5, 1, 2]]))
    assert data.factors.tolist() == [[0, 1], [1, 0], [0, 0]]
    assert data.kept == (0, 2)
    assert data.sizes == (2, 2)
    assert data.notes == ("factor 1 takes one value only and is left out",)


def test_codes_keep_symbols_apart_from_numbers() -> None:
    assert as_codes(np.zeros((2, 1), dtype=np.float32)).dtype == np.float64
    assert as_codes(np.zeros((2, 1), dtype=np.uint8)).dtype == np.int64


def test_the_gap_of_one_row_is_the_row() -> None:
    assert gaps(np.array([[0.3, 0.0]])).tolist() == [0.3, 0.0]


@pytest.mark.parametrize("part", ["values", "detail"])
def test_a_result_that_is_not_finite_is_refused(part: str) -> None:
    fields_of_result = {"values": {"x": 1.0}, "per_channel": {"x": np.array([np.inf])}}
    sentence = (
        "the detail 'x' of a score holds numbers that are not finite: these codes leave it "
        "undefined. Look for channels that are constant or very large."
    )
    if part == "values":
        fields_of_result = {"values": {"x": float("nan")}}
        sentence = (
            "the value 'x' of a score came out as nan: these codes leave it undefined. Look for "
            "channels that are constant, equal or very large."
        )
    with pytest.raises(ToolkitError) as caught:
        ScoreResult(**fields_of_result)
    assert str(caught.value) == sentence


def test_a_grid_encodes_each_image_once() -> None:
    met: list[list[int]] = []

    def encode(factors: np.ndarray) -> np.ndarray:
        met.extend(factors.tolist())
        return factors * 2.0

    sampler = GridSampler((3, 4), encode)
    images = np.array([5, 5, 0])
    assert sampler.codes(images).tolist() == [[2.0, 2.0], [2.0, 2.0], [0.0, 0.0]]
    assert sampler.codes(images).tolist() == [[2.0, 2.0], [2.0, 2.0], [0.0, 0.0]]
    assert met == [[0, 0], [1, 1]]


@pytest.mark.parametrize("kind", ["grid", "rows"])
def test_draws_share_or_vary_what_they_say(kind: str) -> None:
    sampler = (
        GridSampler.of_table(GRID * 1.0, sizes=(3, 4))
        if kind == "grid"
        else RowSampler(GRID * 1.0, GRID)
    )
    random = Random(0)
    images = sampler.draw(50, random)
    first = sampler.factors_of(images)
    second = sampler.factors_of(sampler.partners(images, 1, random))
    assert (first[:, 1] == second[:, 1]).all()
    assert (first[:, 0] != second[:, 0]).any()
    alike = sampler.factors_of(sampler.alike(0, 50, random))
    assert len(np.unique(alike[:, 0])) == 1
    assert len(np.unique(alike[:, 1])) == 4
    if kind == "grid":
        unlike = sampler.factors_of(sampler.unlike(1, 50, random))
        assert len(np.unique(unlike[:, 0])) == 1
        assert len(np.unique(unlike[:, 1])) == 4


def test_grids_without_images_and_tables_of_other_sizes_are_refused() -> None:
    with pytest.raises(ToolkitError) as caught:
        GridSampler((3, 0), None)
    assert str(caught.value) == (
        "a grid of the sizes (3, 0) has no images. Give each factor 1 or more values."
    )
    with pytest.raises(ToolkitError) as caught:
        GridSampler.of_table(np.zeros((5, 1)), sizes=(2, 3))
    assert str(caught.value) == (
        "a table of 5 rows is no grid of the sizes (2, 3), which has 6. "
        "Encode every combination, the last factor fastest."
    )

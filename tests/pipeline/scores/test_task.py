"""What cannot be scored is refused before any work."""

import numpy as np
import pytest

from toolkit.config.scores import Scores
from toolkit.data import ImageSet, PreparedData, prepare
from toolkit.disentanglement import SCORES, Takes
from toolkit.errors import ToolkitError
from toolkit.pipeline.scores import scoring_task


def data(count: int, *, factors: bool) -> PreparedData:
    """Up to 12 images of two factors, 3 x 4 values."""
    values = np.stack(np.unravel_index(np.arange(count), (3, 4)), axis=1).astype(np.int64)
    known = {"factors": values, "factor_names": ("a", "b"), "factor_sizes": (3, 4)}
    pixels = np.arange(count * 4, dtype=np.uint8).reshape(count, 1, 2, 2)
    made = ImageSet(name="few", images=pixels, **(known if factors else {}))
    return prepare(made, held_out=0.2, split_seed=0, probe_size=4, probe_seed=0)


def section(*names: str, **more: object) -> Scores:
    return Scores.model_validate({"names": names and list(names), "seed": 0, **SMALL, **more})


SMALL = {"train": 5, "test": 5}


def test_no_section_is_no_task() -> None:
    assert scoring_task(None, data(12, factors=True), owner="ensemble x") is None


def test_scores_that_members_have_together_are_no_task_of_one_member() -> None:
    assert scoring_task(section("udr_nmi"), data(12, factors=True), owner="ensemble x") is None


def test_the_digest_depends_on_protocol_and_images() -> None:
    def digest(scores: Scores, of: PreparedData) -> str:
        task = scoring_task(scores, of, owner="ensemble x")
        assert task is not None
        return task.digest

    whole, other = data(12, factors=True), data(11, factors=True)
    found = [
        digest(section("mig"), whole),
        digest(section("mig", seed=1), whole),
        digest(section("mig", train=6), whole),
        digest(section("mig", options={"mig": {"bins": 5}}), whole),
        digest(section("mig", "sap"), whole),
        digest(section("mig"), other),
    ]
    assert len(set(found)) == len(found)
    assert digest(section("mig", "udr_nmi"), whole) == found[0]


def test_scores_of_factors_are_refused_where_none_are_known() -> None:
    with pytest.raises(ToolkitError) as caught:
        scoring_task(
            section("mig", "dci", "active_units"), data(12, factors=False), owner="ensemble x"
        )
    assert str(caught.value) == (
        "ensemble x asks for the scores dci, mig, but no factor that varies is known of the "
        "images of few. Without factors there are only active_units, channel_bits, "
        "gaussian_total_correlation, pairwise_information, udr_lasso, udr_nmi, udr_spearman, "
        "wasserstein_correlation: name some of these, or choose another data set."
    )


def test_scores_without_labels_need_no_factors() -> None:
    names = [name for name in SCORES if Takes.FACTORS not in SCORES[name].takes]
    assert scoring_task(section(*names), data(12, factors=False), owner="ensemble x") is not None


def test_scores_of_a_whole_grid_are_refused_where_a_combination_is_missing() -> None:
    with pytest.raises(ToolkitError) as caught:
        scoring_task(section("mig", "flatness"), data(11, factors=True), owner="study x")
    assert str(caught.value) == (
        "study x asks for the scores flatness, which follow one factor with all others fixed, but "
        "the 11 images of few are not each combination of 3 x 4 factor values once. "
        "Leave these scores out, or choose a data set that is a whole grid."
    )

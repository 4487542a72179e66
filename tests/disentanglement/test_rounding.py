"""Rounding turns nothing into something: dead channels tell nothing, equal distances are equal.

At some numbers of images the mean of equal numbers is not quite that number, so that a variance,
a mutual information or a distance of exactly 0 comes out above it.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.disentanglement import SCORES, GridSampler, Takes, score_settings
from toolkit.disentanglement.geometry.correlation import (
    TripletSettings,
    ground_truth_correlation,
    without_rounding,
)
from toolkit.disentanglement.information.infomec import infoc, infom
from toolkit.disentanglement.information.modularity import modularity
from toolkit.disentanglement.information.table import mutual_information

ROWS = [3, 7, 100, 700, 705, 800, 1000, 1664, 2000, 10_000]
FEW = {"num_train": 50, "num_eval": 50, "batch_size": 8, "num_variance_estimate": 705}
# what a member without any moving channel is worth
NOTHING: dict[str, tuple[str, dict[str, object]]] = {
    "mig": ("mig", {}),
    "mig_entropy": ("mig_entropy", {}),
    "axis_alignment": ("axis_alignment", {}),
    "mig_sup": ("mig_sup", {"least_variance": 0.0}),
    "modularity": ("modularity", {}),
    "infom": ("infom", {}),
    "infoc": ("infoc", {}),
    "irs": ("irs", {}),
    "sap_continuous": ("sap_continuous", {}),
    "factor_vae_score": ("active_channels", {**FEW, "threshold": 0.0}),
    "active_units": ("active_units", {"threshold": 0.0}),
    "wasserstein_correlation": ("wasserstein_correlation_normalised", {}),
    "pairwise_information": ("pairwise_information_nats", {}),
}


def dead(rows: int, value: float) -> tuple[np.ndarray, np.ndarray]:
    """Channels that never move, and factors that do."""
    generator = np.random.default_rng(rows)
    factors = np.stack([generator.integers(0, size, rows) for size in (3, 6, 8, 8, 5)], axis=1)
    factors[:2] = [[0] * 5, [1] * 5]
    return np.full((rows, 4), value), factors


@pytest.mark.parametrize("name", NOTHING)
@settings(max_examples=10, deadline=None, derandomize=True)
@given(rows=st.sampled_from(ROWS[:6]), value=st.sampled_from((0.37, 0.1, -1e-3, 1e6 + 0.1)))
def test_channels_that_never_move_are_worth_nothing(name: str, rows: int, value: float) -> None:
    codes, factors = dead(
        min(rows, 800) if name in ("mig_entropy", "axis_alignment") else rows, value
    )
    score, (kind, options) = SCORES[name], NOTHING[name]
    more = {"log_variance": np.full(codes.shape, -1.3)} if Takes.POSTERIORS in score.takes else {}
    answer = score.compute(codes, factors, score_settings(name, **options), seed=0, **more)
    assert answer.values[kind] == 0.0


@pytest.mark.parametrize("rows", ROWS)
def test_dead_channels_count_nothing_in_means_over_channels(rows: int) -> None:
    codes, factors = dead(rows, 0.37)
    values = modularity(codes, factors, seed=0).values
    assert values == {"modularity": 0.0, "modularity_informative": 0.0}
    half = np.hstack([factors[:, :2] * 1.0, codes[:, :2]])
    alone = modularity(half[:, :2], factors, seed=0).values
    values = modularity(half, factors, seed=0).values
    assert values["modularity"] == pytest.approx(alone["modularity"] / 2, abs=1e-12)
    assert values["modularity_informative"] == pytest.approx(alone["modularity"], abs=1e-12)


@pytest.mark.parametrize("rows", ROWS)
def test_dead_channels_leave_gaps_of_infomec_as_they_are(rows: int) -> None:
    codes, factors = dead(rows, 0.37)
    for score, name in ((infom, "infom"), (infoc, "infoc")):
        answer = score(codes, factors, seed=0)
        assert answer.values[f"{name}_gap"] == 0.0
        assert answer.matrices["normalised_information"].max() == 0.0


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.lists(st.integers(1, 40), min_size=1, max_size=6),
    st.lists(st.integers(1, 40), min_size=1, max_size=6),
)
def test_independent_counts_have_no_information_at_all(rows: list[int], columns: list[int]) -> None:
    joint = np.outer(rows, columns)
    first, second = (np.repeat(side.ravel(), joint.ravel()) for side in np.indices(joint.shape))
    order = np.random.default_rng(0).permutation(len(first))
    assert mutual_information(first[order], second[order]) == 0.0


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    scale=st.floats(1e-3, 1e3),
    shift=st.floats(-10, 10),
    single=st.booleans(),
    seed=st.integers(0, 9),
)
def test_a_perfect_code_orders_every_triplet_as_its_factors_do(
    scale: float, shift: float, single: bool, seed: int
) -> None:
    grid = np.stack(np.meshgrid(range(5), range(4), range(3), indexing="ij"), -1).reshape(-1, 3)
    codes = grid * scale + shift
    if single:
        codes = codes.astype(np.float32).astype(np.float64)
    sampler = GridSampler.of_table(codes, sizes=(5, 4, 3))
    values = ground_truth_correlation(
        codes, grid, TripletSettings(repeats=20), seed=seed, sampler=sampler
    ).values
    for pair in ("ground_latent_l1/factor", "ground_latent_l2/factor", "ground_latent_l1/global"):
        assert values[f"same/{pair}"] == 1.0
        assert values[f"rank/{pair}"] == pytest.approx(1.0)


def test_distances_that_differ_by_more_than_rounding_stay_apart() -> None:
    values = np.array([1.0, 1.0 + 1e-15, 1.0 + 1e-9, 2.0])
    assert without_rounding(values, error=1e-14).tolist() == [1.0, 1.0, 1.0 + 1e-9, 2.0]
    dense = np.linspace(0, 1, 1001)
    assert without_rounding(dense, error=1e-2).tolist() == dense.tolist()

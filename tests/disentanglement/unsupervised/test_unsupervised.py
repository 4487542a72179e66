from collections.abc import Callable

import numpy as np
import pytest
from scipy.linalg import sqrtm
from scipy.stats import multivariate_normal

from tests.disentanglement import golden
from toolkit.disentanglement import ScoreResult
from toolkit.disentanglement.unsupervised.channels_in_use import active_units, channel_bits
from toolkit.disentanglement.unsupervised.gaussian import (
    covariance,
    gaussian_total_correlation,
    wasserstein_correlation,
)
from toolkit.disentanglement.unsupervised.udr import (
    LassoRankingSettings,
    RankingSettings,
    lasso_similarity,
    relative_strength,
    spearman_similarity,
    udr_lasso,
    udr_nmi,
    udr_spearman,
)
from toolkit.errors import ToolkitError


@pytest.mark.parametrize("case", golden.CASES)
def test_gaussian_measures_are_those_of_the_reference(case: str) -> None:
    codes, _ = golden.sample(case)
    expected = golden.numbers("metrics_dlib_scores")[case]
    total = gaussian_total_correlation(codes, seed=0).values["gaussian_total_correlation_nats"]
    assert total == pytest.approx(expected["gaussian_total_correlation"], abs=1e-9, rel=1e-8)
    values = wasserstein_correlation(codes, seed=0).values
    close = {"abs": 1e-7, "rel": 1e-6}
    whole = expected["gaussian_wasserstein_correlation"]
    assert values["wasserstein_correlation"] == pytest.approx(whole, **close)
    share = expected["gaussian_wasserstein_correlation_norm"]
    assert values["wasserstein_correlation_normalised"] == pytest.approx(share, **close)
    matrix, moving = covariance(codes)
    assert moving.all()
    assert matrix == pytest.approx(golden.matrix(case, "cov"), abs=1e-9, rel=1e-8)


def test_total_correlation_is_the_divergence_of_a_gaussian_from_its_marginals() -> None:
    codes = np.random.default_rng(0).normal(size=(500, 2)) @ np.array([[1.0, 0.8], [0.0, 0.6]])
    matrix = np.cov(codes.T)
    drawn = np.random.default_rng(1).multivariate_normal([0, 0], matrix, size=100_000)
    joint = multivariate_normal([0, 0], matrix).logpdf(drawn)
    apart = multivariate_normal([0, 0], np.diag(np.diag(matrix))).logpdf(drawn)
    found = gaussian_total_correlation(codes, seed=0).values["gaussian_total_correlation_nats"]
    assert found == pytest.approx((joint - apart).mean(), abs=0.02)


def test_wasserstein_correlation_agrees_with_the_matrix_root() -> None:
    codes = np.random.default_rng(0).normal(size=(50, 3)) @ np.random.default_rng(1).normal(
        size=(3, 3)
    )
    matrix = np.cov(codes.T)
    half = np.diag(np.sqrt(np.diag(matrix)))
    expected = 2 * np.trace(matrix) - 2 * np.trace(sqrtm(half @ matrix @ half)).real
    found = wasserstein_correlation(codes, seed=0).values["wasserstein_correlation"]
    assert found == pytest.approx(expected)


def test_constant_channels_take_no_part() -> None:
    codes = np.column_stack([np.random.default_rng(0).normal(size=(20, 2)), np.full(20, 0.1)])
    for score in (gaussian_total_correlation, wasserstein_correlation):
        assert score(codes, seed=0).values == score(codes[:, :2], seed=0).values
        assert set(score(np.ones((5, 2)), seed=0).values.values()) == {0.0}


def test_copies_have_infinite_total_correlation_which_is_refused() -> None:
    codes = np.random.default_rng(0).normal(size=(20, 1))
    with pytest.raises(ToolkitError) as caught:
        gaussian_total_correlation(np.hstack([codes, 2 * codes]), seed=0)
    assert str(caught.value) == (
        "channels depend linearly on each other (copies, or more channels than images), so their "
        "Gaussian total correlation is infinite. Leave copies out, or encode more images."
    )


def test_active_units_by_hand() -> None:
    answer = active_units(np.array([[0.0, 0.0, 5.0], [1.0, 0.1, 5.0]]), seed=0)
    assert answer.per_channel["variance"] == pytest.approx([0.25, 0.0025, 0.0])
    assert answer.values == {"active_units": 1.0, "active_share": pytest.approx(1 / 3)}


def test_bits_per_channel_by_hand() -> None:
    mean = np.array([[2.0, 0.0], [-2.0, 0.0]])
    answer = channel_bits(
        mean, seed=0, log_variance=np.zeros((2, 2)), information=np.array([1.0, 0.0])
    )
    assert answer.per_channel["rate_bits"] == pytest.approx([2 / np.log(2), 0.0])
    assert answer.values["information_bits"] == 1.0


def test_bits_of_another_shape_are_refused(unchecked: None) -> None:
    with pytest.raises(ToolkitError) as caught:
        channel_bits(np.eye(2), seed=0, log_variance=np.zeros((2, 1)))
    assert str(caught.value) == (
        "means are (2, 2) but log-variances (2, 1); both need a row per image and a column per "
        "channel."
    )
    with pytest.raises(ToolkitError) as caught:
        channel_bits(np.eye(2), seed=0, log_variance=np.eye(2), information=np.zeros(3))
    assert str(caught.value) == (
        "information is given for 3 channels, but there are 2. Pass one number for each channel."
    )


@pytest.mark.parametrize(
    ("score", "settings", "name"),
    [
        pytest.param(udr_lasso, LassoRankingSettings(), "lasso_klfilter", id="lasso"),
        pytest.param(
            udr_lasso,
            LassoRankingSettings(keep_silent=True),
            "lasso_nofilter",
            id="lasso, silent channels kept",
        ),
        pytest.param(udr_spearman, RankingSettings(), "spearman_klfilter", id="spearman"),
    ],
)
def test_ranking_is_that_of_the_reference(
    score: Callable[..., ScoreResult], settings: RankingSettings, name: str
) -> None:
    file = golden.arrays("metrics_udr")
    answer = score(list(file["reps"]), settings=settings, seed=0, rates=list(file["kls"]))
    pairs = file[f"{name}_pairwise"]
    close = {"abs": 1e-9, "rel": 0} if "spearman" in name else {"abs": 1e-6, "rel": 1e-5}
    assert answer.matrices["pairs"] == pytest.approx(pairs, **close)
    models = file[f"{name}_model_scores"]
    assert answer.per_channel["udr"] == pytest.approx(models, **close)


OTHERS = [(i, j) for i in range(5) for j in range(5) if i != j]


@pytest.mark.parametrize("name", ["klfilter", "nofilter"])
def test_similarities_are_those_of_the_reference(name: str) -> None:
    file = golden.arrays("metrics_udr")
    codes, used = file["reps"], file["kls"] > 0.01
    scaled = (codes - codes.mean(axis=1, keepdims=True)) / codes.std(axis=1, keepdims=True)
    ready = scaled * used[:, None]
    for i, j in OTHERS:
        found = lasso_similarity(ready[i], ready[j])
        expected = file[f"lasso_{name}_raw"][i, j]
        assert found == pytest.approx(expected, abs=1e-6, rel=1e-5)
        ranked, expected = (
            spearman_similarity(ready[i], ready[j]),
            file[f"spearman_{name}_raw"][i, j],
        )
        known = np.outer(used[i], used[j])
        assert np.isfinite(expected[known]).all()
        assert ranked[known] == pytest.approx(expected[known], abs=1e-9)


@pytest.mark.parametrize(
    ("table", "both"),
    [
        pytest.param(np.eye(3), (1.0, 1.0), id="one to one"),
        pytest.param(np.ones((2, 2)), (0.5, 0.5), id="all alike"),
        pytest.param(np.zeros((2, 2)), (0.0, 0.0), id="nothing"),
        pytest.param(np.zeros((0, 2)), (0.0, 0.0), id="no channel"),
    ],
)
def test_relative_strength_by_hand(table: np.ndarray, both: tuple[float, float]) -> None:
    assert relative_strength(table) == pytest.approx(both)


def test_nmi_takes_the_place_of_correlations() -> None:
    codes = [np.eye(4)[:, :2], np.eye(4)[:, :3]]
    nmi = np.zeros((5, 5))
    nmi[0, 3] = nmi[3, 0] = nmi[1, 2] = nmi[2, 1] = 1.0
    nmi[0, 4] = nmi[4, 0] = -0.1
    answer = udr_nmi(codes, seed=0, nmi=nmi, rates=[np.ones(2), np.array([1.0, 1.0, 0.0])])
    assert answer.values == {"udr": 1.0, "udr_paper": 1.0}


def test_members_that_cannot_be_ranked_are_refused() -> None:
    with pytest.raises(ToolkitError) as caught:
        udr_lasso([np.eye(2)], seed=0)
    assert str(caught.value) == (
        "1 members with [2] images were given; ranking compares two or more members on the same "
        "images. Encode the same probe set."
    )
    with pytest.raises(ToolkitError) as caught:
        udr_spearman([np.eye(2), np.eye(2)], seed=0, rates=[np.ones(2), np.ones(1)])
    assert str(caught.value) == (
        "rates have the shapes [(2,), (1,)] for members of [2, 2] channels. "
        "Pass one number for each channel."
    )
    with pytest.raises(ToolkitError) as caught:
        udr_nmi([np.eye(2), np.eye(2)], seed=0, nmi=np.eye(3))
    assert str(caught.value) == (
        "NMI is (3, 3), but the members have 4 channels together. "
        "Pass the table of every two channels, members in the same order."
    )

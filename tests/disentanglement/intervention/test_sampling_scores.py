import numpy as np
import pytest

from tests.disentanglement import golden
from toolkit.disentanglement import GridSampler
from toolkit.disentanglement.intervention.beta_vae import (
    BetaVAESettings,
    beta_vae_score,
    mean_differences,
)
from toolkit.disentanglement.intervention.factor_vae import (
    FactorVAESettings,
    factor_vae_score,
    z_max_variance,
)
from toolkit.disentanglement.intervention.votes import (
    count_votes,
    draw_votes,
    in_use,
    majority,
    spread_of,
)
from toolkit.disentanglement.sampler import Random
from toolkit.errors import ToolkitError

QUICK = ("rotated45",)
GRID = np.stack(np.meshgrid(range(3), range(4), indexing="ij"), axis=-1).reshape(-1, 2)


def whole(case: str) -> GridSampler:
    return GridSampler.of_table(golden.table(case), sizes=golden.sizes())


@pytest.mark.parametrize("case", golden.CASES)
def test_points_of_the_beta_vae_score_are_drawn_as_published(case: str) -> None:
    fixed = golden.numbers("metrics_sampling_scores")[case]["beta_vae_fixed"]
    points, named = mean_differences(
        whole(case),
        count=len(fixed["labels"]),
        batch_size=fixed["batch_size"],
        random=Random(fixed["seed"]),
    )
    assert named.tolist() == fixed["labels"]
    assert points == pytest.approx(np.array(fixed["points"]), abs=1e-12)


@pytest.mark.parametrize("case", golden.CASES)
def test_votes_of_the_factor_vae_score_are_those_published(case: str) -> None:
    fixed = golden.numbers("metrics_sampling_scores")[case]["factor_vae_fixed"]
    sampler, random = whole(case), Random(fixed["seed"])
    variance = sampler.codes(sampler.draw(500, random)).var(axis=0, ddof=1)
    assert variance == pytest.approx(fixed["variances"], abs=1e-12)
    votes, batch = int(np.sum(fixed["votes"])), fixed["batch_size"]
    named, images = draw_votes(sampler.alike, factors=4, votes=votes, batch=batch, random=random)
    active = in_use(variance, threshold=0.05)
    stillest = spread_of(sampler, images, variance)[:, active].argmin(axis=1)
    channel = np.flatnonzero(active)[stillest]
    found = count_votes(named, channel, factors=4, channels=len(variance))
    assert found.tolist() == fixed["votes"]


@pytest.mark.parametrize(
    "case",
    [pytest.param(c, marks=[] if c in QUICK else [pytest.mark.slow]) for c in golden.CASES],
)
def test_scores_are_those_of_the_reference(case: str) -> None:
    file = golden.numbers("metrics_sampling_scores")
    protocol, expected = file["_protocol"], file[case]
    seed, sampler = protocol["seeds"][0], whole(case)
    codes, factors = golden.table(case), golden.grid()
    numbers = {name: protocol[name] for name in ("num_train", "num_eval", "batch_size")}
    settings = BetaVAESettings(**numbers)
    beta = beta_vae_score(codes, factors, settings, seed=seed, sampler=sampler).values
    votes = FactorVAESettings(**numbers, num_variance_estimate=protocol["num_variance_estimate"])
    factor = factor_vae_score(codes, factors, votes, seed=seed, sampler=sampler).values
    for found, name in (
        (beta["beta_vae"], "beta_vae_eval"),
        (beta["beta_vae_train"], "beta_vae_train"),
        (factor["factor_vae"], "factor_vae_eval"),
        (factor["factor_vae_train"], "factor_vae_train"),
    ):
        least = golden.allowed(expected[name], 0.015)
        assert found == pytest.approx(expected[name]["mean"], abs=least)


FEW = FactorVAESettings(num_train=60, num_eval=60, num_variance_estimate=300)


@pytest.mark.parametrize(
    ("codes", "value"),
    [
        pytest.param(GRID * 1.0, 1.0, id="a channel each"),
        pytest.param(np.column_stack([GRID, np.zeros(12)]) * 1.0, 1.0, id="and a constant one"),
        pytest.param(np.zeros((12, 2)), 0.0, id="constants only"),
    ],
)
def test_votes_by_hand(codes: np.ndarray, value: float) -> None:
    sampler = GridSampler.of_table(codes, sizes=(3, 4))
    still = factor_vae_score(codes, GRID, FEW, seed=0, sampler=sampler)
    lively = z_max_variance(codes, GRID, FEW, seed=0, sampler=sampler)
    assert still.values["factor_vae"] == value
    assert lively.values["z_max_variance"] == value


def test_one_channel_for_both_factors_is_right_as_often_as_the_commoner_vote() -> None:
    codes = GRID[:, :1] * 1.0
    sampler = GridSampler.of_table(codes, sizes=(3, 4))
    more = FactorVAESettings(num_train=200, num_eval=1000, num_variance_estimate=300)
    value = z_max_variance(codes, GRID, more, seed=0, sampler=sampler).values["z_max_variance"]
    assert value == pytest.approx(0.5, abs=0.05)


def test_the_liveliest_channel_is_measured_against_its_variance_over_the_data() -> None:
    # channel 1 moves more with factor 0 than channel 0 does, but little for its own size
    codes = np.column_stack([GRID[:, 0] * 1.0, 2.0 * GRID[:, 0] + 50.0 * GRID[:, 1]])
    sampler = GridSampler.of_table(codes, sizes=(3, 4))
    answer = z_max_variance(codes, GRID, FEW, seed=0, sampler=sampler)
    assert answer.values["z_max_variance"] == 1.0
    assert answer.matrices["votes"].argmax(axis=0).tolist() == [0, 1]


def test_majority_by_hand() -> None:
    train, test = np.array([[5, 1], [0, 9]]), np.array([[2, 3], [1, 4]])
    assert majority(train, test) == (2 + 4) / 10


def test_loose_rows_are_drawn_from_when_there_is_no_sampler() -> None:
    rows = np.random.default_rng(0).permutation(np.tile(GRID, (3, 1)))
    assert factor_vae_score(rows * 1.0, rows, FEW, seed=0).values["factor_vae"] == 1.0
    few = BetaVAESettings(num_train=60, num_eval=60, batch_size=16)
    assert beta_vae_score(rows * 1.0, rows, few, seed=0).values["beta_vae"] == 1.0
    with pytest.raises(ToolkitError) as caught:
        z_max_variance(rows * 1.0, rows, FEW, seed=0)
    assert str(caught.value) == (
        "this score varies one factor with all others fixed, which loose rows do not offer. "
        "Pass a `sampler` over the whole grid of factors."
    )

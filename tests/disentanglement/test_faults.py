"""One test for each fault of public code that touches a score, by its number in the register."""

import numpy as np
import pytest

from tests.disentanglement import golden
from toolkit.disentanglement import SCORES, GridSampler, Takes, score_settings
from toolkit.disentanglement.geometry.correlation import TripletSettings, ground_truth_correlation
from toolkit.disentanglement.geometry.linearity import linear_variances
from toolkit.disentanglement.information.infomec import infom, normalised_table
from toolkit.disentanglement.information.posterior_entropy import entropy_table
from toolkit.disentanglement.intervention.factor_vae import FactorVAESettings, factor_vae_score
from toolkit.disentanglement.intervention.irs import irs
from toolkit.disentanglement.predictor.infoe import infoe_classification
from toolkit.disentanglement.predictor.train_test import PredictorSettings
from toolkit.disentanglement.unsupervised.udr import relative_strength, udr_lasso, udr_spearman

HEAVY = ("reduced_downstream", "fairness")  # many boosted trees, drawn as those of dci
GRID = np.stack(np.meshgrid(range(3), range(4), indexing="ij"), axis=-1).reshape(-1, 2)


def test_p09_every_channel_is_met_by_its_own_samples_not_by_means() -> None:
    file = golden.arrays("disvae_mig_aam")
    mean, log_variance, samples = (file[f"noisy_{part}"] for part in ("mu", "logvar", "z"))
    order = np.arange(mean.shape[1])[::-1]
    table = entropy_table(mean, golden.grid(), seed=0, log_variance=log_variance, samples=samples)
    turned = entropy_table(
        mean[:, order],
        golden.grid(),
        seed=0,
        log_variance=log_variance[:, order],
        samples=samples[:, order],
    )
    assert turned.channel == pytest.approx(table.channel[order])
    assert abs(table.channel - file["noisy_as_coded_H_z"]).max() > 0.1
    # a channel of pure noise has the entropy of a normal, which its means do not
    silent = np.zeros((2000, 1))
    factors = np.arange(2000)[:, None] % 2
    entropy = entropy_table(silent, factors, seed=0, log_variance=silent).channel.item()
    assert entropy == pytest.approx(np.log(2 * np.pi * np.e) / 2, abs=0.05)


def test_p10_symbols_are_indices_estimates_are_seeded_and_rows_can_be_held_out() -> None:
    factors = np.tile(np.arange(2), 100)[:, None]
    index = factors.copy()
    assert infom(index, factors, seed=0).values["infom"] == 1.0
    assert normalised_table(index, factors, seed=0).share.item() == pytest.approx(1.0)
    jitter = np.random.default_rng(0).normal(size=(200, 2))
    tables = [normalised_table(jitter.round(1), factors, seed=s).share for s in (0, 0, 1)]
    assert tables[0].tolist() == tables[1].tolist()
    assert tables[0].tolist() != tables[2].tolist()
    inside = infoe_classification(
        jitter, factors, PredictorSettings(split="in_sample"), seed=0
    ).values["infoe"]
    assert inside != infoe_classification(jitter, factors, seed=0).values["infoe"]


def test_p16_a_negative_factor_leaves_a_mean_and_its_own_value() -> None:
    grid = np.stack(np.meshgrid(range(3), range(12), indexing="ij"), axis=-1).reshape(-1, 2)
    # the first factor is followed; of the second, far values lie at the ends, where codes are small
    reach = 1 + 5 * (5.5 - np.abs(grid[:, 1] - 5.5))
    codes = np.column_stack([1e3 * grid[:, 0], reach[:, None] * np.eye(12)[grid[:, 1]]])
    answer = ground_truth_correlation(codes, grid, TripletSettings(repeats=200), seed=0)
    name = "rank/ground_latent_l1"
    part = answer.per_factor[name]
    assert part[0] == pytest.approx(1.0)
    assert part[1] < 0
    assert answer.values[f"{name}/factor"] == pytest.approx(part.mean())
    assert f"{name}/geometric" not in answer.values


WITH_ROWS = Takes.FACTORS | Takes.GRID | Takes.SAMPLER | Takes.INTEGER_CODES
ALONE = [
    pytest.param(name, marks=[pytest.mark.slow] if name in HEAVY else [])
    for name, score in SCORES.items()
    if not score.takes & ~WITH_ROWS
]
VOTES = {"num_train": 20, "num_eval": 20, "batch_size": 4, "num_variance_estimate": 50}
LIGHT: dict[str, dict[str, object]] = {
    "strong_generalisation": {"classifier": "logistic"},
    "downstream": {"classifier": "logistic", "labels": [10]},
    "beta_vae_score": {"num_train": 20, "num_eval": 20, "batch_size": 4},
    "factor_vae_score": VOTES,
    "z_max_variance": VOTES,
    "ground_truth_correlation": {"repeats": 4, "triplets": 4},
    "linearity": {"traversals": 4},
    "flatness": {"traversals": 4},
}


@pytest.mark.parametrize("name", ALONE)
def test_p29_nothing_draws_from_a_stream_it_was_not_given(name: str) -> None:
    codes = GRID + np.random.default_rng(0).normal(size=(12, 2)) / 3
    sampler = GridSampler.of_table(codes, sizes=(3, 4))
    extra = {"sampler": sampler} if Takes.SAMPLER in SCORES[name].takes else {}
    options = LIGHT.get(name, {})
    if "split" in SCORES[name].settings.options():
        options = {**options, "split": "in_sample"}
    answers = []
    for state in (1, 2):
        np.random.seed(state)  # noqa: NPY002 - the very stream that must not matter
        before = np.random.get_state()[1].tolist()  # noqa: NPY002
        answers.append(
            SCORES[name]
            .compute(codes, GRID, score_settings(name, **options), seed=5, **extra)
            .to_json()
        )
        assert np.random.get_state()[1].tolist() == before  # noqa: NPY002
    assert answers[0] == answers[1]


def test_p29_active_channels_are_counted_not_summed() -> None:
    codes = np.column_stack([GRID * 100.0, np.full(12, 7.0)])
    assert irs(codes, GRID, seed=0).values["active_channels"] == 2.0
    few = FactorVAESettings(num_train=20, num_eval=20, num_variance_estimate=50)
    assert factor_vae_score(codes, GRID, few, seed=0).values["active_channels"] == 2.0
    # six of these ten channels have deviations below the threshold; the reference counts ten
    sampler = GridSampler.of_table(golden.table("inactive"), sizes=golden.sizes())
    file = golden.numbers("metrics_sampling_scores")["inactive"]
    assert set(file["factor_vae_num_active"]) == {10}
    silent = factor_vae_score(golden.table("inactive"), golden.grid(), few, seed=0, sampler=sampler)
    assert silent.values["active_channels"] == 4.0


def test_p34_directions_that_do_not_exist_have_no_variance() -> None:
    points = np.random.default_rng(0).normal(size=(3, 6)) * 1e3
    variances = linear_variances(points)
    assert (variances > 0).sum() == 2
    singular = np.linalg.svd(points - points.mean(axis=0), compute_uv=False) ** 2 / 2
    assert np.sort(variances)[::-1][:2] == pytest.approx(singular[:2])


def test_p38_both_weightings_are_given_and_a_silent_member_scores_nothing() -> None:
    assert relative_strength(np.array([[1.0, 0.0, 0.5]])) == pytest.approx((7 / 12, 13 / 24))
    codes = np.random.default_rng(0).normal(size=(3, 60, 2))
    rates = [np.ones(2), np.ones(2), np.zeros(2)]
    for score in (udr_lasso, udr_spearman):
        answer = score(list(codes), seed=0, rates=rates)
        assert answer.per_channel["udr"][2] == answer.per_channel["udr_paper"][2] == 0.0
        assert answer.notes == ("member 2 has no channel in use and scores 0",)


def test_p39_the_threshold_is_the_studys_and_is_told() -> None:
    codes = np.column_stack([GRID * 1.0, 0.01 * np.arange(12) % 0.03, np.zeros(12)])
    numbers = {"num_train": 200, "num_eval": 200, "num_variance_estimate": 500}
    values = factor_vae_score(codes, GRID, FactorVAESettings(**numbers), seed=0).values
    assert values["threshold"] == 0.05
    assert values["active_channels"] == 2.0
    assert values["factor_vae"] == 1.0
    everything = factor_vae_score(codes, GRID, FactorVAESettings(**numbers, threshold=0.0), seed=0)
    # a constant channel has no variance to compare, so it never wins a vote
    assert everything.per_channel["active"].tolist() == [True, True, True, False]
    assert everything.matrices["votes"][3].sum() == 0

import numpy as np
import pytest
from scipy.stats import norm

from tests.disentanglement import golden
from toolkit.disentanglement.information.posterior_entropy import (
    axis_alignment_metric,
    entropy_table,
    mig_entropy,
)
from toolkit.errors import ToolkitError


@pytest.mark.parametrize("case", ["perfect", "noisy", "mlp"])
def test_entropies_and_scores_are_those_of_the_reference(case: str) -> None:
    file, scores = golden.arrays("disvae_mig_aam"), golden.numbers("disvae_mig_aam")[case]
    mean, factors = file[f"{case}_mu"], golden.grid()
    extra = {"log_variance": file[f"{case}_logvar"], "samples": file[f"{case}_z"]}
    table = entropy_table(mean, factors, seed=0, **extra)
    close = {"abs": 1e-8, "rel": 1e-7}
    assert table.channel == pytest.approx(file[f"{case}_aligned_H_z"], **close)
    assert table.conditional == pytest.approx(file[f"{case}_aligned_H_zCv"], **close)
    gap = mig_entropy(mean, factors, seed=0, table=table, **extra)
    alignment = axis_alignment_metric(mean, factors, seed=0, table=table, **extra)
    assert gap.per_factor["mig_entropy"] == pytest.approx(file[f"{case}_aligned_mig_k"], **close)
    aam = file[f"{case}_aligned_aam_k"]
    assert alignment.per_factor["axis_alignment"] == pytest.approx(aam, **close)
    assert gap.values["mig_entropy"] == pytest.approx(scores["aligned"]["mig"], **close)
    assert alignment.values["axis_alignment"] == pytest.approx(scores["aligned"]["aam"], **close)


def test_entropy_agrees_with_a_plain_mixture() -> None:
    generator = np.random.default_rng(0)
    mean, log_variance = generator.normal(size=(2, 30, 1))
    samples = mean + generator.normal(size=(30, 1))
    factors = np.repeat(np.arange(2), 15)[:, None]
    table = entropy_table(mean, factors, seed=0, log_variance=log_variance, samples=samples)
    density = norm.pdf(samples, mean.T, np.exp(log_variance.T / 2))
    assert table.channel.item() == pytest.approx(-np.log(density.mean(axis=1)).mean())
    halves = [density[:15, :15], density[15:, 15:]]
    within = np.mean([-np.log(half.mean(axis=1)).mean() for half in halves])
    assert table.conditional.item() == pytest.approx(within)


def test_two_far_values_are_one_bit_for_one_channel_and_none_for_a_silent_one() -> None:
    factors = np.repeat(np.arange(2), 500)[:, None]
    mean = np.column_stack([10.0 * factors[:, 0], np.zeros(1000)])
    table = entropy_table(mean, factors, seed=0, log_variance=np.zeros((1000, 2)))
    assert table.mutual[:, 0] == pytest.approx([np.log(2), 0.0], abs=1e-6)


def test_a_channel_far_from_its_own_posterior_is_not_lost_to_underflow() -> None:
    mean = np.array([[0.0], [1e4]])
    table = entropy_table(mean, np.array([[0], [1]]), seed=0, log_variance=np.full((2, 1), -20.0))
    assert np.isfinite(table.channel).all()
    assert table.mutual.item() == pytest.approx(np.log(2))


def test_log_variances_of_another_shape_are_refused(unchecked: None) -> None:
    with pytest.raises(ToolkitError) as caught:
        entropy_table(np.eye(2), np.eye(2), seed=0, log_variance=np.zeros((2, 1)))
    assert str(caught.value) == (
        "means are (2, 2) but log-variances (2, 1); both must be finite, with a row per image and "
        "a column per channel."
    )

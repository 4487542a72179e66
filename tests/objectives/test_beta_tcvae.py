import itertools
import math
from typing import Any

import pytest
import torch
from torch.distributions import Normal

from tests.objectives import golden
from toolkit.errors import ToolkitError
from toolkit.objectives import BetaTCVAE, Linear, Outputs
from toolkit.objectives.aggregate import Estimator, log_densities, log_normal, log_weights

FLOAT32 = {"abs": 1e-5, "rel": 1e-6}  # both systems fill the matrix of weights in float32
SIZES = (24, 1000, 60_000, 737_280)


def outputs(dataset_size: int) -> Outputs:
    answer = golden.outputs()
    return Outputs(
        distortion=answer.distortion,
        mean=answer.mean,
        log_variance=answer.log_variance,
        z=answer.z,
        dataset_size=dataset_size,
    )


def means(objective: BetaTCVAE, dataset_size: int, *, step: int | None = None) -> dict[str, float]:
    terms = golden.terms(objective, outputs(dataset_size), step=step)
    return {name: value.mean().item() for name, value in terms.items()}


def small(batch: int, latents: int = 3, seed: int = 0) -> Outputs:
    generator = torch.Generator().manual_seed(seed)
    mean, log_variance, noise = torch.randn(
        3, batch, latents, generator=generator, dtype=torch.float64
    )
    return Outputs(
        distortion=torch.zeros(batch, dtype=torch.float64),
        mean=mean,
        log_variance=log_variance,
        z=mean + (log_variance / 2).exp() * noise,
        dataset_size=batch,
    )


@pytest.mark.parametrize("case", golden.values()["btcvae_pythae"], ids=str)
def test_the_parts_are_those_of_pythae(case: dict[str, Any]) -> None:
    objective = BetaTCVAE(
        estimator="mss" if case["is_mss"] else "mws",
        compat="pythae" if case["is_mss"] else "none",
    )
    found = means(objective, case["n_data"])
    tolerance = FLOAT32 if case["is_mss"] else golden.TOLERANCE
    constant = torch.tensor(24 * case["n_data"]).double().log()
    rounded = 0.0 if case["is_mss"] else (constant.float() - constant).item()
    names = {"mutual_information": "mi", "total_correlation": "tc", "dimension_wise_rate": "dw_kl"}
    for (ours, theirs), times in zip(names.items(), (1, 5, -6), strict=True):
        # its constant log(N B) is a float32
        assert found[ours] + times * rounded == pytest.approx(case[theirs], **tolerance)


@pytest.mark.parametrize("size", SIZES[:3])
def test_weighted_sampling_is_that_of_qlae(size: int) -> None:
    theirs = golden.values("losses_qlae")[f"tcvae_mws_n{size}"]
    found = means(BetaTCVAE(), size)
    assert found["mutual_information"] == pytest.approx(theirs["mi"], abs=2e-6, rel=2e-5)
    assert found["total_correlation"] == pytest.approx(theirs["tc"], abs=2e-6, rel=2e-5)
    assert found["dimension_wise_rate"] == pytest.approx(theirs["dw_kl"], abs=2e-6, rel=2e-5)


@pytest.mark.parametrize("case", golden.values()["btcvae_disvae"], ids=str)
def test_old_results_of_disvae_can_be_read(case: dict[str, Any]) -> None:
    objective = BetaTCVAE(
        alpha=float(case["alpha"]),
        beta=float(case["beta"]),
        gamma=float(case["gamma"]),
        estimator="mss" if case["is_mss"] else "mws",
        compat="disvae",
    )
    found = means(objective, case["n_data"])
    names = {
        "loss": "loss",
        "recon_loss": "distortion",
        "mi": "mutual_information",
        "tc": "total_correlation",
        "dw_kl": "dimension_wise_rate",
        "kl": "rate",
    }
    tolerance = FLOAT32 if case["is_mss"] else golden.TOLERANCE
    for theirs, ours in names.items():
        assert found[ours] == pytest.approx(case[theirs], **tolerance)


def test_p08_what_disvae_anneals_is_the_last_term_alone() -> None:
    case = golden.values()["btcvae_disvae_annealed"]
    gamma = Linear(start=0.0, end=float(case["gamma"]), steps=case["steps_anneal"])
    objective = BetaTCVAE(
        alpha=float(case["alpha"]),
        beta=float(case["beta"]),
        gamma=gamma,
        estimator="mss",
        compat="disvae",
    )
    found = means(objective, case["n_data"], step=case["step"])
    assert found["loss"] == pytest.approx(case["loss"], **FLOAT32)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("estimator", ["mss", "mws"])
def test_densities_are_those_of_disvae_where_its_faults_are_asked_for(
    size: int, estimator: Estimator
) -> None:
    found = log_densities(outputs(size), estimator=estimator, compat="disvae")
    names = {
        "log_pz": found.prior,
        "log_qz": found.joint,
        "log_prod_qzi": found.product,
        "log_qzCx": found.given_image,
    }
    for name, ours in names.items():
        theirs = golden.arrays()[f"btc_n{size}_{estimator}_{name}"]
        assert ours.tolist() == pytest.approx(theirs.tolist(), **FLOAT32)


def test_p01_the_weights_of_disvae_are_misplaced_and_ours_are_not() -> None:
    theirs = golden.arrays()["log_importance_weights_n1000"].exp()
    wrong = log_weights(24, 1000, estimator="mss", compat="disvae").exp()
    assert torch.allclose(wrong, theirs.double(), rtol=1e-5, atol=1e-8)
    rows = wrong.sum(dim=1)
    assert rows[22].item() > 1.03
    for estimator in ("mss", "mss_ordered"):
        right = log_weights(24, 1000, estimator=estimator).exp()
        assert right.diagonal().tolist() == pytest.approx([1 / 1000] * 24)
        assert not torch.allclose(right, wrong, rtol=1e-3)


def test_p01_weights_in_the_order_of_the_paper() -> None:
    batch, size = 5, 100
    weights = log_weights(batch, size, estimator="mss_ordered").exp()
    for row, column in itertools.product(range(batch), range(batch)):
        if row == column:
            by_hand = 1 / size
        elif column == (row + 1) % batch:
            by_hand = (size - 4) / (size * 4)
        else:
            by_hand = 1 / 4
        assert weights[row, column].item() == pytest.approx(by_hand)


@pytest.mark.parametrize("estimator", ["mss", "mss_ordered"])
@pytest.mark.parametrize(("batch", "size"), [(1, 1), (1, 50), (2, 2), (5, 100), (64, 737_280)])
def test_p01_rows_of_stratified_weights_sum_to_one(
    estimator: Estimator, batch: int, size: int
) -> None:
    weights = log_weights(batch, size, estimator=estimator).exp()
    assert weights.shape == (batch, batch)
    assert weights.sum(dim=1).tolist() == pytest.approx([1.0] * batch)


def exact(answer: Outputs) -> tuple[torch.Tensor, torch.Tensor]:
    """Densities of codes, and products of their channels', over all images of a data set."""
    pairs = Normal(answer.mean, (answer.log_variance / 2).exp()).log_prob(answer.z[:, None])
    whole = pairs.sum(dim=2).exp().mean(dim=1).log()
    return whole, pairs.exp().mean(dim=1).log().sum(dim=1)


@pytest.mark.parametrize("batch", [2, 3, 40])
def test_p01_a_batch_that_is_the_data_set_gives_the_exact_density(batch: int) -> None:
    answer = small(batch)
    found = log_densities(answer, estimator="mss", compat="none")
    joint, product = exact(answer)
    assert found.joint.tolist() == pytest.approx(joint.tolist(), rel=1e-12)
    assert found.product.tolist() == pytest.approx(product.tolist(), rel=1e-12)


def test_p01_stratified_sampling_is_unbiased_and_its_mean_over_orders_is_ours() -> None:
    """Over all batches that hold an image, and all their orders, in a data set of five."""
    answer = small(5)
    pairs = Normal(answer.mean, (answer.log_variance / 2).exp()).log_prob(answer.z[:, None])
    densities = pairs.sum(dim=2).exp()
    joint, _ = exact(answer)
    for size in (2, 3, 5):
        ordered, plain = [], []
        weights = {
            name: log_weights(size, 5, estimator=name).exp()[0] for name in ("mss", "mss_ordered")
        }
        for others in itertools.permutations(range(1, 5), size - 1):
            batch = torch.tensor([0, *others])
            ordered.append((weights["mss_ordered"] * densities[0, batch]).sum())
            plain.append((weights["mss"] * densities[0, batch]).sum())
        assert torch.stack(ordered).mean().log().item() == pytest.approx(joint[0].item())
        assert torch.stack(plain).mean().log().item() == pytest.approx(joint[0].item())
        assert torch.stack(plain).std() <= torch.stack(ordered).std()


def test_p02_the_weight_of_an_image_counts_once_however_many_channels_there_are() -> None:
    found, wrong = (
        means(BetaTCVAE(estimator="mss", compat=compat), 1000) for compat in ("none", "disvae")
    )
    assert found["mutual_information"] < math.log(1000) < wrong["mutual_information"]
    assert found["total_correlation"] > 0 > wrong["total_correlation"]


def test_p02_information_is_never_more_than_the_data_set_can_tell() -> None:
    """With one exact code an image, stratified sampling says log N, and not more."""
    sharp = Outputs(
        distortion=torch.zeros(50).double(),
        mean=torch.arange(50.0).double()[:, None].expand(50, 4) * 100,
        log_variance=torch.full((50, 4), -4.0).double(),
        z=torch.arange(50.0).double()[:, None].expand(50, 4) * 100,
        dataset_size=1000,
    )
    found = golden.terms(BetaTCVAE(estimator="mss"), sharp, step=None)["mutual_information"]
    assert found.tolist() == pytest.approx([math.log(1000)] * 50)


@pytest.mark.parametrize("estimator", ["mws", "mss", "mss_ordered"])
def test_with_weights_of_one_the_parts_add_up_to_an_estimate_of_the_rate(
    estimator: Estimator,
) -> None:
    objective = BetaTCVAE(beta=1.0, estimator=estimator)
    found = means(objective, 1000)
    estimate = golden.values()["kl_modes_mean"]["approx_reverse"] * 6
    assert found["loss"] - found["distortion"] == pytest.approx(estimate, **golden.TOLERANCE)


@pytest.mark.parametrize("size", [1000, 60_000])
def test_p05_the_rate_counts_once_and_the_total_correlation_beta_minus_one_times(size: int) -> None:
    """disentanglement_lib: rate + (beta - 1) TC, without constants, in float32."""
    theirs = golden.values("losses_dlib_tf")
    constants = (6 - 1) * math.log(24 * size)
    found = means(BetaTCVAE(beta=6.0), size)
    plain = found["total_correlation"] - constants
    assert plain == pytest.approx(theirs["total_correlation_float32"], abs=2e-4, rel=1e-5)
    assert plain == pytest.approx(golden.values()["tc_disent"], **golden.TOLERANCE)
    estimate = golden.values()["kl_modes_mean"]["approx_reverse"] * 6
    penalty = found["loss"] - found["distortion"] - 5 * constants
    regulariser = penalty - estimate + found["rate"]
    expected = theirs["beta_tc_regularizer_beta6_float32"]
    assert regulariser == pytest.approx(expected, abs=2e-4, rel=1e-5)
    doubled = 6 * found["rate"] + 5 * plain
    assert abs(regulariser - doubled) > 10


def test_p35_the_size_of_the_data_set_counts() -> None:
    few, many = (means(BetaTCVAE(), size)["mutual_information"] for size in (24, 2400))
    assert many - few == pytest.approx(math.log(100))


def test_a_normal_density_is_a_normal_density() -> None:
    arrays = golden.arrays()
    by_hand = Normal(arrays["mu"], (arrays["logvar"] / 2).exp()).log_prob(arrays["z"])
    ours = log_normal(arrays["z"], arrays["mu"], arrays["logvar"])
    assert torch.allclose(ours, by_hand, rtol=1e-12, atol=1e-12)


def test_the_whole_density_estimates_the_total_correlation_of_a_normal() -> None:
    """Posteriors so narrow that codes are their means: minus log(1 - rho²) / 2 nats."""
    rho, batch, generator = 0.9, 2000, torch.Generator().manual_seed(1)
    noise = torch.randn(batch, 2, generator=generator, dtype=torch.float64)
    mean = torch.stack([noise[:, 0], rho * noise[:, 0] + math.sqrt(1 - rho**2) * noise[:, 1]], 1)
    answer = Outputs(
        distortion=torch.zeros(batch).double(),
        mean=mean,
        log_variance=torch.full((batch, 2), 2 * math.log(0.1)).double(),
        z=mean + 0.1 * torch.randn(batch, 2, generator=generator, dtype=torch.float64),
        dataset_size=batch,
    )
    found = golden.terms(BetaTCVAE(estimator="mss"), answer, step=None)["total_correlation"]
    covariance = torch.tensor([[1.01, rho], [rho, 1.01]])
    expected = -(covariance.det() / 1.01**2).log().item() / 2
    assert found.mean().item() == pytest.approx(expected, abs=0.05)


def test_more_images_in_a_batch_than_in_the_data_set_are_refused() -> None:
    with pytest.raises(ToolkitError) as caught:
        means(BetaTCVAE(estimator="mss"), 23)
    assert str(caught.value) == (
        "stratified sampling draws batches without replacement, and a batch of 24 is larger than "
        "the 23 images. Lower `batch_size`, or set `estimator` to mws."
    )


def test_stratified_sampling_of_one_image_knows_that_image_alone() -> None:
    answer = small(1)
    found = log_densities(answer, estimator="mss", compat="none")
    assert torch.equal(found.joint, found.given_image)


def test_faults_are_repeated_only_where_they_are_asked_for() -> None:
    assert (BetaTCVAE().compat, BetaTCVAE().estimator) == ("none", "mws")

"""Information by sampling: golden values, quadrature, coverage of the standard errors."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from toolkit.analyses.synthetic_spaces.spaces import synthetic_spaces
from toolkit.errors import ToolkitError
from toolkit.information import (
    Space,
    SpaceEstimates,
    estimate_spaces,
    full_space_information,
)
from toolkit.information.monte_carlo.densities import log_density_ratios
from toolkit.information.monte_carlo.draws import Moments, draws_of_points
from toolkit.information.monte_carlo.pairs import _log_grams

GOLDEN = Path(__file__).parents[1] / "golden"
LINE = Space(torch.linspace(-2, 2, 12).double()[:, None], torch.full((12, 1), -1.0).double())


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def information_by_quadrature(space: Space) -> float:
    """Entropy of the mixture minus that of a posterior, in bits, on a fine grid."""
    u = torch.linspace(-30, 30, 200_001, dtype=torch.float64)[:, None]
    mean, deviation = space.mean.T, (space.log_variance.T / 2).exp()
    density = torch.distributions.Normal(mean, deviation).log_prob(u).exp()
    mixture = density.mean(dim=1)
    entropy = -torch.trapezoid(torch.xlogy(mixture, mixture), u[:, 0])
    own = (math.log(2 * math.pi * math.e) + space.log_variance).mean() / 2
    return ((entropy - own) / math.log(2)).item()


def load(name: str) -> dict[str, np.ndarray]:
    with np.load(GOLDEN / name) as golden:
        return dict(golden)


def trained_spaces() -> tuple[dict[str, np.ndarray], list[Tensor], list[Tensor]]:
    golden = load("fullspace_mc.npz")
    means = [torch.from_numpy(golden[f"mu_{name}"]).double() for name in golden["names"]]
    widths = [torch.from_numpy(golden[f"logvar_{name}"]).double() for name in golden["names"]]
    return golden, means, widths


def within(
    value: Tensor, error: Tensor, golden: np.ndarray, golden_error: np.ndarray, slack: float
) -> None:
    """Four combined standard errors, and a little; the golden file leaves some entries out."""
    known = ~np.isnan(golden)
    allowed = 4 * np.sqrt(golden_error**2 + error.numpy() ** 2) + slack
    assert known.any()
    assert (np.abs(value.numpy() - golden)[known] <= allowed[known]).all()


def agrees(
    result: SpaceEstimates,
    golden: dict[str, np.ndarray],
    names: dict[str, tuple[str, str]],
    slack: float,
) -> None:
    for name, (key, error_key) in names.items():
        value, error = getattr(result, name), getattr(result, f"{name}_error")
        within(value, error, golden[key], golden[error_key], slack)


def test_trained_spaces_have_their_golden_values() -> None:
    golden, means, widths = trained_spaces()
    result = estimate_spaces(means, widths, samples=20_000, generator=seeded(1))
    names = {
        "information": ("mc_info_bits", "mc_info_se"),
        "doubled": ("mc_double_bits", "mc_double_se"),
        "joint": ("mc_joint_bits", "mc_joint_se"),
        "nmi": ("mc_nmi", "mc_nmi_se"),
        "vi": ("mc_vi_bits", "mc_vi_se"),
    }
    agrees(result, golden, names, 0.002)
    script = golden["utils_mc20000_info_bits"], golden["utils_mc20000_se"]
    within(result.information, result.information_error, *script, 0.002)


def test_single_channels_have_their_golden_values() -> None:
    golden, means, widths = trained_spaces()
    for channel in range(5):
        found = full_space_information(
            means[2][:, [channel]], widths[2][:, [channel]], samples=16_000, generator=seeded(2)
        )
        reference = golden["d5_v0_channel_mc_bits"][channel]
        error = math.hypot(golden["d5_v0_channel_mc_se"][channel], found.standard_error)
        assert abs(found.bits - reference) <= 4 * error + 0.002


def test_synthetic_spaces_have_their_golden_values() -> None:
    golden = load("synthetic_nine.npz")
    spaces = list(synthetic_spaces().values())
    result = estimate_spaces(*zip(*spaces, strict=True), samples=20_000, generator=seeded(3))
    names = {
        "information": ("mc_info_bits", "mc_info_se"),
        "doubled": ("mc_double_bits", "mc_double_se"),
        "joint": ("mc_joint_bits", "mc_joint_se"),
        "nmi": ("nmi_mc", "nmi_mc_se"),
        "vi": ("vi_mc_bits", "vi_mc_se"),
    }
    agrees(result, golden, names, 0.003)


@pytest.mark.parametrize("width", [-4.0, -1.0, 1.0])
def test_value_agrees_with_quadrature(width: float) -> None:
    space = Space(LINE.mean, torch.full((12, 1), width).double())
    found = full_space_information(*space, samples=12_000, generator=seeded(4))
    assert abs(found.bits - information_by_quadrature(space)) < 4 * found.standard_error
    assert found.standard_error < 0.01


@pytest.mark.parametrize(
    "samples", [pytest.param(12 * 8, id="strata"), pytest.param(20, id="points with replacement")]
)
def test_standard_error_is_the_spread_of_repeated_estimates(samples: int) -> None:
    truth = information_by_quadrature(LINE)
    generator = seeded(5)
    runs = [full_space_information(*LINE, samples=samples, generator=generator) for _ in range(400)]
    bits = torch.tensor([run.bits for run in runs], dtype=torch.float64)
    claimed = torch.tensor([run.standard_error for run in runs], dtype=torch.float64)
    # the spread of 400 runs is itself known to 3.5 %; four of those
    assert bits.std().item() == pytest.approx(claimed.square().mean().sqrt().item(), rel=0.15)
    assert abs(bits.mean() - truth) < 4 * bits.std() / 20


def test_errors_of_nmi_and_vi_are_the_spread_of_repeated_estimates() -> None:
    """Errors taken as independent would be too large by half, as the last lines show."""
    mean = torch.randn(10, 2, generator=seeded(6), dtype=torch.float64) * 2
    means = [mean, mean[:, :1] + 0.5, mean * 1.5]
    widths = [
        torch.zeros(10, 2).double(),
        torch.zeros(10, 1).double() - 1,
        torch.zeros(10, 2).double(),
    ]
    generator = seeded(7)
    runs = [estimate_spaces(means, widths, samples=100, generator=generator) for _ in range(300)]
    pairs = torch.triu_indices(3, 3, offset=1).unbind()
    for name in ("nmi", "vi", "joint"):
        spread = torch.stack([getattr(run, name)[pairs] for run in runs]).std(dim=0)
        claimed = torch.stack([getattr(run, f"{name}_error")[pairs] for run in runs])
        torch.testing.assert_close(spread, claimed.square().mean(dim=0).sqrt(), rtol=0.17, atol=0)
    run = runs[0]
    independent = (
        (4 * run.joint_error**2)[0, 2] + (run.doubled_error**2)[0] + (run.doubled_error**2)[2]
    )
    assert run.vi_error[0, 2] < 0.7 * independent.sqrt()


def test_copies_are_alike_without_noise() -> None:
    mean = torch.randn(10, 2, generator=seeded(8), dtype=torch.float64)
    width = torch.zeros_like(mean)
    result = estimate_spaces([mean, mean + 3], [width, width], samples=100, generator=seeded(9))
    torch.testing.assert_close(result.nmi, torch.ones(2, 2).double(), rtol=0, atol=1e-9)
    torch.testing.assert_close(result.vi, torch.zeros(2, 2).double(), rtol=0, atol=1e-9)
    rounding = 1e-7  # a standard error is a root: 1e-16 of its square is 1e-8 of itself
    assert result.vi_error.max() < rounding
    assert torch.equal(result.joint, result.joint.T)


def test_points_and_densities_come_in_blocks_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = full_space_information(*LINE, samples=96, generator=seeded(10))
    twice = [LINE.mean] * 2, [LINE.log_variance] * 2
    pairs = estimate_spaces(*twice, samples=96, generator=seeded(10))
    monkeypatch.setattr("toolkit.information.monte_carlo.estimate.POINTS", 5)
    monkeypatch.setattr("toolkit.information.monte_carlo.pairs.ELEMENTS", 1000)
    again = full_space_information(*LINE, samples=96, generator=seeded(10))
    parts = estimate_spaces(*twice, samples=96, generator=seeded(10))
    assert again.bits == pytest.approx(whole.bits, abs=1e-12)
    torch.testing.assert_close(parts.joint, pairs.joint, rtol=0, atol=1e-12)


def test_a_point_is_visited_equally_often_or_drawn_with_replacement() -> None:
    strata = list(draws_of_points(5, samples=11, generator=seeded(0), block=6))
    assert torch.cat(strata).flatten().bincount().tolist() == [3] * 5
    few = torch.cat(list(draws_of_points(1000, samples=50, generator=seeded(0), block=20)))
    assert few.shape == (50, 1)
    assert not torch.equal(
        few, torch.cat(list(draws_of_points(1000, samples=50, generator=seeded(1), block=20)))
    )


def test_density_ratios_agree_with_torch_distributions() -> None:
    """Both ways, matrix product and draw by draw: the last dimension is too sharp for a product."""
    generator = seeded(11)
    mean = torch.randn(9, 3, generator=generator, dtype=torch.float64)
    width = torch.randn(9, 3, generator=generator, dtype=torch.float64)
    width[:, 2] -= 16
    points = torch.tensor([0, 4, 4, 8])
    noise = torch.randn(4, 3, generator=generator, dtype=torch.float64)
    u = mean[points] + (width[points] / 2).exp() * noise
    density = torch.distributions.Normal(mean, (width / 2).exp()).log_prob(u[:, None]).sum(dim=2)
    own = density[torch.arange(4), points]
    found = log_density_ratios(mean, width, points=points, noise=noise, among=slice(2, 9))
    torch.testing.assert_close(found, (density - own[:, None])[:, 2:], rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    ("width", "bits"),
    [pytest.param(-60.0, 3.0, id="all apart: log2(8)"), pytest.param(40.0, 0.0, id="all alike")],
)
def test_extreme_widths_give_right_values(width: float, bits: float) -> None:
    mean = torch.arange(8.0)[:, None].double()
    space = Space(mean, torch.full((8, 1), width).double())
    found = full_space_information(*space, samples=160, generator=seeded(12))
    assert found.bits == pytest.approx(bits, abs=1e-9)


def test_sharp_copies_are_not_told_apart() -> None:
    """Four places, two points each, widths far below the rounding of a code."""
    mean = torch.arange(4.0).double().repeat(2)[:, None]
    found = full_space_information(
        mean, torch.full((8, 1), -60.0).double(), samples=160, generator=seeded(13)
    )
    assert found.bits == pytest.approx(2.0, abs=1e-12)


def test_spaces_of_mixed_extreme_widths_take_the_long_way_and_agree() -> None:
    first = torch.tensor([[[0.0, -900.0, 400.0]]]).double()
    second = torch.tensor([[[0.0, 380.0, -880.0]]]).double()
    expected = torch.logsumexp(first + second, dim=2)
    torch.testing.assert_close(_log_grams(first, second)[:, 0], expected, rtol=0, atol=1e-12)


def test_moments_are_those_of_all_draws_at_once() -> None:
    values = torch.randn(12, 1, 3, generator=seeded(14), dtype=torch.float64) + 100
    groups = torch.tensor([[0, 1], [1, 2]])
    moments = Moments(3, groups)
    for block in values.split(5):
        moments.add(block)
    average, covariance = moments.estimate()
    flat = values[:, 0]
    torch.testing.assert_close(average, flat.mean(dim=0))
    for group, found in zip(groups, covariance, strict=True):
        torch.testing.assert_close(found, torch.cov(flat[:, group].T) / 12)


def test_the_estimate_is_made_by_its_generator_alone() -> None:
    before = torch.get_rng_state()
    one = full_space_information(*LINE, samples=48, generator=seeded(3))
    assert one == full_space_information(*LINE, samples=48, generator=seeded(3))
    assert one != full_space_information(*LINE, samples=48, generator=seeded(4))
    assert torch.equal(torch.get_rng_state(), before)


def test_too_few_samples_are_refused() -> None:
    with pytest.raises(ToolkitError) as caught:
        full_space_information(*LINE, samples=1, generator=seeded(0))
    assert str(caught.value) == (
        "`samples` is 1, but a standard error needs at least 2; take some thousands."
    )

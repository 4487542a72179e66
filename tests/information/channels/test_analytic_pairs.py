"""Known pairs against sums over a grid of normal images, and refusals."""

import math

import pytest
import torch

from toolkit.errors import ToolkitError
from toolkit.information.channels.analytic_pairs import analytic_pair, sample_pairs


def bits_on_a_grid(first: float, second: float, correlation: float) -> float:
    """Minus the mean of log2 of the mean coefficient over a fine grid of two normal means."""
    axis = torch.linspace(-5, 5, 41, dtype=torch.float64)
    z = torch.cartesian_prod(axis, axis)
    weight = torch.softmax(-z.square().sum(dim=1) / 2, dim=0)
    y = correlation * z[:, 0] + math.sqrt(1 - correlation**2) * z[:, 1]
    gap = first * (z[:, None, 0] - z[None, :, 0]) ** 2 + second * (y[:, None] - y[None, :]) ** 2
    return float(-weight @ ((-gap).exp() @ weight).log2())


@pytest.mark.parametrize(("first", "second", "correlation"), [(0.5, 0.5, 0.7), (2.0, 0.3, -0.4)])
def test_known_bits_are_those_of_a_grid(first: float, second: float, correlation: float) -> None:
    known = analytic_pair(first, second, correlation)
    one, other = (bits_on_a_grid(k, 0.0, 0.0) for k in (first, second))
    twice, other_twice = (bits_on_a_grid(2 * k, 0.0, 0.0) for k in (first, second))
    joint = bits_on_a_grid(first, second, correlation)
    assert known.information == pytest.approx((one, other), abs=1e-5)
    assert known.joint == pytest.approx(joint, abs=1e-5)
    assert known.vi == pytest.approx(2 * joint - twice - other_twice, abs=1e-4)
    own = math.sqrt((2 * one - twice) * (2 * other - other_twice))
    assert known.nmi == pytest.approx((one + other - joint) / own, abs=1e-4)


def test_draws_have_the_correlation_and_the_widths_that_were_asked_for() -> None:
    dealer = torch.Generator().manual_seed(0)
    mean, log_variance = sample_pairs(5.0, 1.0, 0.6, images=500, draws=40, generator=dealer)
    assert mean.shape == log_variance.shape == (500, 80)
    found = (mean[:, :40] * mean[:, 40:]).mean().item()
    assert found == pytest.approx(0.6, abs=0.03)
    assert log_variance[0, 0].item() == pytest.approx(math.log(1 / 40))
    assert log_variance[0, 40].item() == pytest.approx(math.log(1 / 8))


@pytest.mark.parametrize(
    ("first", "second", "correlation", "given"),
    [
        (0.0, 1.0, 0.5, "0 and 1 with correlation 0.5"),
        (1.0, -2.0, 0.5, "1 and -2 with correlation 0.5"),
        (1.0, 1.0, 1.5, "1 and 1 with correlation 1.5"),
    ],
)
def test_an_impossible_pair_is_refused(
    first: float, second: float, correlation: float, given: str
) -> None:
    with pytest.raises(ToolkitError) as caught:
        analytic_pair(first, second, correlation)
    assert str(caught.value) == (
        f"sharpness {given} make no pair; give sharpness above 0 and a correlation from -1 to 1."
    )

"""Measures of whole spaces: one test holds each to its promises; golden values; second routes."""

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.linalg import sqrtm
from scipy.spatial.distance import pdist
from scipy.stats import spearmanr
from torch import Tensor, nn

from toolkit.analyses.synthetic_spaces.spaces import synthetic_spaces
from toolkit.errors import ToolkitError
from toolkit.information import MEASURES, Space, compare_spaces, measure_spaces
from toolkit.information.measures import shape
from toolkit.information.measures.identity import identity_answers
from toolkit.information.measures.shape import means_and_deviations, stochastic_shape_distance

GOLDEN = Path(__file__).parents[1] / "golden" / "synthetic_nine.npz"


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def random_space(seed: int, *, round_: bool = False) -> Space:
    generator = seeded(seed)
    mean = 2 * torch.randn(14, 3, generator=generator, dtype=torch.float64)
    width = torch.randn(14, 1 if round_ else 3, generator=generator, dtype=torch.float64)
    return Space(mean, width.expand(14, 3) - 1)


def turned(space: Space) -> Space:
    turn = torch.linalg.qr(torch.randn(3, 3, generator=seeded(99), dtype=torch.float64)).Q
    return Space(space.mean @ turn, space.log_variance)


STRETCH = torch.tensor([0.5, 2.0, 3.0]).double()
CHANGES: dict[str, Callable[[Space], Space]] = {
    "shifted": lambda s: Space(s.mean + torch.tensor([1.0, -2.0, 5.0]), s.log_variance),
    "reordered": lambda s: Space(s.mean[:, [2, 0, 1]], s.log_variance[:, [2, 0, 1]]),
    "mirrored": lambda s: Space(s.mean * torch.tensor([1.0, -1.0, 1.0]), s.log_variance),
    "scaled": lambda s: Space(s.mean * 3, s.log_variance + 2 * math.log(3)),
    "stretched": lambda s: Space(s.mean * STRETCH, s.log_variance + 2 * STRETCH.log()),
    "turned": turned,
    "widened": lambda s: Space(s.mean, s.log_variance * 0.5 + 1),
}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", MEASURES)
def test_every_measure_keeps_its_promises(name: str, seed: int) -> None:
    measure, slack = MEASURES[name], MEASURES[name].tolerance
    one, other = (random_space(2 * seed + k, round_=True) for k in range(2))
    spaces = [one, other, *(CHANGES[change](one) for change in CHANGES)]
    table = measure_spaces(spaces, measure, generator=seeded(seed))
    assert torch.equal(table, table.T)
    assert (table.diagonal() - measure.alike).abs().max() <= slack
    assert table.min() >= measure.low - slack
    assert table.max() <= measure.high + slack
    better = table[0, 1] < measure.alike if measure.larger_is_alike else table[0, 1] > measure.alike
    assert better
    for place, change in enumerate(CHANGES, start=2):
        kept = (table[1, place] - table[1, 0]).abs() <= 10 * slack
        assert kept.item() == (change in measure.invariant), change


def test_table_of_measures_is_the_golden_one() -> None:
    spaces = list(synthetic_spaces().values())
    with np.load(GOLDEN) as file:
        golden = dict(file)
    keys = {
        "nmi": "nmi_bhat",
        "cka_linear": "cka_linear",
        "cka_bhattacharyya": "cka_bhat",
        "cka_rbf": "cka_rbf",
    }
    for name, key in keys.items():
        table = measure_spaces(spaces, MEASURES[name], generator=seeded())
        np.testing.assert_allclose(table, golden[key], rtol=1e-8, atol=1e-9)
    vi = measure_spaces(spaces, MEASURES["vi"], generator=seeded())
    np.testing.assert_allclose(vi, golden["utils_vi_bits"], rtol=1e-8, atol=1e-9)
    inverse = [Space(mean, -log_variance) for mean, log_variance in spaces]
    for named, key in ((spaces, "ssm_true_variance"), (inverse, "ssm_notebook_inverse_variance")):
        table = measure_spaces(named, MEASURES["stochastic_shape"], generator=seeded()).numpy()
        known = np.isfinite(golden[key])  # not of spaces of unlike width, which are padded here
        np.testing.assert_allclose(table[known], golden[key][known], rtol=1e-6, atol=1e-5)
        assert np.isfinite(table).all()


def test_pairwise_form_agrees_with_the_streamed_comparison() -> None:
    spaces = [random_space(seed) for seed in range(3)]
    streamed = compare_spaces(*zip(*spaces, strict=True))
    for name in ("nmi", "vi"):
        table = measure_spaces(spaces, MEASURES[name], generator=seeded())
        torch.testing.assert_close(table, getattr(streamed, name), rtol=0, atol=1e-12)


def test_linear_alignment_agrees_with_the_cross_covariance_form() -> None:
    one, other = random_space(1), random_space(2)
    x, y = (space.mean - space.mean.mean(dim=0) for space in (one, other))
    expected = (x.T @ y).norm() ** 2 / ((x.T @ x).norm() * (y.T @ y).norm())
    table = measure_spaces([one, other], MEASURES["cka_linear"], generator=seeded())
    torch.testing.assert_close(table[0, 1], expected, rtol=0, atol=1e-12)


def test_rank_correlation_agrees_with_scipy_ties_included() -> None:
    grid = torch.cartesian_prod(torch.arange(4.0), torch.arange(3.0)).double()
    spaces = [Space(grid, torch.zeros_like(grid)), Space(grid.square(), torch.zeros_like(grid))]
    table = measure_spaces(spaces, MEASURES["rsa"], generator=seeded())
    expected = spearmanr(pdist(grid.numpy()), pdist(grid.square().numpy())).statistic
    assert table[0, 1].item() == pytest.approx(expected, abs=1e-9)


def wasserstein(one: Space, other: Space, turn: np.ndarray) -> float:
    """Mean squared 2-Wasserstein distance from the matrix formula."""
    total = 0.0
    for (m, v), (n, w) in zip(zip(*one, strict=True), zip(*other, strict=True), strict=True):
        sigma, gamma = np.diag(v.exp().numpy()), turn.T @ np.diag(w.exp().numpy()) @ turn
        root = sqrtm(sigma)
        cross = np.real(np.trace(sqrtm(root @ gamma @ root)))
        total += ((m.numpy() - n.numpy() @ turn) ** 2).sum()
        total += np.trace(sigma) + np.trace(gamma) - 2 * cross
    return total / len(one.mean)


def test_shape_distance_agrees_with_a_scan_of_all_turns_of_the_plane() -> None:
    one, other = (Space(*(part[:8, :2] for part in random_space(seed))) for seed in (4, 5))
    scanned = math.inf
    for angle in np.linspace(0, 2 * np.pi, 181):
        turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        for mirror in (np.eye(2), np.diag([1.0, -1.0])):
            scanned = min(scanned, wasserstein(one, other, turn @ mirror))
    found = stochastic_shape_distance(means_and_deviations(one), means_and_deviations(other)) ** 2
    assert scanned - 0.01 < found.item() <= scanned + 1e-9


def follow_every_start(one: Tensor, other: Tensor) -> float:
    """The least distance over all starts, each followed to the end by itself."""
    best = math.inf
    for start in shape._starts(one.shape[2]):
        turns, arrived = start[None], torch.tensor([False])
        while not arrived.all():
            turns, _, arrived = shape._climb(one, other, turns)
        best = min(best, float(shape._distance(one, other, turns[0])))
    return best


@pytest.mark.parametrize("seed", range(8))
def test_shape_distance_is_the_least_of_all_its_starts(seed: int) -> None:
    generator = seeded(seed)
    one, other = (
        torch.stack([2 * part[0], (part[1] / 2).exp()])
        for part in torch.randn(2, 2, 6, 3, generator=generator, dtype=torch.float64)
    )
    found = stochastic_shape_distance(one, other).item()
    assert found == pytest.approx(follow_every_start(one, other), abs=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_shape_distance_pads_the_narrower_space_with_silent_channels(seed: int) -> None:
    wide, narrow = random_space(2 * seed), random_space(2 * seed + 1)
    narrow = Space(narrow.mean[:, :2], narrow.log_variance[:, :2])
    zeros = torch.zeros(14, 1).double()
    padded = torch.cat([means_and_deviations(narrow), torch.stack([zeros, zeros])], dim=2)
    found = stochastic_shape_distance(means_and_deviations(narrow), means_and_deviations(wide))
    torch.testing.assert_close(found, stochastic_shape_distance(padded, means_and_deviations(wide)))
    assert stochastic_shape_distance(means_and_deviations(narrow), padded) < 1e-6
    table = measure_spaces([narrow, wide], MEASURES["stochastic_shape"], generator=seeded())
    assert table[0, 1].item() == pytest.approx(found.item())


DEBIASED = ["cka_linear", "cka_rbf", "cka_bhattacharyya"]


@pytest.mark.parametrize("name", DEBIASED)
def test_debiased_alignment_of_unrelated_spaces_is_about_nothing_at_any_number(name: str) -> None:
    for images, channels in ((16, 8), (64, 8), (64, 32)):
        values = []
        for seed in range(12):
            generator = seeded(seed)
            spaces = [
                Space(mean, torch.zeros_like(mean))
                for mean in torch.randn(2, images, channels, generator=generator).double()
            ]
            biased, debiased = (
                measure_spaces(spaces, MEASURES[measure], generator=seeded())[0, 1].item()
                for measure in (name, f"{name}_debiased")
            )
            values.append(debiased)
            assert debiased < biased
        assert abs(np.mean(values)) < 4 * np.std(values) / np.sqrt(len(values)) + 1e-3


def test_debiased_alignment_divides_the_unbiased_estimates() -> None:
    one, other = random_space(1), random_space(2)

    def estimate(first: Tensor, second: Tensor) -> Tensor:
        k, m = (kernel - torch.diag(kernel.diagonal()) for kernel in (first, second))
        n, ones = len(k), torch.ones(len(k)).double()
        total = (ones @ k @ ones) * (ones @ m @ ones) / ((n - 1) * (n - 2))
        cross = 2 * (ones @ k @ m @ ones) / (n - 2)
        return ((k @ m).trace() + total - cross) / (n * (n - 3))

    x, y = (space.mean @ space.mean.T for space in (one, other))
    expected = estimate(x, y) / (estimate(x, x) * estimate(y, y)).sqrt()
    table = measure_spaces([one, other], MEASURES["cka_linear_debiased"], generator=seeded())
    torch.testing.assert_close(table[0, 1], expected, rtol=0, atol=1e-12)


def test_debiased_alignment_of_three_images_is_undefined() -> None:
    three = Space(*(part[:3] for part in random_space(0)))
    table = measure_spaces([three], MEASURES["cka_linear_debiased"], generator=seeded())
    assert table.isnan().all()


@pytest.mark.parametrize("name", [*DEBIASED, *(f"{name}_debiased" for name in DEBIASED), "rsa"])
def test_a_space_that_says_the_same_of_all_images_has_no_likeness(name: str) -> None:
    constant = Space(torch.full((14, 2), 0.1).double(), torch.zeros(14, 2).double())
    table = measure_spaces([constant, random_space(0)], MEASURES[name], generator=seeded())
    assert table[0].isnan().all()


def test_ideal_classifier_of_two_points_agrees_with_quadrature() -> None:
    u = torch.linspace(-12, 12, 100_001, dtype=torch.float64)
    p, q = (torch.distributions.Normal(centre, 1.0).log_prob(u).exp() for centre in (-1.0, 1.0))
    right = torch.trapezoid(p * p / (p + q), u).item()
    two = Space(torch.tensor([[-1.0], [1.0]]).double(), torch.zeros(2, 1).double())
    answers = identity_answers(two, generator=seeded(), draws=40_000)
    assert answers[0, 0].item() == pytest.approx(right, abs=0.005)
    torch.testing.assert_close(answers.sum(dim=1), torch.ones(2).double())


def trained_answers(space: Space) -> Tensor:
    """What the published network answers: two hidden layers, leaky ReLU, trained by Adam."""
    n = len(space.mean)
    network = nn.Sequential(
        nn.Linear(2, 64), nn.LeakyReLU(0.2), nn.Linear(64, 64), nn.LeakyReLU(0.2), nn.Linear(64, n)
    )
    adam = torch.optim.Adam(network.parameters(), lr=5e-3)
    generator = seeded(1)
    for step in range(800):
        index = torch.randint(n, (512,), generator=generator)
        noise = torch.randn(512, 2, generator=generator)
        codes = space.mean[index] + (space.log_variance[index] / 2).exp() * noise
        loss = nn.functional.cross_entropy(network(codes.float()), index)
        adam.zero_grad()
        loss.backward()
        adam.param_groups[0]["lr"] = 5e-3 * (1 - step / 800)
        adam.step()
    index = torch.arange(n).repeat_interleave(1000)
    noise = torch.randn(len(index), 2, generator=generator)
    codes = space.mean[index] + (space.log_variance[index] / 2).exp() * noise
    with torch.no_grad():
        return network(codes.float()).softmax(dim=1).reshape(n, 1000, n).mean(dim=1).double()


def test_a_trained_network_approaches_the_ideal_classifier() -> None:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        space = Space(*(part[:6, :2] for part in random_space(7)))
        trained = trained_answers(space)
    ideal = identity_answers(space, generator=seeded(2), draws=4000)
    assert (trained - ideal).abs().max() < 0.06


def test_no_spaces_are_refused() -> None:
    with pytest.raises(ToolkitError) as caught:
        measure_spaces([], MEASURES["rsa"], generator=seeded())
    assert str(caught.value) == (
        "0 means and 0 log-variances were given; give one of each for every space, and at least "
        "one space."
    )

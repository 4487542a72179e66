"""Learners of the circle: gradients against autograd, draws, company, what they learn."""

import math
from collections.abc import Sequence

import pytest
import torch
from torch import Tensor

from toolkit.analyses.fusion_so2 import CircleSettings, train_circle_learners
from toolkit.analyses.fusion_so2.draws import draw
from toolkit.analyses.fusion_so2.network import initial_weights, loss_and_gradients
from toolkit.data.procedural.circle import circle_points
from toolkit.errors import ToolkitError
from toolkit.execution import processes, serial

FEW = CircleSettings(steps=60, batch_size=55, hidden=16, draws="lattice")


def seeded(count: int) -> list[torch.Generator]:
    return [torch.Generator().manual_seed(seed) for seed in range(count)]


def loss_by_autograd(
    weights: Sequence[Tensor], target: Tensor, noise: Tensor, beta: float
) -> tuple[Tensor, Tensor]:
    """One learner, layer by layer as published: distortion and rate."""
    hidden = torch.tanh(target @ weights[0] + weights[1])
    answer = torch.tanh(hidden @ weights[2] + weights[3]) @ weights[4] + weights[5]
    mean, log_variance = answer[:, 0], answer[:, 1]
    code = mean + (log_variance / 2).exp() * noise
    hidden = torch.tanh(code[:, None] @ weights[6] + weights[7])
    answer = torch.tanh(hidden @ weights[8] + weights[9]) @ weights[10] + weights[11]
    posterior = torch.distributions.Normal(mean, (log_variance / 2).exp())
    prior = torch.distributions.Normal(torch.zeros_like(mean), torch.ones_like(mean))
    rate = torch.distributions.kl_divergence(posterior, prior).mean()
    return (answer - target).square().mean(), rate


def test_gradients_written_out_are_those_of_autograd() -> None:
    generators = seeded(3)
    weights = [weight.double() + 0.1 for weight in initial_weights(generators, 12)]
    angle, noise = (part.double() for part in draw(generators, FEW))
    target = torch.stack([angle.cos(), angle.sin()], dim=2)
    distortion, rate, gradients = loss_and_gradients(weights, target, noise, beta=0.3)
    for learner in range(3):
        leaves = [weight[learner].requires_grad_() for weight in weights]
        expected = loss_by_autograd(leaves, target[learner], noise[learner], 0.3)
        slopes = torch.autograd.grad(expected[0] + 0.3 * expected[1], leaves)
        assert distortion[learner].item() == pytest.approx(expected[0].item(), abs=1e-12)
        assert rate[learner].item() == pytest.approx(expected[1].item(), abs=1e-12)
        for found, reference in zip(gradients, slopes, strict=True):
            torch.testing.assert_close(found[learner], reference, rtol=0, atol=1e-12)


@pytest.mark.parametrize("kind", ["independent", "lattice"])
def test_angles_are_uniform_and_noises_normal(kind: str) -> None:
    settings = CircleSettings(batch_size=144, draws=kind)
    generators = seeded(50)
    angle, noise = (
        torch.stack(part).flatten()
        for part in zip(*(draw(generators, settings) for _ in range(5)), strict=True)
    )
    assert angle.min() >= 0
    assert angle.max() <= 2 * math.pi + 1e-5
    count = len(angle)
    for order in (1, 2, 3):
        assert abs((order * angle).cos().mean()) < 4 / math.sqrt(2 * count)
    assert abs(noise.mean()) < 4 / math.sqrt(count)
    assert noise.square().mean().item() == pytest.approx(1, abs=4 * math.sqrt(2 / count))
    assert noise.pow(4).mean().item() == pytest.approx(3, abs=4 * math.sqrt(96 / count))


@pytest.mark.parametrize("size", [8, 55, 100, 144])
def test_a_lattice_has_one_point_in_every_strip_of_either_axis(size: int) -> None:
    settings = CircleSettings(batch_size=size, draws="lattice")
    angle, noise = (part.double() for part in draw(seeded(1), settings))
    for uniform in (angle / (2 * math.pi), torch.special.ndtr(noise)):
        gaps = uniform[0].sort().values.diff()
        torch.testing.assert_close(gaps, torch.full_like(gaps, 1 / size), rtol=0, atol=1e-5)


def test_lattice_gradients_have_the_same_mean_and_less_variance() -> None:
    weights = initial_weights(seeded(1), 8)

    def gradients(kind: str, seed: int) -> Tensor:
        settings = CircleSettings(batch_size=55, draws=kind)
        generators = [torch.Generator().manual_seed(seed)]
        found = []
        for _ in range(300):
            angle, noise = draw(generators, settings)
            target = torch.stack([angle.cos(), angle.sin()], dim=2)
            found.append(
                torch.cat(
                    [g.flatten() for g in loss_and_gradients(weights, target, noise, beta=0.03)[2]]
                )
            )
        return torch.stack(found)

    lattice, independent = gradients("lattice", 1), gradients("independent", 2)
    apart = lattice.mean(dim=0) - independent.mean(dim=0)
    noise = independent.var(dim=0).sum() / 300
    assert apart.square().sum() < 5 * noise
    assert lattice.var(dim=0).sum() < independent.var(dim=0).sum() / 5


@pytest.mark.slow
def test_a_learner_is_the_same_in_any_company_and_on_any_worker() -> None:
    points = torch.from_numpy(circle_points(20)).float()
    together = train_circle_learners(range(12), points, settings=FEW, execute=serial)
    alone = train_circle_learners([4], points, settings=FEW, execute=serial)
    torch.testing.assert_close(together.mean[4:5], alone.mean, rtol=1e-4, atol=1e-5)
    elsewhere = train_circle_learners(range(12), points, settings=FEW, execute=processes(2))
    assert torch.equal(together.mean, elsewhere.mean)
    assert torch.equal(together.log_variance, elsewhere.log_variance)


def test_learning_finds_the_circle_and_cuts_it_once() -> None:
    settings = CircleSettings(
        steps=900, batch_size=89, hidden=32, draws="lattice", learning_rate=3e-3
    )
    seen = []
    learners = train_circle_learners(
        [0, 1],
        torch.from_numpy(circle_points(60)).float(),
        settings=settings,
        execute=serial,
        progress=lambda done, of: seen.append((done, of)),
    )
    assert seen[0] == (100, 1800)
    assert seen[-1] == (1800, 1800)
    assert (learners.distortion < 0.15).all()  # half without learning
    assert (learners.rate > 1.5).all()
    step = learners.mean.diff(dim=1, append=learners.mean[:, :1]).abs()
    assert (step.amax(dim=1) > 4 * step.median(dim=1).values).all()


@pytest.mark.usefixtures("unchecked")
def test_what_cannot_be_trained_is_refused() -> None:
    def refusal(seeds: Sequence[int], settings: CircleSettings) -> str:
        with pytest.raises(ToolkitError) as caught:
            train_circle_learners(
                seeds, torch.from_numpy(circle_points(5)).float(), settings=settings, execute=serial
            )
        return str(caught.value)

    assert refusal([1, 1], FEW) == (
        "2 seeds with 1 different ones were given; give at least one, and none twice."
    )
    assert refusal([1], CircleSettings(draws="random")) == (
        "points cannot be drawn as 'random'; choose 'independent' or 'lattice'."
    )
    assert refusal([1], CircleSettings(steps=0)) == (
        "CircleSettings(steps=0, batch_size=2048, draws='independent', beta=0.03, "
        "learning_rate=0.001, hidden=256) cannot be trained; steps, batch_size, hidden and "
        "learning_rate must be above 0 and beta not below it."
    )

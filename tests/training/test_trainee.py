import copy

import pytest
import torch
from torch import Tensor
from torch.optim import Adam

from tests.training.examples import OBJECTIVES, halves, settings
from toolkit.objectives import discriminator_loss, permute_codes
from toolkit.training.streams import stream
from toolkit.training.trainee import Trainee, respond, sample


def pair() -> tuple[Tensor, Tensor]:
    first, second = (halves()[:16].double() / 255).split(8)
    return first, second


def test_p03_the_discriminators_loss_moves_the_discriminator_and_nothing_else() -> None:
    given = settings("factor_vae", precision="float64")
    trainee, (images, second) = Trainee(given), pair()
    before = copy.deepcopy(trainee)
    trainee.update(images, second, step=0)

    answer = respond(before.model, images, given, generator=stream(1, "noise", position=0))
    terms = given.objective.terms(answer, step=0, adversary=before.adversary)
    alone = torch.autograd.grad(terms["loss"].mean(), list(before.model.parameters()))
    for parameter, gradient in zip(trainee.model.parameters(), alone, strict=True):
        assert torch.equal(parameter.grad, gradient)

    assert before.adversary is not None
    assert trainee.adversary is not None
    other = sample(*before.model.encode(second), generator=stream(1, "second noise", position=0))
    permuted = permute_codes(other, generator=stream(1, "permutation", position=0))
    loss = discriminator_loss(before.adversary, answer.codes, permuted)
    own = torch.autograd.grad(loss, list(before.adversary.parameters()))
    for parameter, gradient in zip(trainee.adversary.parameters(), own, strict=True):
        assert torch.equal(parameter.grad, gradient)


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_an_update_is_the_step_of_a_plain_adam(objective: str) -> None:
    given = settings(objective, precision="float64")
    trainee, (images, second) = Trainee(given), pair()
    model, adversary = copy.deepcopy(trainee.model), copy.deepcopy(trainee.adversary)
    plain = Adam(model.parameters(), given.learning_rate, fused=False, foreach=False)
    for step in range(3):
        if adversary is not None and trainee.adversary is not None:
            adversary.load_state_dict(trainee.adversary.state_dict())
        noise = stream(given.seed, "noise", position=step)
        answer = respond(model, images, given, generator=noise)
        terms = given.objective.terms(answer, step=step, adversary=adversary)
        plain.zero_grad()
        terms["loss"].mean().backward()
        plain.step()
        told = trainee.update(images, None if adversary is None else second, step=step)
        assert torch.allclose(told["loss"], terms["loss"], rtol=1e-9)
        for ours, theirs in zip(trainee.model.parameters(), model.parameters(), strict=True):
            assert torch.allclose(ours, theirs, rtol=1e-7, atol=1e-10)


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_the_parts_of_the_loss_are_told_without_their_history(objective: str) -> None:
    trainee, (images, second) = Trainee(settings(objective, precision="float64")), pair()
    adversarial = trainee.adversary is not None
    terms = trainee.update(images, second if adversarial else None, step=0)
    assert all(value.shape == (8,) and not value.requires_grad for value in terms.values())
    assert ("discriminator_loss" in terms) == adversarial


def test_p04_one_update_is_one_step_of_every_optimiser() -> None:
    trainee, (images, second) = Trainee(settings("factor_vae", precision="float64")), pair()
    for step in range(3):
        trainee.update(images, second, step=step)
    assert trainee.adversary_optimiser is not None
    for optimiser in (trainee.optimiser, trainee.adversary_optimiser):
        assert {int(state["step"]) for state in optimiser.state.values()} == {3}


def test_optimisers_are_those_of_the_papers() -> None:
    trainee = Trainee(settings("factor_vae"))
    assert trainee.adversary_optimiser is not None
    (own,), (adversarys,) = (
        optimiser.param_groups for optimiser in (trainee.optimiser, trainee.adversary_optimiser)
    )
    assert (own["lr"], own["betas"]) == (1e-3, (0.9, 0.999))
    assert (adversarys["lr"], adversarys["betas"]) == (1e-4, (0.5, 0.9))


def test_codes_are_samples_of_their_posteriors_and_pass_gradients_on() -> None:
    mean = torch.tensor([1.0, -2.0]).expand(100_000, 2).clone().requires_grad_()
    log_variance = torch.tensor([0.0, -4.0]).expand(100_000, 2).clone().requires_grad_()
    codes = sample(mean, log_variance, generator=torch.Generator().manual_seed(0))
    assert torch.allclose(codes.mean(dim=0), torch.tensor([1.0, -2.0]), atol=0.015)
    assert torch.allclose(codes.std(dim=0), torch.tensor([1.0, 0.1353353]), rtol=0.01)
    codes.sum().backward()
    assert torch.equal(mean.grad, torch.ones_like(mean))
    assert torch.allclose(log_variance.grad, (codes - mean).detach() / 2, atol=1e-6)


def test_a_member_without_discriminator_has_nothing_to_teach() -> None:
    with pytest.raises(RuntimeError, match="a member without discriminator has nothing to teach"):
        Trainee(settings())._teach(torch.zeros(1, 3), halves()[:1].float(), step=0)

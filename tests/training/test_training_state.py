import copy

import pytest
import torch
from torch import nn
from torch.optim import Adam

from tests.training.examples import OBJECTIVES, halves, settings
from toolkit.networks import Autoencoder
from toolkit.objectives import QLAE, Outputs, Terms, discriminator_loss, permute_latents
from toolkit.training import MemberSettings
from toolkit.training.batches import Batch
from toolkit.training.streams import stream
from toolkit.training.training_state import TrainingState, forward_pass, random_inputs_for


def pair() -> tuple[Batch, Batch]:
    first, second = (halves()[:16].double() / 255).split(8)
    return Batch(images=first, changed=None), Batch(images=second, changed=None)


def answered(model: Autoencoder, images: Batch, chosen: MemberSettings, *, step: int) -> Outputs:
    random_inputs = random_inputs_for(chosen, len(images.images), position=step)
    return forward_pass(model, images, chosen, random_inputs=random_inputs, dataset_size=64)


def loss_parts(
    answer: Outputs, chosen: MemberSettings, adversary: nn.Module | None, *, step: int
) -> Terms:
    weights = chosen.objective.weights(step)
    return chosen.objective.terms(answer, weights=weights, adversary=adversary)


def test_p03_the_discriminators_loss_moves_the_discriminator_and_nothing_else() -> None:
    chosen = settings("factor_vae", precision="float64")
    trainee, (images, second) = TrainingState(chosen, dataset_size=64), pair()
    before = copy.deepcopy(trainee)
    trainee.update(images, second, step=0)

    answer = answered(before.model, images, chosen, step=0)
    terms = loss_parts(answer, chosen, before.adversary, step=0)
    alone = torch.autograd.grad(terms["loss"].mean(), list(before.model.parameters()))
    for parameter, gradient in zip(trainee.model.parameters(), alone, strict=True):
        assert torch.equal(parameter.grad, gradient)

    assert before.adversary is not None
    assert trainee.adversary is not None
    mean, log_variance = before.model.encode(second.images)
    generator = stream(1, "second noise", position=0)
    noise = torch.randn(mean.shape, dtype=mean.dtype, generator=generator)
    other = mean + (log_variance / 2).exp() * noise
    permuted = permute_latents(other, generator=stream(1, "permutation", position=0))
    loss = discriminator_loss(before.adversary, answer.z, permuted)
    gradients = torch.autograd.grad(loss, list(before.adversary.parameters()))
    for parameter, gradient in zip(trainee.adversary.parameters(), gradients, strict=True):
        assert torch.equal(parameter.grad, gradient)


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_an_update_is_the_step_of_a_plain_adam(objective: str) -> None:
    chosen = settings(objective, precision="float64")
    trainee, (images, second) = TrainingState(chosen, dataset_size=64), pair()
    model, adversary = copy.deepcopy(trainee.model), copy.deepcopy(trainee.adversary)
    plain = Adam(model.parameters(), chosen.learning_rate, fused=False, foreach=False)
    for step in range(3):
        if adversary is not None and trainee.adversary is not None:
            adversary.load_state_dict(trainee.adversary.state_dict())
        answer = answered(model, images, chosen, step=step)
        terms = loss_parts(answer, chosen, adversary, step=step)
        plain.zero_grad()
        terms["loss"].mean().backward()
        plain.step()
        found = trainee.update(images, None if adversary is None else second, step=step)
        assert torch.allclose(found["loss"], terms["loss"], rtol=1e-9)
        for ours, theirs in zip(trainee.model.parameters(), model.parameters(), strict=True):
            assert torch.allclose(ours, theirs, rtol=1e-7, atol=1e-10)


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_the_parts_of_the_loss_are_told_without_their_history(objective: str) -> None:
    trainee, (images, second) = (
        TrainingState(settings(objective, precision="float64"), dataset_size=64),
        pair(),
    )
    adversarial = trainee.adversary is not None
    terms = trainee.update(images, second if adversarial else None, step=0)
    assert all(value.shape == (8,) and not value.requires_grad for value in terms.values())
    assert ("discriminator_loss" in terms) == adversarial


def test_p04_one_update_is_one_step_of_every_optimiser() -> None:
    trainee, (images, second) = (
        TrainingState(settings("factor_vae", precision="float64"), dataset_size=64),
        pair(),
    )
    for step in range(3):
        trainee.update(images, second, step=step)
    assert trainee.adversary_optimiser is not None
    for optimiser in (trainee.optimiser, trainee.adversary_optimiser):
        assert {int(state["step"]) for state in optimiser.state.values()} == {3}


def test_optimisers_are_those_of_the_papers() -> None:
    trainee = TrainingState(settings("factor_vae"), dataset_size=64)
    assert trainee.adversary_optimiser is not None
    assert (trainee.optimiser.learning_rate, trainee.optimiser.betas) == (1e-3, (0.9, 0.999))
    assert all(
        (group.weight_decay, group.clip) == (0.0, None) for group in trainee.optimiser.groups
    )
    adversarys = trainee.adversary_optimiser
    assert (adversarys.learning_rate, adversarys.betas) == (1e-4, (0.5, 0.9))


def test_a_member_without_discriminator_has_none_to_update() -> None:
    state = TrainingState(settings(), dataset_size=64)
    with pytest.raises(RuntimeError, match="this member has no discriminator to update"):
        state._discriminator_step(torch.zeros(1, 3), pair()[0], step=0)


def test_the_bound_and_the_decay_of_qlae_are_those_of_its_published_optimiser() -> None:
    """Two groups: clip, then AdamW; biases and code book: Adam, without a bound."""
    objective = QLAE(weight_decay=0.1, clip=0.01)
    chosen = settings("beta_vae", precision="float64", objective=objective)
    trainee, (images, _) = TrainingState(chosen, dataset_size=64), pair()
    before = copy.deepcopy(trainee.model)
    answer = answered(before, images, chosen, step=0)
    loss = loss_parts(answer, chosen, None, step=0)["loss"].mean()
    names = [name for name, _ in before.named_parameters()]
    gradients = torch.autograd.grad(loss, list(before.parameters()))
    trainee.update(images, None, step=0)
    rate, bounded = chosen.learning_rate, 0
    for name, gradient, old, new in zip(
        names, gradients, before.parameters(), trainee.model.parameters(), strict=True
    ):
        spared = name.endswith("bias") or name.startswith("bottleneck")
        used = gradient if spared else gradient.clamp(-0.01, 0.01)
        bounded += int((used != gradient).sum())
        shrunk = old * (1 - (0.0 if spared else rate * 0.1))
        by_hand = shrunk - rate * used / (used.abs() + 1e-8)  # the first step of an Adam
        assert torch.allclose(new, by_hand, rtol=1e-9, atol=1e-12), name
    assert bounded > 100
    assert "bottleneck.book" in names

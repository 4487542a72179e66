import pytest
import torch

from tests.objectives import golden
from toolkit.objectives import AnnealedVAE, ramp


@pytest.mark.parametrize("case", golden.values()["betaB"], ids=str)
def test_the_loss_is_that_of_a_published_system(case: dict[str, float]) -> None:
    objective = AnnealedVAE(
        gamma=case["gamma"],
        capacity=case["C_fin"],
        capacity_start=case["C_init"],
        capacity_steps=int(case["steps_anneal"]),
    )
    step = int(case["step"]) if case["is_train"] else None
    loss = golden.terms(objective, golden.outputs(), step=step, adversary=None)["loss"].mean()
    assert loss.item() == pytest.approx(case["loss"], **golden.TOLERANCE)


@pytest.mark.parametrize("case", golden.values("losses_dlib_tf")["anneal"], ids=str)
def test_the_capacity_is_that_of_a_second_published_system(case: dict[str, float]) -> None:
    capacity = ramp(0.0, case["c_max"], steps=int(case["threshold"]), step=int(case["step"]))
    assert capacity == pytest.approx(case["value"], abs=2e-4, rel=1e-5)


def test_the_rate_is_averaged_over_the_batch_before_the_difference_is_taken() -> None:
    outputs = golden.outputs()
    terms = golden.terms(
        AnnealedVAE(gamma=3.0, capacity=6.0, capacity_steps=0), outputs, step=0, adversary=None
    )
    batch = 3.0 * abs(terms["rate"].mean().item() - 6.0)
    by_image = 3.0 * (terms["rate"] - 6.0).abs().mean().item()
    found = (terms["loss"] - terms["distortion"]).tolist()
    assert found == pytest.approx([batch] * 24, rel=1e-9)
    assert by_image > batch + 0.1


def test_the_difference_of_each_image_is_taken_where_that_is_asked_for() -> None:
    """As pythae has it: mean |rate - C| and not |mean rate - C|."""
    objective = AnnealedVAE(gamma=3.0, capacity=6.0, capacity_steps=0, per_image=True)
    terms = golden.terms(objective, golden.outputs(), step=0, adversary=None)
    by_hand = 3.0 * (terms["rate"] - 6.0).abs()
    assert (terms["loss"] - terms["distortion"]).tolist() == pytest.approx(by_hand.tolist())
    assert AnnealedVAE().per_image is False


def test_the_capacity_of_the_step_is_told() -> None:
    objective = AnnealedVAE(capacity=8.0, capacity_start=2.0, capacity_steps=3)
    found = [
        golden.terms(objective, golden.outputs(), step=step, adversary=None)["capacity"][0].item()
        for step in (0, 1, 2, 3, 4, None)
    ]
    assert found == pytest.approx([2.0, 4.0, 6.0, 8.0, 8.0, 8.0])


def test_below_and_above_its_capacity_the_rate_is_drawn_towards_it() -> None:
    for capacity, sign in ((0.0, 1), (100.0, -1)):
        outputs = golden.outputs()
        outputs.mean.requires_grad_(True)
        objective = AnnealedVAE(gamma=5.0, capacity=capacity, capacity_steps=0)
        terms = golden.terms(objective, outputs, step=0, adversary=None)
        (gradient,) = torch.autograd.grad(terms["loss"].mean(), outputs.mean)
        outputs.mean.requires_grad_(False)
        assert torch.allclose(gradient, sign * 5.0 * outputs.mean.detach() / 24)

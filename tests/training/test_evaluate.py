import math
import sys
from dataclasses import replace

import pytest
import torch
from torch.distributions import Bernoulli, Normal, kl_divergence

from tests.training.examples import OBJECTIVES, halves, run, settings
from toolkit.data.split import split
from toolkit.errors import ToolkitError
from toolkit.files import digest_of_arrays
from toolkit.networks import TanhMLP
from toolkit.objectives import AnnealedVAE, BetaTCVAE, BetaVAE, InfoVAE
from toolkit.training import DivergedError, Fitted, MemberSettings, evaluate, fit
from toolkit.training.evaluate import split_batches
from toolkit.training.streams import stream

BATCH = 16  # so that the split has several


@pytest.fixture(autouse=True)
def several_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["toolkit.training.evaluate"], "BATCH", BATCH)


@pytest.fixture(scope="module")
def fitted() -> dict[str, Fitted]:
    """A member an objective, hardly trained, in double precision."""
    return {
        name: run(fit(settings(name, steps=3, precision="float64"), halves()))
        for name in OBJECTIVES
    }


@torch.no_grad()
def by_hand(
    member: Fitted, chosen: MemberSettings, images: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Distortion (n,), rates (n, d) and codes (n, d), each image by itself, from distributions."""
    noise = torch.cat(
        [
            torch.randn(
                len(part), 3, dtype=torch.float64, generator=stream(1, "evaluation", position=p)
            )
            for p, part in enumerate(images.split(BATCH))
        ]
    )
    rows = []
    for image, epsilon in zip(images.double() / 255, noise, strict=True):
        mean, log_variance = member.model.encode(image[None])
        posterior = Normal(mean, (log_variance / 2).exp())
        code = posterior.loc + posterior.scale * epsilon
        seen = Bernoulli(logits=member.model.decode(code), validate_args=False)
        rates = kl_divergence(posterior, Normal(0.0, 1.0))
        rows.append((-seen.log_prob(image[None]).sum()[None], rates, code))
    distortion, rates, codes = (torch.cat(part) for part in zip(*rows, strict=True))
    return distortion, rates, codes


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_p09_an_evaluation_is_the_mean_over_the_whole_split(
    fitted: dict[str, Fitted], objective: str
) -> None:
    chosen, images = settings(objective, precision="float64"), halves(BATCH + 9)
    found = evaluate(fitted[objective], chosen, images)
    distortion, rates, codes = by_hand(fitted[objective], chosen, images)
    assert found.terms["distortion"] == pytest.approx(distortion.mean().item(), rel=1e-9)
    assert found.rates == pytest.approx(rates.mean(dim=0).tolist(), rel=1e-9)
    assert found.terms["rate"] == pytest.approx(sum(found.rates), rel=1e-9)
    loss = distortion.mean().item()
    if objective == "beta_vae":
        loss += 2.0 * sum(found.rates)
    elif objective == "annealed_vae":
        loss += 10.0 * abs(sum(found.rates) - 3.0)
        assert found.terms["capacity"] == 3.0
    else:
        logits = fitted[objective].adversary(codes)
        correlation = (logits[:, 0] - logits[:, 1]).mean().item()
        assert found.terms["total_correlation"] == pytest.approx(correlation, rel=1e-6)
        loss += sum(found.rates) + 3.0 * correlation
    assert found.terms["loss"] == pytest.approx(loss, rel=1e-9)
    first = by_hand(fitted[objective], chosen, images[:BATCH])[0].mean().item()
    assert abs(first - distortion.mean().item()) > 1e-6  # the first batch is not the split


def test_a_capacity_is_compared_with_the_rate_of_the_split_not_of_its_parts(
    fitted: dict[str, Fitted],
) -> None:
    rate = evaluate(fitted["annealed_vae"], settings(precision="float64"), halves(BATCH + 9))
    objective = AnnealedVAE(gamma=1e6, capacity=rate.terms["rate"], capacity_steps=0)
    chosen = settings(precision="float64", objective=objective)
    found = evaluate(fitted["annealed_vae"], chosen, halves(BATCH + 9)).terms
    assert found["loss"] == pytest.approx(found["distortion"], abs=1e-3)


def test_an_evaluation_is_the_same_again_and_its_codes_are_its_own(
    fitted: dict[str, Fitted],
) -> None:
    before = torch.get_rng_state()
    chosen = settings(precision="float64")
    single = evaluate(fitted["beta_vae"], chosen, halves())
    assert evaluate(fitted["beta_vae"], chosen, halves()) == single
    other = evaluate(fitted["beta_vae"], replace(chosen, seed=2), halves())
    assert other.rates == single.rates
    assert other.terms["distortion"] != single.terms["distortion"]
    assert torch.equal(torch.get_rng_state(), before)


def test_p40_a_member_is_trained_on_one_part_of_the_images_and_judged_on_the_other() -> None:
    images = halves()
    train, held_out = split(len(images), held_out=0.3, seed=0)
    assert not set(train) & set(held_out)
    assert len(train) + len(held_out) == len(images)
    chosen = settings(steps=2, data=digest_of_arrays(train))
    spoiled = images.clone()
    spoiled[held_out] = 0
    single, other = (
        run(fit(chosen, pixels[torch.from_numpy(train)])) for pixels in (images, spoiled)
    )
    for mine, its in zip(single.model.parameters(), other.model.parameters(), strict=True):
        assert torch.equal(mine, its)
    judged = [
        evaluate(single, chosen, pixels[torch.from_numpy(held_out)]) for pixels in (images, spoiled)
    ]
    assert judged[0].terms["distortion"] != judged[1].terms["distortion"]


def test_an_empty_split_is_refused(fitted: dict[str, Fitted]) -> None:
    with pytest.raises(ToolkitError) as caught:
        evaluate(fitted["beta_vae"], settings(), halves()[:0])
    assert str(caught.value) == "the held-out split is empty. Raise `held_out` of the data set."


def test_a_member_whose_loss_is_not_finite_has_diverged() -> None:
    chosen = settings(steps=1)
    fitted = run(fit(chosen, halves()))
    with torch.no_grad():
        next(fitted.model.parameters()).fill_(math.nan)
    with pytest.raises(DivergedError) as caught:
        evaluate(fitted, chosen, halves())
    assert str(caught.value) == "the loss became nan at step 1. Lower `learning_rate`."


def test_a_last_image_is_compared_with_those_before_it() -> None:
    """One image too many makes a longer batch, as a single one would have no other."""
    chosen = settings(objective=InfoVAE(), network=TanhMLP(latents=2), steps=0)
    fitted = run(fit(chosen, halves()))
    assert "discrepancy" in evaluate(fitted, chosen, halves(BATCH + 1)).terms
    assert [len(rows) for rows in split_batches(BATCH + 1)] == [BATCH + 1]
    assert [len(rows) for rows in split_batches(1)] == [1]
    assert [len(rows) for rows in split_batches(2 * BATCH + 2)] == [BATCH, BATCH, 2]


@pytest.mark.parametrize("estimator", ["mws", "mss"])
def test_parts_that_depend_on_the_number_of_images_say_which_number_it_was(
    estimator: str, fitted: dict[str, Fitted]
) -> None:
    chosen = settings(objective=BetaTCVAE(estimator=estimator), precision="float64")
    found = {n: evaluate(fitted["beta_vae"], chosen, halves()[:n]).terms for n in (16, 48)}
    assert {n: terms["dataset_size"] for n, terms in found.items()} == {16: 16.0, 48: 48.0}
    plain = settings(objective=BetaVAE(), precision="float64")
    assert "dataset_size" not in evaluate(fitted["beta_vae"], plain, halves()).terms

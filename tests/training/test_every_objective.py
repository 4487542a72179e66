"""Every row of the table of objectives learns, and fits every row of the table of networks."""

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.objectives.examples import REQUIRED
from tests.training.examples import run, settings
from toolkit.files import digest_of_arrays
from toolkit.networks import NETWORKS, TanhMLP
from toolkit.networks.autoencoder import Autoencoder
from toolkit.objectives import LIKELIHOODS, OBJECTIVES, BottleneckSpec, Likelihood, Objective
from toolkit.training import MemberSettings, evaluate, fit
from toolkit.training.batches import Batch
from toolkit.training.training_state import TrainingState, forward_pass, random_inputs_for
from toolkit.training.views import KnownFactors

SIZES = (5, 5, 2)  # column, row, size of a square
SMALL = {"conv64": 64, "conv64_k4": 64, "mlp": 8, "murphy": 8, "tanh_mlp": 8}  # 32 otherwise
GENTLE: dict[str, dict[str, Any]] = {  # weights of papers are for images of 4,096 pixels, not 64
    "ada_tae": {"scale": 1.0},
    "annealed_vae": {"gamma": 2.0, "capacity": 8.0, "capacity_steps": 50},
    "beta_tcvae": {"beta": 1.5},
    "beta_vae": {"beta": 0.5},
    "bio_ae": {"nonnegative": 1.0, "activity": 0.1},
    "dip_vae_i": {"lambda_od": 0.5, "lambda_d": 0.5},
    "dip_vae_ii": {"lambda_od": 0.5, "lambda_d": 0.5},
    "factor_vae": {"gamma": 1.0, "discriminator_width": 16, "discriminator_layers": 2},
    "info_vae": {"lambda_z": 10.0},
    "tae": {"scale": 1.0},
}


def gentle(name: str) -> Objective:
    return OBJECTIVES[name](**REQUIRED.get(name, {}), **GENTLE.get(name, {}))


@cache
def squares() -> tuple[Tensor, KnownFactors]:
    """Fifty images (1, 8, 8) of a white square, and what they show."""
    values = np.stack(np.meshgrid(*map(np.arange, SIZES), indexing="ij"), axis=-1).reshape(-1, 3)
    images = torch.zeros(len(values), 1, 8, 8, dtype=torch.uint8)
    for image, (column, row, size) in zip(images, values.tolist(), strict=True):
        image[0, row : row + size + 2, column : column + size + 2] = 255
    return images, KnownFactors(values=values, sizes=SIZES)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_every_objective_learns_on_a_toy(name: str) -> None:
    images, factors = squares()
    chosen = settings(
        data=digest_of_arrays(images),
        image_shape=(1, 8, 8),
        network=TanhMLP(latents=4),
        objective=gentle(name),
        learning_rate=1e-2,
        steps=60,
        batch_size=25,
    )
    before = run(fit(replace(chosen, steps=0), images, factors=factors))
    fitted = run(fit(chosen, images, factors=factors))
    first, last = (
        evaluate(state, chosen, images, factors=factors).terms for state in (before, fitted)
    )
    assert last["loss"] < first["loss"]
    mean = (images / 255).double().mean(dim=0).clamp(1e-6, 1 - 1e-6).logit()
    blind = chosen.likelihood.distortion(mean.expand(50, 1, 8, 8), (images / 255).double())
    assert last["distortion"] < 0.85 * blind.mean().item()


@pytest.mark.parametrize("name", LIKELIHOODS)
def test_every_likelihood_learns_on_a_toy(name: str) -> None:
    images, _ = squares()
    likelihood: Likelihood = LIKELIHOODS[name]()
    chosen = settings(
        data=digest_of_arrays(images),
        image_shape=(1, 8, 8),
        network=TanhMLP(latents=4),
        likelihood=likelihood,
        objective=gentle("ae"),
        learning_rate=3e-3,
        steps=100,
        batch_size=25,
    )
    before, fitted = run(fit(replace(chosen, steps=0), images)), run(fit(chosen, images))
    first, last = (evaluate(state, chosen, images).terms["loss"] for state in (before, fitted))
    assert last < first
    with torch.no_grad():
        mean, _ = fitted.model.encode(images / 255)
        expected_images = likelihood.expected(fitted.model.decode(mean))
    assert ((expected_images >= 0) & (expected_images <= 1)).all()
    apart = (expected_images - images / 255).square().mean()
    blind = (images / 255 - (images / 255).mean(dim=0)).square().mean()
    assert apart < 0.95 * blind


@cache
def model(network: str, bottleneck: BottleneckSpec) -> Autoencoder:
    """One for all objectives that want the same bottleneck."""
    name = next(name for name in OBJECTIVES if gentle(name).bottleneck() == bottleneck)
    return _settings(network, name).build()


def _settings(network: str, objective: str) -> MemberSettings:
    size = SMALL.get(network, 32)
    return settings(
        image_shape=(3, size, size), network=NETWORKS[network](), objective=gentle(objective)
    )


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("name", OBJECTIVES)
def test_every_objective_fits_every_network(name: str, network: str) -> None:
    chosen, built = _settings(network, name), model(network, gentle(name).bottleneck())
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(6, *chosen.image_shape, generator=generator)
    views = chosen.objective.sampling()
    changed = None if views is None else torch.zeros(6 // views.images, dtype=torch.int64)
    with torch.no_grad():
        answer = forward_pass(
            built,
            Batch(images=images, changed=changed),
            chosen,
            random_inputs=random_inputs_for(chosen, 6, position=0),
            dataset_size=100,
        )
        trainee = TrainingState(chosen, dataset_size=100) if chosen.objective.adversary() else None
        terms = chosen.objective.terms(
            answer,
            weights=chosen.objective.weights(0),
            adversary=None if trainee is None else trainee.adversary,
        )
        assert built.decode(answer.mean).shape == images.shape
    assert answer.mean.shape == answer.log_variance.shape == (6, chosen.network.latents)
    assert {"loss", "distortion", "rate"} <= terms.keys()
    assert all(value.shape == (6,) and value.isfinite().all() for value in terms.values())

"""Runs with planted structure: what every run knows, what one alone knows, what none knows."""

from collections.abc import Callable, Sequence

import pytest
import torch
from torch import Tensor

from toolkit.posteriors import Posteriors
from toolkit.report import ComparedRun, ComparisonSettings, Findings, compare_runs

IMAGES = 96
FACTORS = ("shade", "place", "size")
PROBE = "ab" * 32


def planted_labels() -> Tensor:
    """Three factors of 96 images: 2, 4 and 6 values, every combination twice."""
    image = torch.arange(IMAGES)
    return torch.stack([image % 2, image // 2 % 4, image // 8 % 6], dim=1)


def planted_run(beta: float, seed: int, **changed: object) -> ComparedRun:
    settings: dict[str, object] = {
        "name": f"planted/beta={beta:g} seed={seed}",
        "key": f"key-{beta:g}-{seed}",
        "run_id": f"id-{beta:g}-{seed}",
        "ensemble": "planted",
        "data": "squares",
        "objective": "beta_vae",
        "hyperparameters": {"beta": beta},
        "seed": seed,
        "distortion": 10 * beta + seed,
        "rate": 20 / beta,
        "record": "f" * 64,
        "scores": planted_scores(beta, seed),
    }
    return ComparedRun(**{**settings, **changed})


def planted_scores(beta: float, seed: int) -> dict[str, float]:
    """One that rises with beta and seed, a bad one that falls, one that one run lacks."""
    scores = {
        "mig/mig": 0.1 * beta + 0.01 * seed,
        "jemmig/jemmig_normalised": 0.5 - 0.05 * beta,
        "jemmig/jemmig_nats": 2.0 + seed,
        "fairness/unfairness": 0.9 - 0.1 * beta - 0.01 * seed,
    }
    return scores if (beta, seed) == (1.0, 0) else {**scores, "mine/value": float(seed)}


def planted_answers(beta: float, seed: int, *, probe: str = PROBE) -> Posteriors:
    """Channel 0 knows the place and 1 the size; 2 something of its own at beta 1; 3 nothing.

    Which channel knows what turns round with the seed, and signs with every second one.
    """
    labels = planted_labels().double()
    generator = torch.Generator().manual_seed(1000 * seed + int(beta))
    own = torch.randn(IMAGES, generator=generator) if beta < 2 else torch.zeros(IMAGES)
    sign = 1 - 2 * (seed % 2)
    told = torch.stack([sign * labels[:, 1], labels[:, 2] / 1.5, own, torch.zeros(IMAGES)], dim=1)
    spread = torch.tensor([0.2, 0.2, 0.3 if beta < 2 else 1.0, 1.0])
    log_variance = (2 * spread.log()).expand(IMAGES, 4)
    turned = torch.arange(4).roll(seed)
    return Posteriors(
        mean=told[:, turned].float(), log_variance=log_variance[:, turned].float(), probe=probe
    )


def planted(
    betas: Sequence[float] = (1.0, 4.0), seeds: Sequence[int] = (0, 1, 2)
) -> tuple[list[ComparedRun], list[Posteriors]]:
    places = [(beta, seed) for beta in betas for seed in seeds]
    return [planted_run(*place) for place in places], [planted_answers(*place) for place in places]


def found(runs: Sequence[ComparedRun], posteriors: Sequence[Posteriors]) -> Findings:
    return compare_runs(
        runs,
        posteriors,
        labels=planted_labels(),
        factor_names=FACTORS,
        settings=ComparisonSettings(seed=0),
    )


@pytest.fixture(scope="session")
def findings() -> Findings:
    """Six runs: three seeds at beta 1, three at beta 4."""
    return found(*planted())


@pytest.fixture(scope="session")
def find_planted() -> Callable[[Sequence[ComparedRun], Sequence[Posteriors]], Findings]:
    return found

"""Hot spots beside known factors: chance, names, and the matching."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
import torch

from tests.report.conftest import planted_run
from toolkit.posteriors import Posteriors
from toolkit.report import ComparisonSettings, FactorMatch, Findings, compare_runs
from toolkit.report.findings.factors import matched_factors
from toolkit.report.intervals import Interval


def test_a_factor_that_the_channels_know_is_far_above_chance(findings: Findings) -> None:
    for spot in findings.hot_spots:
        first, *others = spot.factors
        assert first.above_chance
        assert first.name == spot.factor
        assert first.nmi > 0.9 > 3 * first.chance
        assert not any(other.above_chance for other in others)
        assert spot.joint is None


def test_a_random_channel_is_named_by_no_factor_however_many_values_it_has() -> None:
    """3.3 bits at 300 images: an NMI of 0.1 with a factor of 11 values, above 0 by chance alone."""
    draw = torch.Generator().manual_seed(0)
    piece = torch.randn(300, 1, generator=draw)
    answers = [
        Posteriors(mean=piece, log_variance=torch.full((300, 1), -5.2), probe="p") for _ in range(3)
    ]
    labels = torch.stack([torch.arange(300) % 11, torch.arange(300) // 11 % 2], dim=1)
    found = compare_runs(
        [planted_run(1.0, seed) for seed in range(3)],
        answers,
        labels=labels,
        factor_names=("many", "few"),
        settings=ComparisonSettings(seed=0),
    )
    (spot,) = found.hot_spots
    many = next(match for match in spot.factors if match.name == "many")
    assert 3.0 < spot.mean_bits < 3.6
    assert many.nmi > 0.08
    assert not many.above_chance
    assert spot.factor is None


def test_a_hot_spot_about_two_factors_is_named_by_both() -> None:
    draw = torch.Generator().manual_seed(0)
    labels = torch.stack([torch.arange(300) % 5, torch.arange(300) // 5 % 4], dim=1)
    piece = (labels[:, :1] + 0.21 * labels[:, 1:]).float()
    answers = [
        Posteriors(
            mean=piece + 0.01 * torch.randn(300, 1, generator=draw),
            log_variance=torch.full((300, 1), -5.0),
            probe="p",
        )
        for _ in range(3)
    ]
    found = compare_runs(
        [planted_run(1.0, seed) for seed in range(3)],
        answers,
        labels=labels,
        factor_names=("x", "y"),
        settings=ComparisonSettings(seed=0),
    )
    (spot,) = found.hot_spots
    assert spot.joint == ("x", "y")


@pytest.mark.parametrize("seed", range(5))
def test_the_matching_has_the_largest_sum(seed: int, findings: Findings) -> None:
    nmi = np.random.default_rng(seed).uniform(0.2, 1.0, (3, 4))
    ends = Interval(low=0.0, high=1.0)
    spots = [
        replace(
            findings.hot_spots[0],
            rank=row + 1,
            factors=tuple(
                FactorMatch(name=f"f{column}", nmi=float(value), interval=ends, chance=0.1)
                for column, value in enumerate(values)
            ),
        )
        for row, values in enumerate(nmi)
    ]
    best = max(permutations(range(4), 3), key=lambda columns: nmi[range(3), columns].sum())
    assert matched_factors(spots) == {row + 1: f"f{column}" for row, column in enumerate(best)}


def test_a_factor_at_chance_is_matched_with_nothing(findings: Findings) -> None:
    match = replace(findings.hot_spots[0].factors[0], chance=1.1)
    assert matched_factors([replace(findings.hot_spots[0], factors=(match,))]) == {}
    assert matched_factors([]) == {}

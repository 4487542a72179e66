"""Matched agreement by brute force over all assignments, and reappearance by loops."""

import math
from itertools import permutations

import numpy as np
import pytest
import torch
from scipy import stats
from torch import Tensor

from toolkit.errors import ToolkitError
from toolkit.information import matched_agreement, reappearance

MEMBER = torch.tensor([0, 0, 0, 1, 1, 1, 1, 2, 2])


def drawn(seed: int) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    nmi = torch.rand(9, 9, generator=generator, dtype=torch.float64)
    bits = 3 * torch.rand(9, generator=generator, dtype=torch.float64)
    bits[4] = 0.001
    nmi = (nmi + nmi.T) / 2
    nmi[4], nmi[:, 4] = torch.nan, torch.nan
    return bits, nmi


def by_hand(bits: Tensor, nmi: Tensor, one: list[int], other: list[int]) -> float:
    """The best of all assignments of the smaller set to the larger."""
    few, many = sorted((one, other), key=len)
    best = max(
        sum(
            math.sqrt(bits[i] * bits[j]) * float(nmi[i, j])
            for i, j in zip(few, chosen, strict=True)
        )
        for chosen in permutations(many, len(few))
    )
    return best / max(float(bits[one].sum()), float(bits[other].sum()))


@pytest.mark.parametrize("seed", range(5))
def test_it_is_the_best_of_all_assignments(seed: int) -> None:
    bits, nmi = drawn(seed)
    channels = [[0, 1, 2], [3, 5, 6], [7, 8]]
    table = matched_agreement(bits, nmi, MEMBER, threshold_bits=0.01)
    for row in range(3):
        for column in range(3):
            expected = 1.0
            if row != column:
                expected = by_hand(bits, nmi, channels[row], channels[column])
            assert float(table[row, column]) == pytest.approx(expected)


def test_a_collapsed_member_does_not_agree_fully() -> None:
    """Its one channel is one of four of the other: plain agreement would be 1 in its row."""
    nmi = torch.eye(5)
    nmi[0, 4] = nmi[4, 0] = 1.0
    table = matched_agreement(
        torch.ones(5), nmi, torch.tensor([0, 0, 0, 0, 1]), threshold_bits=0.01
    )
    assert float(table[0, 1]) == pytest.approx(0.25)
    empty = matched_agreement(
        torch.tensor([1.0, 0.0]), torch.ones(2, 2), torch.arange(2), threshold_bits=0.01
    )
    assert float(empty[0, 1]) == 0.0


@pytest.mark.parametrize("seed", range(3))
def test_reappearance_is_what_loops_give(seed: int) -> None:
    bits, nmi = drawn(seed)
    found = reappearance(nmi, bits, MEMBER, threshold_bits=0.01, level=0.9)
    for channel in range(9):
        best = [
            max(
                float(nmi[channel, other].nan_to_num()) if bits[other] > 0.01 else 0.0
                for other in range(9)
                if MEMBER[other] == number
            )
            for number in range(3)
            if number != MEMBER[channel]
        ]
        assert float(found.estimate[channel]) == pytest.approx(np.mean(best))
        if np.std(best) > 0:
            low, high = stats.t.interval(0.9, 1, loc=np.mean(best), scale=stats.sem(best))
            assert float(found.low[channel]) == pytest.approx(low)
            assert float(found.high[channel]) == pytest.approx(high)


def test_two_members_show_no_spread_and_one_is_refused() -> None:
    nmi = torch.tensor([[1.0, 0.5], [0.5, 1.0]])
    found = reappearance(nmi, torch.ones(2), torch.arange(2), threshold_bits=0.01)
    assert found.estimate.tolist() == [0.5, 0.5]
    assert found.low.isnan().all()
    with pytest.raises(ToolkitError) as caught:
        reappearance(nmi, torch.ones(2), torch.zeros(2).long(), threshold_bits=0.01)
    assert str(caught.value) == (
        "a channel can come back in other members only, and there is 1. Train more seeds."
    )
    with pytest.raises(ToolkitError) as caught:
        reappearance(nmi, torch.ones(2), torch.arange(2), threshold_bits=0.01, level=1.5)
    assert str(caught.value) == "the level is 1.5; give a probability between 0 and 1."


@pytest.mark.usefixtures("unchecked")
def test_tables_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ToolkitError) as caught:
        matched_agreement(torch.ones(3), torch.eye(2), torch.arange(3), threshold_bits=0.01)
    assert str(caught.value) == (
        "3 channels need an NMI of every two and a member each; given are (2, 2) and (3,)."
    )

"""Intervals: the textbook's, their coverage of known information, refusals."""

import math

import pytest
import torch

from tests.information.channels.known import random_channels
from toolkit.errors import ToolkitError
from toolkit.information import (
    channel_intervals,
    compare_channels,
    information_intervals,
)
from toolkit.information.channels.analytic_pairs import analytic_pair, sample_pairs
from toolkit.information.channels.jackknife import jackknife


def test_the_interval_of_a_mean_is_the_textbook_one() -> None:
    values = torch.tensor([3.0, 1.0, 4.0, 1.0, 5.0], dtype=torch.float64)
    without = (values.sum() - values) / 4
    found = jackknife(values.mean(), without, torch.ones(5, dtype=torch.int64), level=0.9)
    assert found.estimate.item() == pytest.approx(2.8)
    assert found.standard_error.item() == pytest.approx(values.std().item() / math.sqrt(5))
    width = 2.1318467863 * found.standard_error.item()  # the t table: 4 degrees, 0.95
    assert found.low.item() == pytest.approx(2.8 - width)
    assert found.high.item() == pytest.approx(2.8 + width)


def test_groups_of_unequal_size_count_by_their_size() -> None:
    draw = torch.Generator().manual_seed(0)
    values, sizes = torch.randn(30, generator=draw), torch.tensor([10, 9, 6, 5])
    without = [
        torch.cat(values.split(sizes.tolist())[:g] + values.split(sizes.tolist())[g + 1 :]).mean()
        for g in range(4)
    ]
    found = jackknife(values.mean(), torch.stack(without), sizes)
    assert found.estimate.item() == pytest.approx(values.mean().item(), abs=1e-6)


def test_a_bias_that_falls_as_one_over_n_is_removed() -> None:
    draw = torch.Generator().manual_seed(0)
    values = torch.randn(12, generator=draw, dtype=torch.float64)
    left = [torch.cat([values[:i], values[i + 1 :]]) for i in range(12)]
    without = torch.stack([part.var(correction=0) for part in left])
    found = jackknife(values.var(correction=0), without, torch.ones(12, dtype=torch.int64))
    assert found.estimate.item() == pytest.approx(values.var(correction=1).item())


def test_the_estimate_is_nearer_to_the_truth_than_the_plain_value() -> None:
    dealer = torch.Generator().manual_seed(3)
    given = sample_pairs(20.0, 20.0, 0.9, images=300, draws=30, generator=dealer)
    truth = analytic_pair(20.0, 20.0, 0.9).information[0]
    found = information_intervals(*given, generator=dealer)
    plain = compare_channels(*given).information
    assert abs(found.estimate.mean() - truth) < 0.5 * abs(plain.mean() - truth)


def test_a_table_of_intervals_is_symmetric_and_certain_about_a_channel_and_itself() -> None:
    told: list[tuple[int, int]] = []
    mean, log_variance = random_channels(300, images=30, seed=0)
    found = channel_intervals(
        mean,
        log_variance,
        generator=torch.Generator().manual_seed(0),
        groups=3,
        progress=lambda done, total: told.append((done, total)),
    )
    for table in (found.nmi, found.vi):
        assert all(torch.equal(part, part.T) for part in table.parts)
        assert table.standard_error.diagonal().max() < 1e-7
    assert torch.equal(found.vi.estimate.diagonal(), torch.zeros(300, dtype=torch.float64))
    assert told[-1] == (45150, 45150)


def test_equal_seeds_give_equal_intervals_and_others_others() -> None:
    given = random_channels(2, images=50, seed=0)
    one, same, other = (
        channel_intervals(*given, generator=torch.Generator().manual_seed(s)).information.low
        for s in (0, 0, 1)
    )
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


def test_an_inactive_channel_has_an_interval_of_bits_but_none_of_nmi() -> None:
    mean, log_variance = random_channels(2, images=50, seed=0)
    mean[:, 1], log_variance[:, 1] = 0.0, 0.0
    found = channel_intervals(mean, log_variance, generator=torch.Generator().manual_seed(0))
    assert found.nmi.low[0, 1].isnan()
    assert found.information.high[1].abs() < 1e-12


@pytest.mark.parametrize(
    ("groups", "level", "sentence"),
    [
        pytest.param(
            1, 0.95, "1 group(s) of images show no spread; make at least 2.", id="one group"
        ),
        pytest.param(4, 95.0, "the level is 95; give a probability between 0 and 1.", id="percent"),
    ],
)
def test_an_impossible_jackknife_is_refused(groups: int, level: float, sentence: str) -> None:
    with pytest.raises(ToolkitError) as caught:
        jackknife(torch.tensor(1.0), torch.ones(groups), torch.ones(groups).long(), level=level)
    assert str(caught.value) == sentence

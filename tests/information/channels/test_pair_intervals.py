"""Intervals without the table of all pairs: those of the table, their coverage, refusals."""

from importlib import import_module

import pytest
import torch
from torch import Tensor

from tests.information.channels.known import random_channels
from toolkit.errors import ToolkitError
from toolkit.information import channel_intervals, information_intervals, pair_intervals
from toolkit.information.channels.analytic_pairs import analytic_pair, sample_pairs
from toolkit.information.channels.jackknife import IntervalEstimate

DRAWS = 400


def dealer(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_the_interval_of_bits_is_that_of_the_whole_table() -> None:
    given = random_channels(5, images=90, seed=0)
    whole = channel_intervals(*given, generator=dealer(), groups=7, level=0.8)
    found = information_intervals(*given, generator=dealer(), groups=7, level=0.8)
    for one, other in zip(found.parts, whole.information.parts, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-12)


@pytest.mark.parametrize("patch", [1 << 17, 100])
def test_intervals_of_chosen_pairs_are_those_of_the_whole_table(
    patch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = import_module("toolkit.information.channels.pair_intervals")
    monkeypatch.setattr(module, "PATCH", patch)
    mean, log_variance = random_channels(7, images=83, seed=1)
    pairs = torch.tensor([[0, 3], [6, 1], [3, 1]])
    named = [0, 1, 3, 6]
    whole = channel_intervals(mean[:, named], log_variance[:, named], generator=dealer())
    found = pair_intervals(mean, log_variance, pairs, generator=dealer())
    one, other = torch.tensor([0, 3, 2]), torch.tensor([2, 1, 1])
    for mine, table in ((found.nmi, whole.nmi), (found.vi, whole.vi)):
        for part, all_pairs in zip(mine.parts, table.parts, strict=True):
            torch.testing.assert_close(part, all_pairs[one, other], rtol=0, atol=1e-10)


def test_a_pair_with_an_inactive_channel_has_an_interval_of_vi_but_none_of_nmi() -> None:
    mean, log_variance = random_channels(2, images=50, seed=0)
    mean[:, 1], log_variance[:, 1] = 0.0, 0.0
    found = pair_intervals(mean, log_variance, torch.tensor([[0, 1]]), generator=dealer())
    assert found.nmi.low.isnan().all()
    assert found.vi.low.isfinite().all()


def coverage(interval: IntervalEstimate, truth: Tensor | float) -> float:
    return float(((interval.low <= truth) & (truth <= interval.high)).double().mean())


@pytest.mark.parametrize("images", [100, 300])
@pytest.mark.parametrize(
    ("first", "second", "correlation"),
    [
        pytest.param(0.5, 0.5, 0.7, id="0.9 and 0.9 bits"),
        pytest.param(2.0, 0.5, 0.9, id="1.7 and 0.9 bits"),
    ],
)
def test_intervals_of_95_percent_cover_what_is_known_in_92_to_98(
    first: float, second: float, correlation: float, images: int
) -> None:
    """1,000 images and sharper channels: `benchmarks/coverage.py`."""
    truth, draw = analytic_pair(first, second, correlation), dealer(5)
    given = sample_pairs(first, second, correlation, images=images, draws=DRAWS, generator=draw)
    pairs = torch.arange(2 * DRAWS).reshape(2, DRAWS).T
    both = pair_intervals(*given, pairs, generator=draw)
    alone = information_intervals(*given, generator=draw)
    bits = torch.tensor(truth.information).repeat_interleave(DRAWS)
    assert 0.92 <= coverage(alone, bits) <= 0.98
    assert 0.92 <= coverage(both.nmi, truth.nmi) <= 0.98
    assert 0.92 <= coverage(both.vi, truth.vi) <= 0.98


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("pairs", "sentence"),
    [
        pytest.param(
            torch.tensor([0, 1]), "pairs are (2,); give a (p, 2) table of channels.", id="axis"
        ),
        pytest.param(
            torch.tensor([[0, 1], [2, 5]]),
            "channels 2 and 5 are not a pair of the 3 channels; give two different "
            "positions from 0 to 2.",
            id="beyond",
        ),
        pytest.param(
            torch.tensor([[-1, 1]]),
            "channels -1 and 1 are not a pair of the 3 channels; give two different "
            "positions from 0 to 2.",
            id="negative",
        ),
        pytest.param(
            torch.tensor([[1, 1]]),
            "channels 1 and 1 are not a pair of the 3 channels; give two different "
            "positions from 0 to 2.",
            id="itself",
        ),
    ],
)
def test_pairs_that_name_no_two_channels_are_refused(pairs: Tensor, sentence: str) -> None:
    with pytest.raises(ToolkitError) as caught:
        pair_intervals(*random_channels(3, images=30, seed=0), pairs, generator=dealer())
    assert str(caught.value) == sentence

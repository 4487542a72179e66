"""What a channel knows about factors, against the comparison itself and against planted pairs."""

import pytest
import torch
from torch import Tensor

from toolkit.errors import ToolkitError
from toolkit.information import compare_channels
from toolkit.information.channels.factors import ChannelAndFactors


def factors(images: int = 240) -> Tensor:
    image = torch.arange(images)
    return torch.stack([image % 2, image // 2 % 5, image // 10 % 3], dim=1)


def drawn(seed: int) -> Tensor:
    return torch.randn(240, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("seed", range(3))
def test_shared_bits_and_chance_are_those_of_a_comparison_with_labels(seed: int) -> None:
    mean = drawn(seed) + factors()[:, 1]
    log_variance = torch.full_like(mean, -3.0)
    known = ChannelAndFactors(mean, log_variance, factors())
    chance = known.by_chance(1, generator=torch.Generator().manual_seed(seed), permutations=2)
    dealer = torch.Generator().manual_seed(seed)
    shuffled = [factors()[:, 1][torch.randperm(240, generator=dealer)] for _ in range(2)]
    labels = torch.stack([factors()[:, 1], *shuffled], dim=1)
    found = compare_channels(mean[:, None], log_variance[:, None], labels=labels)
    scale = (2 * found.information - found.doubled) * (
        2 * found.label_information - found.label_doubled
    )
    shared = (found.label_nmi[0] * scale.sqrt()).tolist()
    assert known.shared_bits(factors()[:, 1]) == pytest.approx(shared[0], abs=1e-6)
    assert chance.tolist() == pytest.approx(shared[1:], abs=1e-6)


def test_a_factor_of_many_values_has_much_by_chance() -> None:
    image = torch.arange(240)
    labels = torch.stack([image % 2, image % 40], dim=1)
    known = ChannelAndFactors(drawn(0), torch.full((240,), -5.0).double(), labels)
    few, many = (
        known.by_chance(column, generator=torch.Generator().manual_seed(0)).mean()
        for column in (0, 1)
    )
    assert 0 < 3 * few < many


def test_a_channel_about_two_factors_has_a_second_one() -> None:
    labels = factors()
    mean = labels[:, 1] + 0.9 * labels[:, 2] + 0.05 * drawn(1)
    known = ChannelAndFactors(mean, torch.full_like(mean, -6.0), labels)
    second = known.second_factor(1, generator=torch.Generator().manual_seed(0))
    assert second is not None
    assert second.factor == 2
    assert second.bits > 0.8 > 5 * second.chance


@pytest.mark.parametrize("seed", range(5))
def test_a_channel_about_one_factor_has_none(seed: int) -> None:
    labels = factors()
    mean = labels[:, 1] + 0.3 * drawn(seed)
    known = ChannelAndFactors(mean, torch.full_like(mean, -4.0), labels)
    second = known.second_factor(1, generator=torch.Generator().manual_seed(seed))
    assert second is not None
    assert second.bits < second.chance + 0.05
    alone = ChannelAndFactors(mean, torch.full_like(mean, -4.0), labels[:, 1:2])
    assert alone.second_factor(0, generator=torch.Generator()) is None


@pytest.mark.usefixtures("unchecked")
def test_factors_of_other_images_are_refused() -> None:
    with pytest.raises(ToolkitError) as caught:
        ChannelAndFactors(drawn(0), drawn(0), factors()[:100])
    assert str(caught.value) == (
        "factors are known of 100 images, but the channel answers 240. Give the factors of the "
        "same images."
    )

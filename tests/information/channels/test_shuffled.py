"""NMI by chance against images that are shuffled."""

import pytest
import torch

from toolkit.information import compare_channels, nmi_above_chance, shuffled_nmi


@pytest.mark.parametrize("images", [60, 300])
@pytest.mark.parametrize("widths", [(0.05, 0.05), (0.05, 0.3), (0.3, 1.0)])
def test_the_floor_is_what_shuffled_images_give(images: int, widths: tuple[float, float]) -> None:
    draw = torch.Generator().manual_seed(images)
    first = torch.randn(images, generator=draw, dtype=torch.float64)
    log_variance = 2 * torch.tensor(widths, dtype=torch.float64).log().expand(images, 2)
    shuffled, floor = [], 0.0
    for _ in range(20):
        order = torch.randperm(images, generator=draw)
        comparison = compare_channels(torch.stack([first, first[order]], dim=1), log_variance)
        shuffled.append(comparison.nmi[0, 1].item())
        floor = shuffled_nmi(comparison)[0, 1].item()
    assert sum(shuffled) / 20 == pytest.approx(floor, abs=0.04)


def test_above_chance_copies_are_1_and_unrelated_channels_0() -> None:
    draw = torch.Generator().manual_seed(0)
    mean = torch.randn(300, 2, generator=draw, dtype=torch.float64)[:, [0, 1, 0]]
    comparison = compare_channels(mean, torch.full_like(mean, -6.5))
    above = nmi_above_chance(comparison)
    assert comparison.nmi[0, 1] > 0.2
    assert above[0, 2] == pytest.approx(1.0)
    assert above[0, 1] == pytest.approx(0.0, abs=0.05)


def test_where_every_image_is_told_from_every_other_nothing_is_known() -> None:
    mean = torch.arange(20.0)[:, None].repeat(1, 2)
    assert nmi_above_chance(compare_channels(mean, torch.full((20, 2), -20.0))).isnan().all()

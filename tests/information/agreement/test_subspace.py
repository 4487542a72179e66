"""Subspace agreement against Gaussian integrals: all there, rotated, partly there, lost."""

import math

import pytest
import torch
from torch import Tensor

from toolkit.errors import ToolkitError
from toolkit.information import Space, subspace_agreement
from toolkit.information.channels.analytic_pairs import gaussian_information

IMAGES, VARIANCE = 700, 0.3
SHARPNESS = 1 / (8 * VARIANCE)


def normal(columns: int) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.randn(IMAGES, columns, generator=generator, dtype=torch.float64)


def space(mean: Tensor) -> Space:
    return Space(mean, torch.full_like(mean, math.log(VARIANCE)))


def exact(loadings: Tensor) -> float:
    """For infinitely many images: U is x_0, and V has the means x @ loadings (unit variances)."""
    first = torch.eye(len(loadings), 1, dtype=torch.float64)
    both = torch.cat([first, loadings], dim=1)
    known = both.T @ both
    k = torch.full((len(known),), SHARPNESS, dtype=torch.float64)
    alone = gaussian_information(k[:1], known[:1, :1])
    twice = gaussian_information(2 * k[:1], known[:1, :1])
    other = gaussian_information(k[1:], known[1:, 1:])
    return (alone + other - gaussian_information(k, known)) / (2 * alone - twice)


@pytest.mark.parametrize(
    "loadings",
    [
        [[1.0], [0.0]],
        [[math.sqrt(0.5), math.sqrt(0.5)], [math.sqrt(0.5), -math.sqrt(0.5)]],
        [[0.6], [0.8]],
        [[0.0], [1.0]],
    ],
    ids=["kept", "rotated", "in part", "lost"],
)
def test_it_is_the_gaussian_integral(loadings: list[list[float]]) -> None:
    mixture = torch.tensor(loadings, dtype=torch.float64)
    mean = normal(2)
    found = subspace_agreement(
        space(mean[:, :1]), space(mean @ mixture), generator=torch.Generator().manual_seed(1)
    )
    floor = float(found.shuffled[0])
    assert -0.02 < floor < 0.12
    expected = exact(mixture)
    assert expected - 0.06 < float(found.value[0]) < expected + floor + 0.06


def test_rotated_is_told_from_lost() -> None:
    mean = normal(3)
    turned = mean[:, :2] @ torch.tensor([[1.0, 1.0], [1.0, -1.0]]).double() / math.sqrt(2)
    generator = torch.Generator().manual_seed(1)
    rotated = subspace_agreement(space(mean[:, :1]), space(turned), generator=generator)
    lost = subspace_agreement(space(mean[:, :1]), space(mean[:, 1:]), generator=generator)
    assert float(rotated.value[0]) > 0.9
    assert float(rotated.best_nmi[0]) < 0.6
    assert float(lost.value[0]) < float(lost.shuffled[0]) + 0.1


def test_a_channel_without_information_shares_nothing_with_itself() -> None:
    mean = normal(1)
    found = subspace_agreement(
        space(0 * mean), space(mean), generator=torch.Generator().manual_seed(0)
    )
    assert found.value.isnan().all()


def test_other_images_are_refused() -> None:
    with pytest.raises(ToolkitError) as caught:
        subspace_agreement(
            space(normal(1)), space(normal(1)[:50]), generator=torch.Generator().manual_seed(0)
        )
    assert str(caught.value) == (
        "the channels belong to 700 and 50 images; encode both on the same probe set."
    )

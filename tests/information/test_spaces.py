"""Whole spaces by fingerprints: golden values, one-image-at-a-time brute force, refusals."""

import itertools
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from toolkit.analyses.synthetic_spaces.spaces import synthetic_spaces
from toolkit.errors import ToolkitError
from toolkit.information import (
    bhattacharyya_distance,
    compare_channels,
    compare_spaces,
)
from toolkit.information.spaces import coefficients_of_space

GOLDEN = Path(__file__).parents[1] / "golden"


def random_spaces(
    *widths: int, images: int = 17, seed: int = 0
) -> tuple[list[Tensor], list[Tensor]]:
    generator = torch.Generator().manual_seed(seed)
    drawn = [torch.randn(2, images, d, generator=generator, dtype=torch.float64) for d in widths]
    return [2 * pair[0] for pair in drawn], [pair[1] - 1 for pair in drawn]


def load(name: str) -> dict[str, np.ndarray]:
    with np.load(GOLDEN / name) as golden:
        return dict(golden)


def close(value: Tensor, golden: np.ndarray) -> None:
    np.testing.assert_allclose(value.numpy(), golden, rtol=1e-9, atol=1e-10)


def test_trained_spaces_have_their_golden_values() -> None:
    golden = load("fullspace_mc.npz")
    means = [torch.from_numpy(golden[f"mu_{name}"]).double() for name in golden["names"]]
    widths = [torch.from_numpy(golden[f"logvar_{name}"]).double() for name in golden["names"]]
    result = compare_spaces(means, widths, labels=torch.from_numpy(golden["labels"]))
    close(result.information, golden["bhat_info_bits"])
    close(result.doubled, golden["bhat_info_double_bits"])
    close(result.nmi, golden["bhat_nmi"])
    close(result.vi, golden["bhat_vi_bits"])
    close(result.label_nmi, golden["bhat_nmi_labels"])
    close(result.label_vi, golden["bhat_vi_labels_bits"])
    close(bhattacharyya_distance(means[0], widths[0]), golden["bhat_d2_v0"])
    first = bhattacharyya_distance(means[5][:40], widths[5][:40])
    close(first, golden["bhat_d10_v1_first40"])
    close(
        coefficients_of_space(means[0], widths[0], chosen=slice(3, 9)).log(),
        -golden["bhat_d2_v0"][3:9],
    )


def test_synthetic_spaces_have_their_golden_values() -> None:
    golden = load("synthetic_nine.npz")
    spaces = list(synthetic_spaces().values())
    result = compare_spaces(*zip(*spaces, strict=True))
    close(result.information, golden["bhat_info_bits"])
    close(result.nmi, golden["nmi_bhat"])
    close(result.nmi, golden["utils_nmi"])
    close(result.vi, golden["utils_vi_bits"])
    close(result.vi * math.log(2), golden["vi_bhat_nats"])
    for table, place in zip(golden["bhat"], golden["bhat_spaces"], strict=True):
        close(bhattacharyya_distance(*spaces[place]), table)
        close(coefficients_of_space(*spaces[place], chosen=slice(None)), np.exp(-table))


def overlaps(mean: Tensor, log_variance: Tensor) -> list[list[float]]:
    """Coefficients of every two posteriors, dimension by dimension, from the textbook."""
    rows = list(zip(mean.tolist(), log_variance.exp().tolist(), strict=True))

    def overlap(
        one: tuple[list[float], list[float]], other: tuple[list[float], list[float]]
    ) -> float:
        value = 1.0
        for m, v, n, w in zip(*one, *other, strict=True):
            value *= math.sqrt(2 * math.sqrt(v * w) / (v + w))
            value *= math.exp(-((m - n) ** 2) / (4 * (v + w)))
        return value

    return [[overlap(one, other) for other in rows] for one in rows]


def test_every_number_agrees_with_loops_over_single_images() -> None:
    means, widths = random_spaces(1, 3, 2)
    result = compare_spaces(means, widths)
    tables = [overlaps(mean, width) for mean, width in zip(means, widths, strict=True)]
    n = len(means[0])

    def joint(*chosen: int) -> float:
        total = 0.0
        for a in range(n):
            rows = (math.prod(tables[s][a][b] for s in chosen) for b in range(n))
            total -= math.log2(sum(rows) / n) / n
        return total

    for u, v in itertools.product(range(3), repeat=2):
        i_u, i_v, i_uu, i_vv, i_uv = joint(u), joint(v), joint(u, u), joint(v, v), joint(u, v)
        nmi = (i_u + i_v - i_uv) / math.sqrt((2 * i_u - i_uu) * (2 * i_v - i_vv))
        assert result.nmi[u, v].item() == pytest.approx(nmi, abs=1e-12)
        assert result.vi[u, v].item() == pytest.approx(2 * i_uv - i_uu - i_vv, abs=1e-12)
        assert result.information[u].item() == pytest.approx(i_u, abs=1e-12)


def test_spaces_of_one_dimension_are_channels() -> None:
    means, widths = random_spaces(1, 1, 1, 1)
    labels = torch.arange(17)[:, None] % 3
    spaces = compare_spaces(means, widths, labels=labels)
    channels = compare_channels(torch.cat(means, 1), torch.cat(widths, 1), labels=labels)
    for name in (
        "information",
        "doubled",
        "nmi",
        "vi",
        "label_information",
        "label_nmi",
        "label_vi",
    ):
        torch.testing.assert_close(
            getattr(spaces, name), getattr(channels, name), rtol=0, atol=1e-12
        )


def test_tables_are_symmetric_to_the_last_bit_and_blocks_do_not_matter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    means, widths = random_spaces(2, 3, 1, images=40)
    seen = []
    whole = compare_spaces(means, widths, progress=lambda done, of: seen.append((done, of)))
    assert seen == [(40, 40)]
    monkeypatch.setattr("toolkit.information.spaces.ELEMENTS", 1000)
    parts = compare_spaces(means, widths, progress=lambda done, of: seen.append((done, of)))
    assert len(seen) == 6
    assert torch.equal(whole.nmi, whole.nmi.T)
    assert torch.equal(whole.vi, whole.vi.T)
    torch.testing.assert_close(parts.nmi, whole.nmi, rtol=0, atol=1e-13)


def test_extreme_widths_give_finite_right_values() -> None:
    """Points told apart perfectly carry log2 n bits; points not told apart carry none."""
    mean = torch.arange(8.0)[:, None].double()
    sharp, blunt = torch.full((8, 1), -60.0).double(), torch.full((8, 1), 40.0).double()
    mixed = torch.where(torch.arange(8)[:, None] % 2 == 0, sharp, blunt)
    result = compare_spaces([mean, mean, mean], [sharp, blunt, mixed])
    assert result.information[0].item() == pytest.approx(3.0, abs=1e-12)
    assert result.information[1].item() == pytest.approx(0.0, abs=1e-12)
    # four points stand alone, four are one: half of log2 8 plus half of log2 2
    assert result.information[2].item() == pytest.approx(2.0, abs=1e-9)
    assert result.vi[0, 2].item() == pytest.approx(1.0, abs=1e-9)
    assert result.nmi[0, 1].isnan()


def test_single_precision_stays_close() -> None:
    means, widths = random_spaces(2, 4)
    double = compare_spaces(means, widths)
    single = compare_spaces(means, widths, dtype=torch.float32)
    assert single.nmi.dtype == torch.float32
    torch.testing.assert_close(single.nmi.double(), double.nmi, rtol=0, atol=1e-5)


@pytest.mark.usefixtures("unchecked")
def test_spaces_that_do_not_fit_are_refused() -> None:
    good = torch.zeros(4, 2)
    cases = {
        "0 means and 0 log-variances were given; give one of each for every space, and at least "
        "one space.": ([], []),
        "2 means and 1 log-variances were given; give one of each for every space, and at least "
        "one space.": ([good, good], [good]),
        "space 1 has 5 images on cpu, space 0 4 on cpu; encode the same images on one device.": (
            [good, torch.zeros(5, 2)],
            [good, torch.zeros(5, 2)],
        ),
        "space 1: 1 number(s) are not finite, first in channel 0: its member diverged. Leave it "
        "out, or train it with a lower learning rate.": (
            [good, good],
            [good, torch.tensor([[math.nan, 0.0], [0, 0], [0, 0], [0, 0]])],
        ),
    }
    for sentence, (means, widths) in cases.items():
        with pytest.raises(ToolkitError) as caught:
            compare_spaces(means, widths)
        assert str(caught.value) == sentence


@pytest.mark.usefixtures("unchecked")
def test_labels_of_other_images_are_refused() -> None:
    good = torch.zeros(4, 2)
    with pytest.raises(ToolkitError) as caught:
        compare_spaces([good], [good], labels=torch.zeros(5, 1))
    assert str(caught.value) == (
        "labels are (5, 1) but there are 4 images; give a row per image and a column per known "
        "factor."
    )

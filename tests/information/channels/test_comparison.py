"""Comparisons of channels: golden values, other routes, limits of NMI and VI, refusals."""

import math
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import normalized_mutual_info_score
from torch import Tensor

from tests.information.channels.known import brute_force_bits, random_channels
from toolkit.errors import ToolkitError
from toolkit.information import (
    COMPARISONS,
    ChannelComparison,
    bhattacharyya_distance,
    channel_information,
    compare_channels,
)

GOLDEN = Path(__file__).parents[2] / "golden"
SETS = ("A", "B", "C", "D_nocopies", "E_wide")


def golden(name: str) -> tuple[ChannelComparison, dict[str, np.ndarray]]:
    with np.load(GOLDEN / f"channels_{name}.npz") as file:
        data = dict(file)
    given = (torch.from_numpy(data["mu"]), torch.from_numpy(data["logvar"]))
    return compare_channels(*given, labels=torch.from_numpy(data["labels"])), data


def close(found: Tensor, expected: np.ndarray, *, rtol: float = 1e-9, atol: float = 1e-10) -> None:
    np.testing.assert_allclose(found.numpy(), expected, rtol=rtol, atol=atol)


@pytest.mark.parametrize("name", SETS)
def test_bits_agree_with_the_published_code(name: str) -> None:
    found, data = golden(name)
    close(found.information, data["info_bits"])
    close(found.doubled, data["info_double_bits"])
    close(found.vi, data["vi_bits"])
    close(found.label_information, data["label_info_bits"])
    close(found.label_doubled, data["label_info_double_bits"])
    close(found.label_vi, data["vi_labels_bits"])


@pytest.mark.parametrize("name", SETS)
def test_nmi_agrees_with_the_published_code(name: str) -> None:
    found, data = golden(name)
    kept, some = data["kept_channels"], data["info_bits"] > 1e-6
    close(found.nmi[kept][:, kept], data["nmi"][np.ix_(kept, kept)], rtol=0)
    close(found.label_nmi[kept], data["nmi_labels"][kept], rtol=0)
    close(found.nmi[some][:, some], data["nmi"][np.ix_(some, some)], rtol=0, atol=2e-6)
    close(found.label_nmi[some], data["nmi_labels"][some], rtol=0, atol=2e-6)
    assert found.nmi[data["info_bits"] < 1e-13].isnan().all()


@pytest.mark.parametrize("name", SETS[:2])
def test_coefficients_agree_with_the_published_code(name: str) -> None:
    _, data = golden(name)
    for channel, expected in zip(data["bhat_channels"], data["bhat"], strict=True):
        mean, log_variance = (torch.from_numpy(data[k])[:, [channel]] for k in ("mu", "logvar"))
        close(bhattacharyya_distance(mean, log_variance), expected, rtol=1e-10, atol=1e-11)


def test_nmi_of_noiseless_channels_is_that_of_scikit_learn() -> None:
    draw = torch.Generator().manual_seed(0)
    codes = torch.randint(0, 4, (200, 5), generator=draw)
    codes[:, 4] = (codes[:, 0] + (torch.rand(200, generator=draw) < 0.2)) % 4
    found = compare_channels(codes.double(), torch.full((200, 5), -60.0).double(), labels=codes)
    for one, other in combinations(range(5), 2):
        expected = normalized_mutual_info_score(
            codes[:, one], codes[:, other], average_method="geometric"
        )
        assert found.nmi[one, other].item() == pytest.approx(expected, abs=1e-9)
        assert found.label_nmi[one, other].item() == pytest.approx(expected, abs=1e-8)


def noiseless(codes: list[int]) -> tuple[Tensor, Tensor]:
    mean = torch.tensor(codes, dtype=torch.float64)[:, None]
    return mean, torch.full_like(mean, -40.0)


@pytest.mark.parametrize(
    ("codes", "bits"),
    [
        pytest.param([0] * 8, 0.0, id="all alike: nothing to tell"),
        pytest.param([0] * 4 + [1] * 4, 1.0, id="two halves: one bit"),
        pytest.param(list(range(8)), 3.0, id="all apart: log2(8)"),
        pytest.param([0] * 2 + [1] * 6, 0.8112781, id="quarter and rest: H(1/4)"),
    ],
)
def test_noiseless_channels_tell_the_entropy_of_their_codes(codes: list[int], bits: float) -> None:
    assert channel_information(*noiseless(codes)).item() == pytest.approx(bits, abs=1e-7)


def test_tables_are_symmetric_to_the_last_bit_in_blocks_too() -> None:
    mean, log_variance = random_channels(23, images=60, seed=0)
    for block in (1024, 5):
        found = compare_channels(mean, log_variance, block=block)
        assert torch.equal(found.vi, found.vi.T)
        assert torch.equal(found.nmi, found.nmi.T)
        assert (found.vi.diagonal() == 0).all()


def test_a_channel_that_says_the_same_of_all_images_has_no_nmi() -> None:
    mean, log_variance = random_channels(4, images=50, seed=0)
    mean[:, 2], log_variance[:, 2] = 0.7, -1.3
    found = compare_channels(mean, log_variance)
    assert found.nmi[2].isnan().all()
    assert found.nmi[:, 2].isnan().all()
    assert found.nmi.isnan().sum() == 7
    assert not found.vi.isnan().any()
    torch.testing.assert_close(found.vi[2, 0], (2 * found.information - found.doubled)[0])


def test_the_threshold_leaves_channels_out_and_changes_no_other_number() -> None:
    mean, log_variance = random_channels(12, images=80, seed=1)
    labels = torch.arange(80)[:, None] % 3
    whole = compare_channels(mean, log_variance, labels=labels)
    bits = whole.information.sort().values
    part = compare_channels(mean, log_variance, labels=labels, threshold_bits=bits[4].item())
    kept = whole.information > bits[4]
    assert kept.sum() == 7
    torch.testing.assert_close(part.information, whole.information)
    torch.testing.assert_close(part.vi[kept][:, kept], whole.vi[kept][:, kept])
    torch.testing.assert_close(part.nmi[kept][:, kept], whole.nmi[kept][:, kept])
    torch.testing.assert_close(part.label_vi[kept], whole.label_vi[kept])
    assert part.vi[~kept].isnan().all()
    assert part.nmi[:, ~kept].isnan().all()
    assert part.label_nmi[~kept].isnan().all()


def test_a_threshold_that_no_channel_passes_leaves_a_table_of_nan() -> None:
    found = compare_channels(*random_channels(3, images=20, seed=0), threshold_bits=50.0)
    assert found.nmi.isnan().all()
    assert found.vi.shape == (3, 3)


def test_single_precision_is_near_double_precision() -> None:
    mean, log_variance = random_channels(10, images=300, seed=0)
    whole = compare_channels(mean, log_variance)
    half = compare_channels(mean + 1e4, log_variance, dtype=torch.float32)
    assert half.nmi.dtype == torch.float32
    torch.testing.assert_close(half.vi.double(), whole.vi, rtol=0, atol=2e-5)
    torch.testing.assert_close(half.nmi.double(), whole.nmi, rtol=0, atol=2e-5)


def test_progress_ends_with_all_pairs_and_never_falls() -> None:
    told: list[tuple[int, int]] = []
    compare_channels(
        *random_channels(7, images=30, seed=0),
        block=3,
        progress=lambda done, total: told.append((done, total)),
    )
    assert {total for _, total in told} == {28}
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1] == (28, 28)


def test_log_variances_from_minus_60_to_40_give_finite_bits() -> None:
    images = 101
    log_variance = torch.linspace(-60, 40, images, dtype=torch.float64)
    widest = torch.full_like(log_variance, 40)
    columns = torch.stack([log_variance, log_variance.flip(0), widest], dim=1)
    mean = torch.linspace(-3, 3, images, dtype=torch.float64)[:, None].expand(-1, 3)
    found = compare_channels(mean, columns)
    for one in range(3):
        distance = bhattacharyya_distance(mean[:, [one]], columns[:, [one]])
        expected = -(torch.logsumexp(-distance, 1) - math.log(images)).mean() / math.log(2)
        assert found.information[one].item() == pytest.approx(expected.item(), abs=1e-12)
    assert found.vi.isfinite().all()


def test_the_record_tells_joint_bits_and_which_channels_are_near_the_ceiling() -> None:
    mean, log_variance = random_channels(3, images=100, seed=0)
    log_variance[:, 2] = -20.0
    found = compare_channels(mean, log_variance)
    distances = [bhattacharyya_distance(mean[:, [c]], log_variance[:, [c]]) for c in range(3)]
    expected = brute_force_bits(distances[0] + distances[1]).item()
    assert found.joint[0, 1].item() == pytest.approx(expected, abs=1e-12)
    assert found.saturated.tolist() == [False, False, True]
    near = found.joint > math.log2(100) - 4.25
    assert torch.equal(found.saturated_pairs, near)
    assert found.saturated_pairs[2].all()


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", COMPARISONS)
def test_every_comparison_keeps_its_promises(name: str, seed: int) -> None:
    promise = COMPARISONS[name]
    mean, log_variance = random_channels(2, images=60, seed=seed)
    done = {"shifted": (mean + 3, log_variance), "mirrored": (-mean, log_variance)}
    done["scaled"] = (5 * mean, log_variance + 2 * math.log(5))
    assert set(done) == promise.invariant
    table = getattr(compare_channels(mean, log_variance), name)
    assert torch.equal(table, table.T)
    assert promise.low <= table[0, 1] <= promise.high
    torch.testing.assert_close(table.diagonal(), torch.full_like(table[0], promise.alike))
    assert (table[0, 1] < promise.alike) == promise.larger_is_alike
    for other in done.values():
        both = (torch.cat(pair, dim=1) for pair in zip((mean, log_variance), other, strict=True))
        again = getattr(compare_channels(*both), name)
        torch.testing.assert_close(again[:2, 2:], table, rtol=0, atol=1e-9)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.integers(0, 10**6), st.integers(2, 30), st.floats(-6, 6), st.floats(0, 4))
def test_variation_of_information_is_never_negative(
    seed: int, images: int, width: float, spread: float
) -> None:
    draw = torch.Generator().manual_seed(seed)
    mean, log_variance = torch.randn(2, images, 4, generator=draw, dtype=torch.float64)
    found = compare_channels(mean, width + spread * log_variance)
    assert found.vi.min() > -1e-12


def same_means_other_widths(*variances: float) -> ChannelComparison:
    mean = torch.linspace(-3, 3, 60, dtype=torch.float64)[:, None].expand(60, len(variances))
    return compare_channels(mean, torch.tensor(variances).double().log().expand(60, -1))


def test_variation_of_information_is_no_metric() -> None:
    vi = same_means_other_widths(0.25, 0.5, 1.0).vi
    assert vi[0, 2] > 1.5 * (vi[0, 1] + vi[1, 2])


def test_nmi_of_channels_that_differ_only_in_width_passes_one() -> None:
    assert same_means_other_widths(1.0, 100.0).nmi[0, 1] > 1.015


def test_nmi_of_soft_channels_can_be_negative() -> None:
    mean = torch.tensor([[0.5, 0.0], [-0.5, 0.0], [0.0, -0.5]], dtype=torch.float64)
    assert compare_channels(mean, torch.zeros_like(mean)).nmi[0, 1] < -0.05


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("mean", "log_variance", "sentence"),
    [
        pytest.param(
            torch.zeros(5, 2),
            torch.zeros(5, 3),
            "means are (5, 2) and log-variances (5, 3); both need a row per image and a column "
            "per channel.",
            id="shapes",
        ),
        pytest.param(
            torch.zeros(5),
            torch.zeros(5),
            "means are (5,) and log-variances (5,); both need a row per image and a column per "
            "channel.",
            id="one axis",
        ),
        pytest.param(
            torch.zeros(5, 2),
            torch.zeros(5, 2).double(),
            "means are torch.float32 on cpu but log-variances torch.float64 on cpu; convert one "
            "with `.to(other)`.",
            id="dtypes",
        ),
        pytest.param(
            torch.zeros(5, 2),
            torch.zeros(5, 2, device="meta"),
            "means are torch.float32 on cpu but log-variances torch.float32 on meta; convert one "
            "with `.to(other)`.",
            id="devices",
        ),
        pytest.param(
            torch.zeros(1, 2),
            torch.zeros(1, 2),
            "1 image(s) cannot tell what a channel knows; show at least 2, and hundreds for "
            "useful numbers.",
            id="one image",
        ),
        pytest.param(
            torch.zeros(5, 0),
            torch.zeros(5, 0),
            "there is no channel to compare; give at least one column.",
            id="no channel",
        ),
        pytest.param(
            torch.tensor([[0.0, math.nan], [0.0, 1.0]]),
            torch.zeros(2, 2),
            "1 number(s) are not finite, first in channel 1: its member diverged. Leave it out, or "
            "train it with a lower learning rate.",
            id="NaN",
        ),
        pytest.param(
            torch.zeros(2, 2),
            torch.tensor([[0.0, 1.0], [-math.inf, math.inf]]),
            "2 number(s) are not finite, first in channel 0: its member diverged. Leave it out, or "
            "train it with a lower learning rate.",
            id="infinite",
        ),
        pytest.param(
            torch.zeros(2, 2),
            torch.tensor([[0.0, 1.0], [-81.5, 3.0]]),
            "a log-variance is -81.5, outside -80 to 80: its member diverged, or variances were "
            "given where their natural logarithms belong.",
            id="enormous",
        ),
    ],
)
def test_channels_that_cannot_be_compared_are_refused(
    mean: Tensor, log_variance: Tensor, sentence: str
) -> None:
    for use in (channel_information, compare_channels):
        with pytest.raises(ToolkitError) as caught:
            use(mean, log_variance)
        assert str(caught.value) == sentence


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("labels", "sentence"),
    [
        pytest.param(
            torch.zeros(4, 1),
            "labels are (4, 1) but there are 5 images; give a row per image and a column per known "
            "factor.",
            id="wrong length",
        ),
        pytest.param(
            torch.zeros(5),
            "labels are (5,) but there are 5 images; give a row per image and a column per known "
            "factor.",
            id="one axis",
        ),
        pytest.param(
            torch.full((5, 1), math.nan),
            "a label is not finite; give every image a value of every known factor.",
            id="NaN",
        ),
    ],
)
def test_labels_that_do_not_fit_are_refused(labels: Tensor, sentence: str) -> None:
    with pytest.raises(ToolkitError) as caught:
        compare_channels(torch.zeros(5, 2), torch.zeros(5, 2), labels=labels)
    assert str(caught.value) == sentence


def test_a_part_of_a_comparison_is_the_comparison_of_the_part() -> None:
    generator = torch.Generator().manual_seed(0)
    mean = torch.randn(60, 4, generator=generator, dtype=torch.float64)
    log_variance = torch.full_like(mean, -2.0)
    labels = torch.arange(60)[:, None] % torch.tensor([2, 3])
    rows = torch.tensor([3, 0])
    part = compare_channels(mean, log_variance, labels=labels).among(rows)
    alone = compare_channels(mean[:, rows], log_variance[:, rows], labels=labels)
    for name, value in vars(alone).items():
        torch.testing.assert_close(getattr(part, name), value, equal_nan=True)

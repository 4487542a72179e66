"""Intervals, bounds and the ceiling against the functions that give them for all pairs at once."""

import math

import numpy as np
import pytest
import torch

from tests.report.conftest import found, planted
from toolkit.information import channel_intervals, channel_upper_bound
from toolkit.posteriors import Posteriors
from toolkit.report import ComparisonSettings, Findings, compare_runs, tables
from toolkit.report.findings.uncertainty import nmi_intervals
from toolkit.structure import Optics


def side_by_side() -> tuple[torch.Tensor, torch.Tensor]:
    _, answers = planted()
    mean = torch.cat([given.mean for given in answers], dim=1)
    return mean, torch.cat([given.log_variance for given in answers], dim=1)


def test_bits_have_the_interval_and_the_bound_of_their_channel(findings: Findings) -> None:
    mean, log_variance = side_by_side()
    dealt = torch.Generator().manual_seed(0)
    whole = channel_intervals(mean, log_variance, generator=dealt).information
    told = [(channel.interval.low, channel.interval.high) for channel in findings.channels]
    low, high = zip(*told, strict=True)
    assert low == pytest.approx(whole.low.tolist(), abs=1e-9)
    assert high == pytest.approx(whole.high.tolist(), abs=1e-9)
    upper = [channel.upper for channel in findings.channels]
    assert upper == pytest.approx(channel_upper_bound(mean, log_variance).tolist(), abs=1e-9)


def test_the_ends_of_a_hot_spot_are_the_means_of_the_ends_of_its_pairs(findings: Findings) -> None:
    mean, log_variance = side_by_side()
    spot = next(each for each in findings.hot_spots if each.factor == "place")
    inside = list(spot.channels)
    dealt = torch.Generator().manual_seed(0)
    pairs = channel_intervals(mean[:, inside], log_variance[:, inside], generator=dealt).nmi
    two = np.triu_indices(len(inside), 1)
    assert spot.nmi_interval is not None
    assert spot.nmi_interval.low == pytest.approx(pairs.low.numpy()[two].mean(), abs=1e-9)
    assert spot.nmi_interval.high == pytest.approx(pairs.high.numpy()[two].mean(), abs=1e-9)


def test_another_seed_deals_the_images_out_differently(findings: Findings) -> None:
    mean, log_variance = side_by_side()
    groups = [spot.channels for spot in findings.hot_spots]
    first, same, other = (
        nmi_intervals(
            mean, log_variance, groups, findings.comparison, settings=ComparisonSettings(seed=seed)
        )
        for seed in (0, 0, 1)
    )
    assert first == same
    assert first != other


def test_no_groups_have_no_intervals(findings: Findings) -> None:
    mean, log_variance = side_by_side()
    assert (
        nmi_intervals(
            mean, log_variance, [], findings.comparison, settings=ComparisonSettings(seed=0)
        )
        == ()
    )


def sharp() -> Findings:
    """What every run knows it knows to the last image: one channel of log2 96 bits."""
    runs, answers = planted(betas=(4.0,))
    order = torch.arange(96, dtype=torch.float32)[:, None]
    told = [
        Posteriors(
            mean=torch.cat([order, given.mean], dim=1),
            log_variance=torch.cat([torch.full((96, 1), -12.0), given.log_variance], dim=1),
            probe=given.probe,
        )
        for given in answers
    ]
    return found(runs, told)


def test_channels_at_the_ceiling_are_marked_and_make_no_hot_spot() -> None:
    """Unrelated channels at the ceiling have an NMI of 1 too, so that it shows nothing there."""
    findings = sharp()
    first = [channel for channel in findings.channels if channel.latent == 0]
    assert [channel.saturated for channel in first] == [True] * 3
    assert first[0].bits == pytest.approx(math.log2(96), abs=1e-3)
    assert first[0].upper <= math.log2(96) + 1e-9
    assert not any(0 in spot.channels for spot in findings.hot_spots)
    told = [each for each in findings.hot_spots if each.nmi_interval is not None]
    assert [each.factor for each in told] == ["place"]
    assert [each.factor for each in findings.hot_spots] == ["size", "place"]
    assert tables(findings)["hot_spots"]["mean_nmi_low"].notna().sum() == 1


def test_fewer_images_than_groups_are_left_out_one_by_one() -> None:
    runs, answers = planted(betas=(4.0,))
    few = [
        Posteriors(mean=a.mean[::8], log_variance=a.log_variance[::8], probe=a.probe)
        for a in answers
    ]
    findings = compare_runs(
        runs,
        few,
        settings=ComparisonSettings(seed=0, method=Optics(by="nmi", min_samples=3)),
    )
    assert (findings.images, findings.resamples) == (12, 12)

"""Numbers by fewer images: all of them by all, and a part of them by hand."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.report.conftest import found, planted
from toolkit.information import compare_channels, cross_run_agreement
from toolkit.report import Findings


def test_the_last_point_is_the_comparison_itself(findings: Findings) -> None:
    assert [point.images for point in findings.sizes] == [48, 96]
    last = findings.sizes[-1]
    assert last.agreement == findings.agreement
    assert last.bits == pytest.approx(np.mean([run.kept_bits for run in findings.summaries]))
    for rank, spot in enumerate(findings.hot_spots):
        assert last.spot_bits[rank] == pytest.approx(spot.mean_bits, abs=1e-12)
        assert last.spot_nmi[rank] == pytest.approx(spot.mean_nmi, abs=1e-12)


def test_half_of_the_images_are_drawn_by_the_seed(findings: Findings) -> None:
    _, answers = planted()
    drawn = torch.randperm(96, generator=torch.Generator().manual_seed(0))[:48]
    kept = findings.structure.kept
    mean = torch.cat([given.mean for given in answers], dim=1)[drawn][:, kept]
    spread = torch.cat([given.log_variance for given in answers], dim=1)[drawn][:, kept]
    half = compare_channels(mean, spread)
    member = torch.tensor([channel.run for channel in findings.channels])[kept]
    whole = cross_run_agreement(half.information, half.nmi, member, threshold_bits=0.0)
    assert findings.sizes[0].agreement.value == pytest.approx(whole, abs=1e-8)
    assert findings.sizes[0].bits == pytest.approx(float(half.information.sum()) / 6, abs=1e-9)


def test_where_nothing_is_kept_there_is_nothing_to_look_at() -> None:
    runs, answers = planted(betas=(4.0,), seeds=(0, 1))
    silent = [
        replace(given, mean=given.mean * 0, log_variance=given.log_variance * 0)
        for given in answers
    ]
    assert found(runs, silent).sizes == ()

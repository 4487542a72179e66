"""Findings against what was planted, and against slow and obvious second ways."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest
import torch

from tests.report.conftest import FACTORS, found, planted, planted_labels, planted_run
from toolkit.errors import ToolkitError
from toolkit.information import channel_information, compare_channels
from toolkit.posteriors import Posteriors
from toolkit.report import ComparedRun, ComparisonSettings, Findings, compare_runs, tables
from toolkit.structure import Optics

Finder = Callable[[Sequence[ComparedRun], Sequence[Posteriors]], Findings]


def test_what_every_run_knows_is_found_in_every_run(findings: Findings) -> None:
    assert [(spot.factor, spot.members, spot.runs) for spot in findings.hot_spots] == [
        ("size", 6, 6),
        ("place", 6, 6),
    ]


def test_hot_spots_hold_the_planted_channels(findings: Findings) -> None:
    turned = [int(np.flatnonzero(np.roll(np.arange(4), seed) == 1)[0]) for seed in (0, 1, 2)] * 2
    size = findings.hot_spots[0]
    places = [(findings.channels[at].run, findings.channels[at].latent) for at in size.channels]
    assert places == list(enumerate(turned))


def test_what_one_run_alone_knows_is_in_no_hot_spot(findings: Findings) -> None:
    alone = [channel for channel in findings.channels if channel.kept and not channel.hot_spot]
    assert [(channel.run, channel.latent) for channel in alone] == [(0, 2), (1, 3), (2, 0)]


def test_channels_that_know_nothing_are_not_kept(findings: Findings) -> None:
    active = [summary.active for summary in findings.summaries]
    assert active == [3, 3, 3, 2, 2, 2]
    assert all((channel.bits > 0.01) == channel.kept for channel in findings.channels)


def test_bits_are_those_of_each_run_by_itself(findings: Findings) -> None:
    for summary, answers in zip(findings.summaries, planted()[1], strict=True):
        alone = channel_information(answers.mean, answers.log_variance)
        assert summary.bits == pytest.approx(alone.tolist(), abs=1e-12)
        assert summary.total_bits == pytest.approx(float(alone.sum()), abs=1e-12)
        assert summary.kept_bits == pytest.approx(float(alone[alone > 0.01].sum()), abs=1e-12)


def test_means_of_a_hot_spot_agree_with_two_runs_taken_at_a_time(findings: Findings) -> None:
    _, answers = planted()
    spot = findings.hot_spots[1]
    inside = [findings.channels[at] for at in spot.channels]
    alike = []
    for one in inside:
        for other in inside:
            if one.run < other.run:
                pair = [(answers[channel.run], channel.latent) for channel in (one, other)]
                mean = torch.stack([given.mean[:, latent] for given, latent in pair], dim=1)
                spread = torch.stack([given.log_variance[:, latent] for given, latent in pair], 1)
                alike.append(compare_channels(mean, spread).nmi[0, 1].item())
    assert len(alike) == 15
    assert spot.mean_nmi == pytest.approx(np.mean(alike), abs=1e-9)
    assert spot.mean_bits == pytest.approx(np.mean([channel.bits for channel in inside]))
    assert spot.confirmed_bits == pytest.approx(spot.mean_bits * np.mean(alike))


def test_the_central_channel_belongs_to_its_hot_spot(findings: Findings) -> None:
    for spot in findings.hot_spots:
        inside = {(findings.channels[at].run, findings.channels[at].latent) for at in spot.channels}
        assert spot.central in inside


def test_runs_that_know_only_what_all_know_are_confirmed_best(findings: Findings) -> None:
    found = findings.recommendation
    assert {found.confirmations[row].run for row in range(3)} == {3, 4, 5}
    assert found.best in (3, 4, 5)
    assert findings.summaries[0].agreement < 0.9


def test_the_order_in_which_runs_come_changes_nothing(findings: Findings) -> None:
    runs, answers = planted()
    turned = [3, 0, 5, 1, 4, 2]
    again = found([runs[at] for at in turned], [answers[at] for at in turned])
    assert again.runs == findings.runs
    for name, table in tables(again).items():
        assert table.to_csv() == tables(findings)[name].to_csv()


def test_copies_are_listed_and_left_out(find_planted: Finder, findings: Findings) -> None:
    runs, answers = planted()
    again = find_planted([*runs, planted_run(1.0, 0, name="planted/copy")], [*answers, answers[0]])
    assert again.copies == ("planted/copy",)
    assert again.runs == findings.runs


def test_no_factors_give_no_factor_names() -> None:
    runs, answers = planted()
    without = compare_runs(
        runs,
        answers,
        settings=ComparisonSettings(seed=0, method=Optics(by="nmi", min_samples=4)),
    )
    assert {spot.factor for spot in without.hot_spots} == {None}
    assert {channel.factor_nmi for channel in without.channels} == {None}
    assert without.structure.method == Optics(by="nmi", min_samples=4)
    assert without.factor_bits == ()


def test_a_group_within_one_run_is_no_hot_spot() -> None:
    labels = planted_labels()
    mean = torch.zeros(96, 8)
    mean[:, :4] = labels[:, 1:2].float() + 0.001 * torch.arange(4)
    other = torch.randn(96, 8, generator=torch.Generator().manual_seed(1))
    spread = torch.full((96, 8), -3.0)
    answers = [Posteriors(mean=given, log_variance=spread, probe="p") for given in (mean, other)]
    alone = compare_runs(
        [planted_run(1.0, seed) for seed in (0, 1)],
        answers,
        labels=labels,
        factor_names=FACTORS,
        settings=ComparisonSettings(seed=0),
    )
    assert not any(set(group.channels) >= {0, 1} for group in alone.structure.groups)
    assert not any(0 in spot.channels for spot in alone.hot_spots)
    assert alone.channels[0].hot_spot == 0


def test_progress_is_told_to_the_end() -> None:
    runs, answers = planted()
    told: list[tuple[int, int]] = []
    compare_runs(
        runs,
        answers,
        settings=ComparisonSettings(seed=0),
        progress=lambda done, whole: told.append((done, whole)),
    )
    assert told[-1][0] == told[-1][1] == 15 * 16 // 2


def test_factors_need_names() -> None:
    runs, answers = planted()
    with pytest.raises(ToolkitError) as caught:
        compare_runs(
            runs,
            answers,
            labels=planted_labels(),
            factor_names=("shade",),
            settings=ComparisonSettings(seed=0),
        )
    assert str(caught.value) == (
        "3 known factors came with 1 names; give one name for each column."
    )


def test_factors_need_to_be_of_the_probe_images() -> None:
    runs, answers = planted()
    with pytest.raises(ToolkitError) as caught:
        compare_runs(
            runs,
            answers,
            labels=planted_labels()[:90],
            factor_names=FACTORS,
            settings=ComparisonSettings(seed=0),
        )
    assert str(caught.value) == (
        "factors are known of 90 images, but the runs were shown 96. "
        "Give the factors of the probe images."
    )


def test_every_channel_of_a_hot_spot_shares_what_it_is_about(findings: Findings) -> None:
    for spot in findings.hot_spots:
        inside = list(spot.channels)
        assert findings.comparison.nmi[inside][:, inside].min() > 0.5

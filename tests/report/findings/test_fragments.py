"""Planted pieces that split, stay, begin and mix along a hyper-parameter."""

import numpy as np
import pytest
import torch

from tests.report.findings.planted_spaces import drawn, pieces
from toolkit.information import compare_channels
from toolkit.report import ComparisonSettings
from toolkit.report.findings.fragments import find_fragments, overlaps
from toolkit.report.fragments import FragmentTree, Stage
from toolkit.report.records import Curve, CurvePoint

SHARP = 2 * np.log(0.05)


def tree_of(
    spaces: dict[float, torch.Tensor | list[torch.Tensor]],
    *,
    runs: int = 4,
    factors: dict[str, torch.Tensor] | None = None,
) -> FragmentTree:
    """The tree of runs that have the columns of their value: all the same ones, or each its own."""
    means, owners, points = [], [], []
    for at, (value, given) in enumerate(spaces.items()):
        of_runs = given if isinstance(given, list) else [given] * runs
        columns = of_runs[0]
        positions = tuple(range(runs * at, runs * (at + 1)))
        means += of_runs
        owners += [run for run in positions for _ in range(columns.shape[1])]
        points.append(
            CurvePoint(
                value=value,
                runs=positions,
                distortion=None,
                distortion_interval=None,
                rate=None,
                rate_interval=None,
                total_bits=float(columns.shape[1]),
                total_bits_interval=None,
                active=float(columns.shape[1]),
                active_interval=None,
                agreement=None,
                hot_spots=0.0,
                hot_spots_interval=None,
            )
        )
    mean = torch.cat(means, dim=1)
    factors = factors or {}
    labels = torch.cat(list(factors.values()), dim=1).long() if factors else None
    comparison = compare_channels(mean, torch.full_like(mean, SHARP), labels=labels)
    (tree,) = find_fragments(
        [Curve(objective="beta_vae", parameter="beta", points=tuple(points))],
        comparison,
        np.array(owners),
        tuple(factors),
        settings=ComparisonSettings(seed=0),
    )
    return tree


def stage_of(tree: FragmentTree, value: float) -> Stage:
    return next(stage for stage in tree.stages if stage.value == value)


def test_a_planted_split_is_recovered() -> None:
    """At beta 16 one channel tells 16 places; at beta 1 one tells the quarter, one the rest."""
    place, other = drawn(16, seed=0), drawn(8, seed=1)
    quarter, rest = place // 4, place % 4
    tree = tree_of(
        {1.0: torch.cat([quarter, rest, other], dim=1), 16.0: torch.cat([place, other], dim=1)},
        factors={"place": place, "other": other},
    )
    assert [stage.value for stage in tree.stages] == [16.0, 1.0]  # from few bits to many
    whole, split = tree.stages
    assert [(b.piece, b.parent, b.overlap) for b in whole.branches] == [
        (0, None, None),
        (1, None, None),
    ]
    assert whole.branches[0].bits == pytest.approx(4, abs=0.1)
    by_piece = {piece: [b for b in split.branches if b.piece == piece] for piece in range(2)}
    assert len(by_piece[0]) == 2
    assert [b.bits for b in by_piece[0]] == pytest.approx([2, 2], abs=0.05)
    assert [b.parent for b in by_piece[0]] == [(0, 0), (0, 0)]
    assert min(b.overlap or 0 for b in by_piece[0]) > 0.95
    assert [b.parent for b in by_piece[1]] == [(0, 1)]
    assert tree.pieces == 2
    # The factors say the same
    known = {share.factor: share for share in split.factors}
    assert (known["place"].channels, known["other"].channels) == (2.0, 1.0)
    assert known["place"].bits == pytest.approx(4, abs=0.1)
    assert (whole.unassigned_bits, split.unassigned_bits) == (0.0, 0.0)


def test_a_piece_that_is_turned_begins_anew_and_one_that_is_refined_goes_on() -> None:
    two, coarse = pieces(2), drawn(4, seed=2)
    turned = torch.stack([two.sum(dim=1), two[:, 0] - two[:, 1]], dim=1) / 2**0.5
    finer = coarse * 4 + drawn(4, seed=3)
    tree = tree_of(
        {
            16.0: torch.cat([two, coarse], dim=1),
            1.0: torch.cat([turned, finer, pieces(1, seed=9)], dim=1),
        }
    )
    links = [(branch.parent is None) for branch in stage_of(tree, 1.0).branches]
    assert sorted(links) == [False, True, True, True]
    (refined,) = [b for b in stage_of(tree, 1.0).branches if b.parent is not None]
    assert refined.bits == pytest.approx(4, abs=0.1)


def test_a_piece_that_is_missing_at_one_value_is_found_again_at_the_next() -> None:
    one, two, three = pieces(1), pieces(1, seed=1), pieces(3, seed=2)
    tree = tree_of(
        {
            16.0: torch.cat([one, two], dim=1),
            8.0: torch.cat([two, three[:, :2]], dim=1),
            1.0: torch.cat([one, two, three], dim=1),
        }
    )
    parents = [branch.parent for branch in stage_of(tree, 1.0).branches]
    assert sum(parent is not None and parent[0] == 0 for parent in parents) == 1
    assert sum(parent is not None and parent[0] == 1 for parent in parents) == 3


def test_bits_in_no_group_are_those_of_private_channels() -> None:
    """Second route: their bits from a comparison of their own."""
    spaces = [torch.cat([pieces(1), pieces(1, seed=row + 1)], dim=1) for row in range(4)]
    tree = tree_of({16.0: [pieces(1)] * 4, 1.0: spaces})
    private = torch.cat([space[:, 1:] for space in spaces], dim=1)
    bits = compare_channels(private, torch.full_like(private, SHARP)).information
    assert stage_of(tree, 1.0).unassigned_bits == pytest.approx(float(bits.mean()))
    assert stage_of(tree, 16.0).unassigned_bits == 0


def test_one_run_per_value_has_its_channels_as_groups() -> None:
    two = pieces(2)
    tree = tree_of({16.0: two[:, :1], 1.0: two}, runs=1)
    assert [len(stage.branches) for stage in tree.stages] == [1, 2]
    assert [branch.parent for branch in tree.stages[1].branches].count((0, 0)) == 1


def test_overlap_is_one_for_a_part_and_near_zero_for_the_unrelated() -> None:
    place = drawn(16, seed=0)
    mean = torch.cat([place, place // 4, drawn(4, seed=5), torch.zeros_like(place)], dim=1)
    found = overlaps(compare_channels(mean, torch.full_like(mean, SHARP)))
    assert found[0, 1] == pytest.approx(1, abs=0.01)
    assert abs(found[1, 2]) < 0.05
    assert found[0, 3] == 0
    np.testing.assert_allclose(found, found.T)

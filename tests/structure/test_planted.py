"""The default method on ensembles with a known answer, and under changes of rounding."""

from dataclasses import replace

import pytest
import torch

from benchmarks.planted import plant
from benchmarks.planted_scenarios import HELD_BACK, TUNED
from toolkit.information import compare_channels
from toolkit.structure import find_structure

SMALL = {
    name: scenario for name, scenario in {**TUNED, **HELD_BACK}.items() if scenario.members < 100
}


@pytest.mark.parametrize("name", SMALL)
def test_pieces_are_found_and_a_millionth_does_not_decide(name: str) -> None:
    planted = plant(SMALL[name], seed=100)  # of none of the seeds of the benchmark
    comparison = compare_channels(planted.mean, planted.log_variance)
    structure = find_structure(comparison, members=planted.member)
    # Every group is one piece
    found = []
    for group in structure.groups:
        pieces = [planted.piece[channel] for channel in group.channels]
        piece = max(set(pieces), key=pieces.count)
        assert piece >= 0
        assert pieces.count(piece) >= 0.8 * max(len(pieces), planted.piece.count(piece))
        found.append(piece)
    assert len(found) >= len(set(planted.piece) - {-1}) - 1
    assert len(found) == len(set(found))
    # Another processor
    draw = torch.Generator().manual_seed(0)
    noise = 1e-6 * torch.randn(comparison.nmi.shape, generator=draw, dtype=torch.float64)
    factor = 1 + (noise + noise.T) / 2
    again = replace(comparison, nmi=comparison.nmi * factor, vi=comparison.vi * factor)
    other = find_structure(again, members=planted.member)
    assert [g.channels for g in other.groups] == [g.channels for g in structure.groups]
    assert [g.central for g in other.groups] == [g.central for g in structure.groups]

"""Work in blocks: stopped, taken up again, and the same to the last bit."""

from pathlib import Path

import pytest
import torch

from tests.information.channels.known import random_channels
from toolkit.errors import ToolkitError
from toolkit.information import compare_channels
from toolkit.information.channels import pair_table as pair_table_module
from toolkit.information.channels.pair_table import BlockPlan


class PowerCut(Exception):
    """Somebody pulled the plug."""


def test_work_that_was_stopped_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mean, log_variance = random_channels(10, images=30, seed=0)
    whole = compare_channels(mean, log_variance, block=3)

    def stop(done: int, total: int) -> None:
        if done > total // 2:
            raise PowerCut

    with pytest.raises(PowerCut):
        compare_channels(mean, log_variance, block=3, folder=tmp_path, progress=stop)
    finished = len(list(tmp_path.iterdir()))
    assert 2 <= finished < 10

    computed = []
    plain = pair_table_module.joint_information

    def counted(*given: object, **options: object) -> torch.Tensor:
        computed.append(given)
        return plain(*given, **options)

    monkeypatch.setattr(pair_table_module, "joint_information", counted)
    again = compare_channels(mean, log_variance, block=3, folder=tmp_path)
    assert len(computed) == 10 - finished
    assert torch.equal(again.vi, whole.vi)
    assert torch.equal(again.nmi, whole.nmi)
    assert torch.equal(again.information, whole.information)
    assert list(tmp_path.iterdir()) == []


def test_blocks_of_other_channels_are_not_taken(tmp_path: Path) -> None:
    mean, log_variance = random_channels(4, images=30, seed=0)

    def stop(done: int, total: int) -> None:
        if done == total:
            raise PowerCut

    with pytest.raises(PowerCut):
        compare_channels(mean, log_variance, block=2, folder=tmp_path, progress=stop)
    assert list(tmp_path.iterdir())
    moved = mean + torch.randn(30, 4, generator=torch.Generator().manual_seed(1))
    found = compare_channels(moved, log_variance, block=2, folder=tmp_path)
    assert torch.equal(found.vi, compare_channels(moved, log_variance, block=2).vi)


@pytest.mark.parametrize("columns", [None, 7, 12])
def test_tiles_cover_every_pair_once(columns: int | None) -> None:
    seen = torch.zeros(10, 10 if columns is None else columns)
    for down, across in BlockPlan(size=4).tiles(10, columns):
        seen[down, across] += 1
        if columns is None and down != across:
            seen[across, down] += 1
    assert (seen == 1).all()


def test_a_block_without_channels_is_refused() -> None:
    with pytest.raises(ToolkitError) as caught:
        BlockPlan(size=0)
    assert str(caught.value) == "the block size is 0 channels; it must be at least 1."

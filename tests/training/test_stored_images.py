"""A set that stays on the disk trains the very member that it would train from memory."""

from pathlib import Path

import numpy as np
import pytest
import torch

from tests.training.examples import OBJECTIVES, differing, halves, numbers, run, settings
from toolkit.data.images import StoredImages
from toolkit.training import evaluate, fit


@pytest.mark.parametrize("name", OBJECTIVES)
def test_a_member_trained_from_the_memory_map_is_bit_equal(tmp_path: Path, name: str) -> None:
    every = halves(60)
    np.save(tmp_path / "images.npy", every.numpy())
    mapped = np.load(tmp_path / "images.npy", mmap_mode="r")
    train, away = np.arange(0, 60, 2), np.arange(1, 60, 2)
    chosen = settings(name, steps=9)
    here = run(fit(chosen, every[torch.from_numpy(train)]))
    there = run(fit(chosen, StoredImages(mapped, train)))
    assert differing(numbers(here), numbers(there)) == []
    first = evaluate(here, chosen, every[torch.from_numpy(away)])
    assert first == evaluate(there, chosen, StoredImages(mapped, away))
    assert first != evaluate(there, chosen, StoredImages(mapped, train))

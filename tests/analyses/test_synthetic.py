"""The nine made-up spaces."""

from pathlib import Path

import numpy as np
import pytest
import torch

from toolkit.analyses.synthetic_spaces.spaces import NAMES, synthetic_spaces

GOLDEN = Path(__file__).parents[1] / "golden" / "synthetic_nine.npz"


@pytest.mark.parametrize("position", range(9))
def test_spaces_are_those_of_the_published_notebook(position: int) -> None:
    with np.load(GOLDEN) as golden:
        mean, log_variance = golden[f"mu_{position}"], golden[f"logvar_{position}"]
    space = synthetic_spaces()[NAMES[position]]
    assert space.mean.dtype == torch.float64
    np.testing.assert_allclose(space.mean, mean, rtol=0, atol=1e-13)
    np.testing.assert_allclose(space.log_variance, log_variance, rtol=0, atol=1e-13)

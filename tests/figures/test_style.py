"""Colours that can be told apart, and settings that leave no trace."""

import itertools

import matplotlib
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from toolkit.figures.style import DEPTHS, MUTED, depth, group_colour, quiet

# Machado, Oliveira & Fernandes (2009), severity 1, on linear RGB.
DEFICIENCIES = {
    "protan": [[0.1523, 1.0526, -0.2049], [0.1145, 0.7863, 0.0992], [-0.0039, -0.0481, 1.0520]],
    "deutan": [[0.3673, 0.8606, -0.2280], [0.2801, 0.6727, 0.0472], [-0.0118, 0.0430, 0.9689]],
    "usual": np.eye(3).tolist(),
}


def linear(colour: str) -> np.ndarray:
    rgb = np.array(to_rgb(colour))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIELAB of linear sRGB under D65."""
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    xyz = to_xyz @ rgb.clip(0, 1) / [0.9505, 1.0, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("sight", DEFICIENCIES)
def test_hot_spots_can_be_told_apart_by_colour(sight: str) -> None:
    seen = [lab(np.array(DEFICIENCIES[sight]) @ linear(colour)) for colour in MUTED]
    apart = [np.linalg.norm(one - other) for one, other in itertools.combinations(seen, 2)]
    assert min(apart) > 5  # a just noticeable difference is about 2


def test_the_scale_of_matrices_grows_darker_without_a_step_back() -> None:
    lightness = [lab(linear(depth(value)))[0] for value in np.linspace(0, 1, 101)]
    assert np.all(np.diff(lightness) < 0.05)
    assert lightness[0] > 99
    assert lightness[-1] < 10
    assert DEPTHS(1.0) != DEPTHS(0.99)


def test_ranks_beyond_the_palette_begin_again() -> None:
    assert [group_colour(rank) for rank in (1, 9, 10)] == [MUTED[0], MUTED[8], MUTED[0]]
    assert group_colour(0) not in MUTED


def test_a_callers_settings_neither_matter_nor_change() -> None:
    with matplotlib.rc_context({"font.size": 31.0, "lines.linewidth": 7.0}):
        with quiet():
            assert matplotlib.rcParams["font.size"] == 9.0
            assert matplotlib.rcParams["lines.linewidth"] == 1.6
        assert matplotlib.rcParams["font.size"] == 31.0

import numpy as np
import pytest
from sklearn.feature_selection import mutual_info_classif

from toolkit.disentanglement.information.neighbours import (
    neighbour_information,
    neighbour_table,
    radius_of_kth,
)
from toolkit.errors import ToolkitError


@pytest.mark.parametrize("neighbours", [1, 3, 7])
def test_the_radius_is_that_of_sorting_all_distances(neighbours: int) -> None:
    values = np.sort(np.random.default_rng(0).normal(size=50))
    slow = np.sort(np.abs(values[:, None] - values), axis=1)[:, neighbours]
    assert radius_of_kth(values, neighbours=neighbours) == pytest.approx(slow, abs=1e-15)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("neighbours", [1, 3, 5])
def test_the_estimate_is_that_of_scikit_learn(seed: int, neighbours: int) -> None:
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, 4, size=300)
    values = labels * 0.7 + generator.normal(size=300)
    reference = mutual_info_classif(
        values[:, None], labels, n_neighbors=neighbours, random_state=0
    ).item()
    ours = neighbour_table(values[:, None], labels[:, None], seed=0, neighbours=neighbours).item()
    assert ours == pytest.approx(reference, abs=1e-9)


def test_values_that_occur_once_are_left_out() -> None:
    labels = np.append(np.repeat(np.arange(2), 30), [2, 3])
    values = np.append(np.linspace(0, 1, 60), [0.2, 0.4])
    with_strays = neighbour_information(values, labels)
    assert with_strays == pytest.approx(neighbour_information(values[:-2], labels[:-2]))


def test_values_that_all_occur_once_tell_nothing() -> None:
    assert neighbour_information(np.linspace(0, 1, 5), np.arange(5)) == 0.0


def test_a_constant_channel_tells_nothing_whatever_its_noise() -> None:
    factors = np.repeat(np.arange(2), 3)[:, None]
    assert neighbour_table(np.ones((6, 1)), factors, seed=1).item() == 0.0


def test_no_neighbour_is_refused() -> None:
    with pytest.raises(ToolkitError) as caught:
        neighbour_table(np.eye(2), np.eye(2), seed=0, neighbours=0)
    assert str(caught.value) == "`neighbours` is 0; it must be at least 1."

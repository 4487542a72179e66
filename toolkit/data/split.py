"""Which images train, and which are held out: seeded, without replacement."""

import numpy as np

from toolkit.data.images import Indices
from toolkit.errors import ToolkitError


def split(count: int, *, held_out: float, seed: int) -> tuple[Indices, Indices]:
    """Indices for training and indices held out, each in rising order.

    Arguments:
        count: how many images there are.
        held_out: the share that is held out, 0 <= held_out < 1; rounded to whole images.
        seed: decides which; the same seed and count give the same split.

    >>> train, held_out = split(10, held_out=0.2, seed=0)
    >>> len(train), len(held_out), sorted([*train, *held_out]) == list(range(10))
    (8, 2, True)
    """
    if not 0 <= held_out < 1:
        raise ToolkitError(
            f"the held-out share is {held_out}; it must be at least 0 and below 1. "
            "Change `held_out` in params.yaml."
        )
    shuffled = np.random.default_rng([seed, 0]).permutation(count)
    away = round(held_out * count)
    if away == count:
        raise ToolkitError(
            f"holding out {held_out} of {count} images leaves none to train on. "
            "Lower `held_out` in params.yaml."
        )
    return np.sort(shuffled[away:]), np.sort(shuffled[:away])

"""Which images train, and which are held out: seeded, without replacement."""

from collections.abc import Sequence

import numpy as np

from toolkit.data.images import ImageSet, Indices
from toolkit.errors import ToolkitError, UnknownNameError


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


def split_combinations(
    image_set: ImageSet, *, over: Sequence[str], held_out: float, seed: int
) -> tuple[Indices, Indices]:
    """Hold out whole combinations of factor values, so that training never sees them together.

    Arguments:
        over: names of the factors whose combinations count.
        held_out: the share of the combinations, as in `split`.

    >>> pictures = np.zeros((8, 1, 8, 8), dtype=np.uint8)
    >>> image_set = ImageSet(name="eight", images=pictures, factors=np.arange(8)[:, None] // 2,
    ...                 factor_names=("pair",), factor_sizes=(4,))
    >>> train, away = split_combinations(image_set, over=["pair"], held_out=0.25, seed=0)
    >>> len(train), int(away[1] - away[0])
    (6, 1)
    """
    columns = factor_columns(image_set, over)
    combinations, which = np.unique(columns, axis=0, return_inverse=True)
    _, away = split(len(combinations), held_out=held_out, seed=seed)
    hidden = np.isin(which, away)
    return np.flatnonzero(~hidden), np.flatnonzero(hidden)


def factor_columns(image_set: ImageSet, names: Sequence[str]) -> np.ndarray:
    """The values (n, len(names)) of some factors; a sentence for a name that is none."""
    for name in names:
        if name not in image_set.factor_names:
            raise UnknownNameError(f"factor of {image_set.name}", name, image_set.factor_names)
    columns = [image_set.factor_names.index(name) for name in names]
    if image_set.factors is None or not columns:
        raise ToolkitError(f"no factor of {image_set.name} was named to go by.")
    return image_set.factors[:, columns]

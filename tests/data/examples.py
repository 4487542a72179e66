"""Small image sets that tests are made of."""

import numpy as np

from toolkit.data.images import ImageSet


def grid_set(*sizes: int, name: str = "grid") -> ImageSet:
    """Every combination of factors a, b, c ...; image i shows the number i, in 2 × 3 pixels."""
    count = int(np.prod(sizes))
    numbers = np.arange(count)
    pixels = np.stack([numbers // 256, numbers % 256, numbers % 7] * 2, axis=1)
    return ImageSet(
        name=name,
        images=pixels.astype(np.uint8).reshape(count, 1, 2, 3),
        factors=np.stack(np.unravel_index(numbers, sizes), axis=1),
        factor_names=tuple("abcdefgh"[: len(sizes)]),
        factor_sizes=sizes,
    )

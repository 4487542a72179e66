"""A part of a large data set: so many images, drawn by a seed, in index order."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Ge

from toolkit.data.images import Indices
from toolkit.errors import ToolkitError


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Options that every large data set has.

    Arguments:
        limit: how many images to take; 0 takes all.
        limit_seed: decides which, without replacement.
    """

    limit: Annotated[int, Ge(0)] = 0
    limit_seed: Annotated[int, Ge(0)] = 0

    def indices(self, count: int) -> Indices:
        """Which of `count` images are taken, in rising order.

        >>> Selection().indices(3).tolist(), len(Selection(limit=2).indices(3))
        ([0, 1, 2], 2)
        """
        if self.limit > count:
            raise ToolkitError(
                f"`limit` asks for {self.limit} images of a data set of {count}. "
                f"Set it to at most {count}, or to 0 for all of them."
            )
        if not self.limit:
            return np.arange(count, dtype=np.int64)
        drawn = np.random.default_rng([self.limit_seed, 2]).choice(count, self.limit, replace=False)
        return np.sort(drawn)

"""Modularity: whether a channel tells about one factor only.

Ridgeway & Mozer (2018), https://arxiv.org/abs/1802.05312
"""

import numpy as np
from jaxtyping import Float

from toolkit.disentanglement.information.table import (
    BINNING,
    Binning,
    InformationTable,
    information_table,
)
from toolkit.disentanglement.inputs import Codes, Factors
from toolkit.disentanglement.record import Array, ScoreResult


def modularity_of(mutual: Float[Array, "d k"]) -> Float[Array, " d"]:
    """1 less the mean squared share of the other factors; 0 for a channel that tells nothing.

    >>> modularity_of(np.array([[2.0, 0.0], [1.0, 1.0], [0.0, 0.0]]))
    array([1., 0., 0.])
    """
    squared = np.square(mutual)
    largest = squared.max(axis=1)
    others = squared.sum(axis=1) - largest
    bound = largest * max(mutual.shape[1] - 1, 1)
    share = np.divide(others, bound, out=np.ones_like(others), where=bound > 0)
    return np.asarray(1 - share)


def modularity(
    codes: Codes,
    factors: Factors,
    settings: Binning = BINNING,
    *,
    seed: int,
    table: InformationTable | None = None,
) -> ScoreResult:
    """Mean over all channels of one minus the normalised information about other factors; 0 to 1.

    A channel that tells nothing counts 0, so more channels than factors lower the score;
    `modularity_informative` is the mean over channels that tell something.

    >>> grid = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> modularity(grid.astype(float), grid, seed=0).values["modularity"]
    1.0

    Arguments:
        codes: (n, d).
        factors: (n, k), indices of values.
        settings: the bins.
        seed: not used; nothing is drawn.
        table: counts computed before from the same codes, factors and bins.

    Source: Ridgeway & Mozer (2018).
    """
    del seed
    table = table or information_table(codes, factors, bins=settings.bins)
    by_channel = modularity_of(table.mutual)
    informative = by_channel[table.mutual.max(axis=1) > 0]
    return ScoreResult(
        values={
            "modularity": float(by_channel.mean()),
            "modularity_informative": float(informative.mean()) if len(informative) else 0.0,
        },
        per_channel={"modularity": by_channel},
        matrices={"mutual_information": table.mutual},
        factors=table.data.kept,
        notes=table.data.notes,
    )

"""Average mutual information of two channels: redundancy without labels.

Locatello et al. (2019), https://arxiv.org/abs/1811.12359
"""

import numpy as np

from toolkit.disentanglement.information.table import BINNING, Binning, cut, mutual_information
from toolkit.disentanglement.inputs import Codes, Factors, as_codes
from toolkit.disentanglement.record import ScoreResult


def pairwise_information(
    codes: Codes, factors: Factors | None = None, settings: Binning = BINNING, *, seed: int
) -> ScoreResult:
    """Mean over all pairs of different channels of their binned mutual information, in nats.

    0 for one channel. Diagonal entries of the matrix are the channels' entropies.

    >>> twice = np.array([[0.0, 0.0], [1.0, 1.0]])
    >>> round(pairwise_information(twice, seed=0).values["pairwise_information_nats"], 4)
    0.6931

    Arguments:
        codes: (n, d).
        factors: not used.
        settings: the bins.
        seed: not used; nothing is drawn.

    Source: Locatello et al. (2019).
    """
    del factors, seed
    binned = [cut(column, bins=settings.bins) for column in as_codes(codes).T]
    matrix = np.array([[mutual_information(a, b) for b in binned] for a in binned])
    pairs = len(binned) * (len(binned) - 1)
    mean = float(matrix.sum() - matrix.trace()) / pairs if pairs else 0.0
    return ScoreResult(
        values={"pairwise_information_nats": mean},
        matrices={"channel_information": matrix},
    )

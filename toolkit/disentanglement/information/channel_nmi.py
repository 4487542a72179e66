"""Normalised mutual information of channels with factors, from whole posteriors.

The matrix is made elsewhere (Bhattacharyya bound on the posteriors of the probe images) and
handed in; here it becomes numbers that can stand beside the other scores.
Source: Murphy, Dillavou & Bassett (TMLR 2025), https://arxiv.org/abs/2405.21042
"""

import numpy as np
from jaxtyping import Num

from toolkit.disentanglement.inputs import Codes, Factors, gaps, label
from toolkit.disentanglement.record import Array, ScoreResult
from toolkit.disentanglement.settings import NONE, ScoreSettings
from toolkit.errors import ToolkitError


def channel_nmi(
    codes: Codes,
    factors: Factors,
    settings: ScoreSettings = NONE,
    *,
    seed: int,
    nmi: Num[Array, "d k"],
) -> ScoreResult:
    """How well each factor is found in one channel, by NMI of posteriors; about 0 to 1.

    `channel_nmi` is the mean over factors of the largest NMI with a channel, `channel_nmi_gap`
    of the difference of the two largest. NMI of wide posteriors can leave [0, 1] a little.

    >>> grid = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> channel_nmi(grid, grid, seed=0, nmi=np.eye(2)).values["channel_nmi"]
    1.0

    Arguments:
        codes: (n, d), means of the posteriors.
        factors: (n, k), indices of values.
        settings: none.
        seed: not used; nothing is drawn.
        nmi: (d, k), of channels with *all* given factors, NaN where a channel is silent or a
            factor does not vary.

    Source: Murphy, Dillavou & Bassett (2025).
    """
    del settings, seed
    data = label(codes, factors)
    if nmi.shape != (data.codes.shape[1], np.asarray(factors).shape[1]):
        raise ToolkitError(
            f"NMI is {nmi.shape}, but there are {data.codes.shape[1]} channels and "
            f"{np.asarray(factors).shape[1]} factors. Pass a row per channel, a column per factor."
        )
    # a channel without information shares none: 0/0 upstream, 0 here
    matrix = np.nan_to_num(np.asarray(nmi, dtype=np.float64)[:, list(data.kept)], nan=0.0)
    best, gap = matrix.max(axis=0), gaps(matrix)
    return ScoreResult(
        values={"channel_nmi": float(best.mean()), "channel_nmi_gap": float(gap.mean())},
        per_factor={"channel_nmi": best, "channel_nmi_gap": gap},
        matrices={"nmi": matrix},
        factors=data.kept,
        notes=data.notes,
    )

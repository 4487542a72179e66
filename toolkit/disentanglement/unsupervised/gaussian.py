"""Correlation of channels as if the codes were Gaussian: total and Wasserstein correlation.

Locatello et al. (2019), https://arxiv.org/abs/1811.12359; Watanabe (1960); Xiao & Wang (2019)
"""

import numpy as np
from jaxtyping import Float

from toolkit.disentanglement.inputs import Codes, Factors, as_codes
from toolkit.disentanglement.record import Array, ScoreResult
from toolkit.disentanglement.settings import NONE, ScoreSettings
from toolkit.errors import ToolkitError


def covariance(codes: Codes) -> tuple[Float[Array, "a a"], Float[Array, " d"]]:
    """Covariance of the channels that vary, and which those are (1 or 0)."""
    values = as_codes(codes).astype(np.float64)
    moving = np.ptp(values, axis=0) > 0
    used = values[:, moving]
    if not moving.any():
        return np.zeros((0, 0)), moving * 1.0
    return np.atleast_2d(np.cov(used, rowvar=False)), moving * 1.0


def gaussian_total_correlation(
    codes: Codes, factors: Factors | None = None, settings: ScoreSettings = NONE, *, seed: int
) -> ScoreResult:
    """KL of a Gaussian with the codes' covariance from its own marginals, in nats; 0 or more.

    (sum of log variances - log determinant) / 2. Constant channels depend on nothing and take no
    part. It sees linear dependence only.

    >>> cross = np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
    >>> abs(gaussian_total_correlation(cross, seed=0).values["gaussian_total_correlation_nats"])
    0.0

    Arguments:
        codes: (n, d).
        factors: not used.
        settings: none.
        seed: not used; nothing is drawn.

    Raises:
        ToolkitError: channels depend linearly on each other, so the value is infinite.

    Source: Locatello et al. (2019).
    """
    del factors, settings, seed
    matrix, moving = covariance(codes)
    width = np.sqrt(np.diag(matrix))
    eigenvalues = np.linalg.eigvalsh(matrix / np.outer(width, width)) if len(matrix) else np.ones(1)
    if eigenvalues.min() <= len(matrix) * np.finfo(np.float64).eps:
        raise ToolkitError(
            "channels depend linearly on each other (copies, or more channels than images), so "
            "their Gaussian total correlation is infinite. Leave copies out, or encode more images."
        )
    # the correlation matrix has the same determinant over variances, and smaller numbers
    return ScoreResult(
        values={"gaussian_total_correlation_nats": float(-np.log(eigenvalues).sum() / 2)},
        per_channel={"active": moving},
    )


def wasserstein_correlation(
    codes: Codes, factors: Factors | None = None, settings: ScoreSettings = NONE, *, seed: int
) -> ScoreResult:
    """Squared Wasserstein distance of that Gaussian from its own marginals; 0 or more.

    2 tr C - 2 tr (D^1/2 C D^1/2)^1/2 with D the diagonal of C; in squared units of the codes.
    `..._normalised` is its share of tr C, 0 to 2, and does not depend on scale.

    >>> cross = np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
    >>> round(wasserstein_correlation(cross, seed=0).values["wasserstein_correlation"], 9)
    0.0

    Arguments:
        codes: (n, d).
        factors: not used.
        settings: none.
        seed: not used; nothing is drawn.

    Source: Locatello et al. (2019).
    """
    del factors, settings, seed
    matrix, moving = covariance(codes)
    width = np.sqrt(np.diag(matrix))
    # similar to D C, but symmetric: its square root is real
    eigenvalues = (
        np.linalg.eigvalsh(matrix * np.outer(width, width)) if len(matrix) else np.zeros(1)
    )
    trace = float(np.trace(matrix))
    value = max(2 * trace - 2 * float(np.sqrt(np.maximum(eigenvalues, 0)).sum()), 0.0)
    return ScoreResult(
        values={
            "wasserstein_correlation": value,
            "wasserstein_correlation_normalised": value / trace if trace > 0 else 0.0,
        },
        per_channel={"active": moving},
    )

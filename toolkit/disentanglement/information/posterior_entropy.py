"""MIG and the axis-alignment metric from the entropy of sampled channels, without bins.

Chen et al. (2018), https://arxiv.org/abs/1802.04942; the axis-alignment metric is from the
evaluation of Dubois et al., "Disentangling VAE" (2019). Each channel is met by its own samples
of q(z | x), never by means or by another channel's samples.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Num

from toolkit.disentanglement.information.table import entropy_of_counts
from toolkit.disentanglement.inputs import Codes, Factors, Labelled, gaps, label
from toolkit.disentanglement.record import Array, ScoreResult, SharedTable
from toolkit.disentanglement.settings import NONE, ScoreSettings
from toolkit.errors import ToolkitError

ROWS = 256  # samples met at a time: memory is ROWS x n numbers
ROUNDING = 1e-12  # of an entropy: differences up to it are none


@dataclass(frozen=True, kw_only=True)
class EntropyTable:
    """Entropies of the aggregate posterior of each channel, in nats.

    Arguments:
        channel: (d,), H(z_j).
        conditional: (k, d), H(z_j | factor), each value of the factor by its frequency.
        mutual: (d, k), the difference, 0 where it is negative or mere rounding.
        factor: (k,), entropy of the factor.
        data: the means and factors it was made from.
    """

    channel: Float[Array, " d"]
    conditional: Float[Array, "k d"]
    mutual: Float[Array, "d k"]
    factor: Float[Array, " k"]
    data: Labelled


def entropy_table(
    codes: Codes,
    factors: Factors,
    settings: ScoreSettings = NONE,
    *,
    log_variance: Num[Array, "n d"],
    seed: int,
    samples: Num[Array, "n d"] | None = None,
) -> EntropyTable:
    """Entropy of each channel, over all images and within each value of each factor.

    H(z_j) = -mean over images of log (1/n) sum over x' of q(z_j | x'), at one sample z of q(z | x).

    Arguments:
        codes: (n, d), means of the posteriors.
        factors: (n, k), indices of values.
        settings: none.
        log_variance: (n, d), of the posteriors, natural logarithm.
        seed: of the samples.
        samples: (n, d), to be used in place of drawn ones.
    """
    del settings
    data = label(codes, factors)
    mean = data.codes.astype(np.float64)
    log_variance = np.asarray(log_variance, dtype=np.float64)
    if log_variance.shape != mean.shape or not np.isfinite(log_variance).all():
        raise ToolkitError(
            f"means are {mean.shape} but log-variances {log_variance.shape}; both must be finite, "
            "with a row per image and a column per channel."
        )
    # One sample per posterior
    if samples is None:
        noise = np.random.default_rng(seed).standard_normal(mean.shape)
        samples = mean + np.exp(log_variance / 2) * noise
    marks = [np.eye(size)[column] for size, column in zip(data.sizes, data.factors.T, strict=True)]
    parts = [
        _channel_entropy(np.asarray(samples)[:, j], mean[:, j], log_variance[:, j], marks)
        for j in range(mean.shape[1])
    ]
    # Entropies, and what a factor takes away
    channel = np.array([whole for whole, _ in parts])
    conditional = np.stack([within for _, within in parts], axis=1)
    gained = channel - conditional
    return EntropyTable(
        channel=channel,
        conditional=conditional,
        mutual=np.where(gained > ROUNDING * np.maximum(np.abs(channel), 1.0), gained, 0.0).T,
        factor=np.array([float(entropy_of_counts(mark.sum(axis=0))) for mark in marks]),
        data=data,
    )


def _channel_entropy(
    samples: Float[Array, " n"],
    mean: Float[Array, " n"],
    log_variance: Float[Array, " n"],
    marks: list[Array],
) -> tuple[float, Float[Array, " k"]]:
    """H(z) and H(z | each factor) of one channel; `marks` are one-hot factors, (n, size) each."""
    whole = np.empty(len(samples))
    within = np.empty((len(marks), len(samples)))
    precision = np.exp(-log_variance)
    constant = -(log_variance + np.log(2 * np.pi)) / 2
    shares = [mark / mark.sum(axis=0) for mark in marks]
    for start in range(0, len(samples), ROWS):
        rows = slice(start, start + ROWS)
        # log q(z | x') of each sample under each posterior
        density = constant - (samples[rows, None] - mean) ** 2 * precision / 2
        peak = density.max(axis=1, keepdims=True)
        scaled = np.exp(density - peak)
        # Mean over all images, and over those of the same value of each factor
        whole[rows] = np.log(scaled.mean(axis=1)) + peak[:, 0]
        for k, (mark, share) in enumerate(zip(marks, shares, strict=True)):
            of_value = ((scaled @ share) * mark[rows]).sum(axis=1)
            within[k, rows] = np.log(of_value) + peak[:, 0]
    return float(-whole.mean()), -within.mean(axis=1)


ENTROPIES = SharedTable(name="entropies", settings=ScoreSettings, compute=entropy_table)


def mig_entropy(
    codes: Codes,
    factors: Factors,
    settings: ScoreSettings = NONE,
    *,
    seed: int,
    log_variance: Num[Array, "n d"],
    samples: Num[Array, "n d"] | None = None,
    table: EntropyTable | None = None,
) -> ScoreResult:
    """MIG from entropies of sampled posteriors; 0 to 1.

    For each factor, (largest - second largest information) / entropy of the factor. Sampling
    noise is of the order of 1 / sqrt(images).

    >>> grid = np.repeat(np.arange(2), 200)[:, None]
    >>> narrow = np.full((400, 1), -8.0)
    >>> round(mig_entropy(4.0 * grid, grid, seed=0, log_variance=narrow).values["mig_entropy"], 9)
    1.0

    Arguments:
        codes: (n, d), means of the posteriors.
        factors: (n, k), indices of values.
        settings: none.
        seed: of the samples.
        log_variance: (n, d), natural logarithm.
        samples: (n, d), to be used in place of drawn ones.
        table: entropies computed before from the same.

    Source: Chen et al. (2018).
    """
    table = table or entropy_table(
        codes, factors, settings, log_variance=log_variance, seed=seed, samples=samples
    )
    gap = gaps(table.mutual) / table.factor
    return ScoreResult(
        values={"mig_entropy": float(gap.mean())},
        per_factor={"mig_entropy": gap},
        matrices={"mutual_information": table.mutual},
        factors=table.data.kept,
        notes=table.data.notes,
    )


def axis_alignment_metric(
    codes: Codes,
    factors: Factors,
    settings: ScoreSettings = NONE,
    *,
    seed: int,
    log_variance: Num[Array, "n d"],
    samples: Num[Array, "n d"] | None = None,
    table: EntropyTable | None = None,
) -> ScoreResult:
    """Share of a factor's information left to its best channel after all others; 0 to 1.

    For each factor, max(0, I_1 - sum of the other channels' I) / I_1; 0 where no channel tells.

    >>> grid = np.repeat(np.arange(2), 200)[:, None]
    >>> narrow = np.full((400, 1), -8.0)
    >>> axis_alignment_metric(4.0 * grid, grid, seed=0, log_variance=narrow).values
    {'axis_alignment': 1.0}

    Arguments:
        codes: (n, d), means of the posteriors.
        factors: (n, k), indices of values.
        settings: none.
        seed: of the samples.
        log_variance: (n, d), natural logarithm.
        samples: (n, d), to be used in place of drawn ones.
        table: entropies computed before from the same.

    Source: Dubois et al. (2019).
    """
    table = table or entropy_table(
        codes, factors, settings, log_variance=log_variance, seed=seed, samples=samples
    )
    largest = table.mutual.max(axis=0)
    ahead = np.maximum(2 * largest - table.mutual.sum(axis=0), 0.0)
    alignment = np.divide(ahead, largest, out=np.zeros_like(ahead), where=largest > 0)
    return ScoreResult(
        values={"axis_alignment": float(alignment.mean())},
        per_factor={"axis_alignment": alignment},
        matrices={"mutual_information": table.mutual},
        factors=table.data.kept,
        notes=table.data.notes,
    )

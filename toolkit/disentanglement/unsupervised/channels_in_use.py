"""How many channels a member uses, and how many bits it spends on each.

Burda, Grosse & Salakhutdinov (2016), https://arxiv.org/abs/1509.00519
"""

import math
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Ge
from jaxtyping import Num

from toolkit.disentanglement.inputs import Codes, Factors, as_codes
from toolkit.disentanglement.record import Array, ScoreResult
from toolkit.disentanglement.settings import NONE, ScoreSettings
from toolkit.errors import ToolkitError


@dataclass(frozen=True, kw_only=True)
class ActiveUnitsSettings(ScoreSettings):
    """Settings of the count of active units.

    Arguments:
        threshold: of the variance of a channel's means, in squared units of the codes.
    """

    threshold: Annotated[float, Ge(0)] = 0.01


ACTIVE_UNITS = ActiveUnitsSettings()


def active_units(
    codes: Codes,
    factors: Factors | None = None,
    settings: ActiveUnitsSettings = ACTIVE_UNITS,
    *,
    seed: int,
) -> ScoreResult:
    """How many channels have means that vary over the images by more than `threshold`.

    >>> active_units(np.array([[0.0, 0.0], [1.0, 0.1]]), seed=0).values["active_units"]
    1.0

    Arguments:
        codes: (n, d), means of the posteriors.
        factors: not used.
        settings: the threshold.
        seed: not used; nothing is drawn.

    Source: Burda et al. (2016).
    """
    del factors, seed
    values = as_codes(codes).astype(np.float64)
    variance = np.where(np.ptp(values, axis=0) > 0, values.var(axis=0), 0.0)
    active = variance > settings.threshold
    return ScoreResult(
        values={
            "active_units": float(active.sum()),
            "active_share": float(active.mean()),
        },
        per_channel={"active": active, "variance": variance},
    )


def channel_bits(
    codes: Codes,
    factors: Factors | None = None,
    settings: ScoreSettings = NONE,
    *,
    seed: int,
    log_variance: Num[Array, "n d"],
    information: Num[Array, " d"] | None = None,
) -> ScoreResult:
    """Rate of each channel in bits: mean KL of its posteriors from the standard normal.

    The rate is an upper bound of what a channel tells about the images. Where the information
    itself is known (computed from the posteriors elsewhere), it is reported beside.

    >>> still = channel_bits(np.zeros((2, 1)), seed=0, log_variance=np.zeros((2, 1)))
    >>> still.values["rate_bits"]
    0.0

    Arguments:
        codes: (n, d), means of the posteriors.
        factors: not used.
        settings: none.
        seed: not used; nothing is drawn.
        log_variance: (n, d), natural logarithm.
        information: (d,), bits that each channel tells about the images.

    Source: the rate of Higgins et al. (2017); information after Murphy et al. (2025).
    """
    del factors, settings, seed
    mean = as_codes(codes).astype(np.float64)
    if log_variance.shape != mean.shape:
        raise ToolkitError(
            f"means are {mean.shape} but log-variances {log_variance.shape}; both need a row per "
            "image and a column per channel."
        )
    nats = (mean**2 + np.exp(log_variance) - 1 - log_variance) / 2
    bits = nats.mean(axis=0) / math.log(2)
    values = {"rate_bits": float(bits.sum()), "rate_bits_largest": float(bits.max())}
    detail = {"rate_bits": bits}
    if information is not None:
        if information.shape != bits.shape:
            raise ToolkitError(
                f"information is given for {information.shape[0]} channels, but there are "
                f"{len(bits)}. Pass one number for each channel."
            )
        values["information_bits"] = float(information.sum())
        detail["information_bits"] = np.asarray(information, dtype=np.float64)
    return ScoreResult(values=values, per_channel=detail)

"""Mutual information of every channel with every factor from counts, in nats.

Channels are cut into equal-width bins between their smallest and largest value; integer codes
are symbols and stay as they are. One table serves MIG, MIG-sup, JEMMIG, modularity and others.
Source: the protocol of Locatello et al. (2019), https://arxiv.org/abs/1811.12359
"""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
from annotated_types import Ge
from jaxtyping import Float, Int, Num

from toolkit.disentanglement.inputs import Codes, Factors, Labelled, label
from toolkit.disentanglement.record import Array, SharedTable
from toolkit.disentanglement.settings import ScoreSettings
from toolkit.errors import ToolkitError

BinRule = Literal["auto", "doane", "fd", "rice", "scott", "sqrt", "stone", "sturges"]
Bins = Annotated[int, Ge(2)] | BinRule


@dataclass(frozen=True, kw_only=True)
class Binning(ScoreSettings):
    """How float channels are cut into bins of equal width; integer codes are never cut.

    Arguments:
        bins: a number, or a rule of `numpy.histogram_bin_edges` such as "auto".
    """

    bins: Bins = 20


BINNING = Binning()


@dataclass(frozen=True, kw_only=True)
class InformationTable:
    """Everything that counting says about channels and factors, in nats.

    Arguments:
        mutual: (d, k), of each channel with each factor.
        channel_entropy: (d,), of the binned channel.
        factor_entropy: (k,).
        binned: (n, d), the bin of each code, numbered from 0.
        bins: (d,), how many bins or symbols the channel was cut into.
        data: the codes and factors it was made from.
    """

    mutual: Float[Array, "d k"]
    channel_entropy: Float[Array, " d"]
    factor_entropy: Float[Array, " k"]
    binned: Int[Array, "n d"]
    bins: Int[Array, " d"]
    data: Labelled


def cut(codes: Num[Array, " n"], *, bins: Bins = 20) -> npt.NDArray[np.int64]:
    """The bin of each code of one channel; integer codes keep one bin a symbol.

    >>> cut(np.array([0.0, 0.4, 0.6, 1.0]), bins=2)
    array([0, 0, 1, 1])
    >>> cut(np.array([7, 7, 9]), bins=2)
    array([0, 0, 1])

    Arguments:
        bins: see `Binning`.
    """
    if codes.dtype.kind in "iu":
        return np.unique(codes, return_inverse=True)[1].ravel().astype(np.int64)
    if isinstance(bins, int) and bins < 2:
        raise ToolkitError(f"`bins` is {bins}; it must be at least 2.")
    edges = np.histogram_bin_edges(codes, bins)
    return (np.digitize(codes, edges[:-1]) - 1).astype(np.int64)


def entropy_of_counts(counts: Num[Array, "*s m"]) -> Float[Array, "*s"]:
    """Entropy of the frequencies along the last axis, in nats.

    >>> entropy_of_counts(np.array([2.0, 2.0])).round(6).item()
    0.693147
    """
    share = counts / counts.sum(axis=-1, keepdims=True)
    return np.asarray(-np.sum(share * np.log(np.where(share > 0, share, 1.0)), axis=-1))


def mutual_information(first: Int[Array, " n"], second: Int[Array, " n"]) -> float:
    """Mutual information of two columns of symbols numbered from 0, in nats; never below 0.

    Exactly 0 where the counts are those of independent columns, as of a constant one: the ratios
    are made of whole numbers, so that rounding cannot turn nothing into something.

    >>> round(mutual_information(np.array([0, 0, 1, 1]), np.array([1, 1, 0, 0])), 6)
    0.693147
    >>> mutual_information(np.zeros(700, int), np.arange(700) % 3)
    0.0
    """
    width = int(second.max()) + 1
    joint = np.bincount(first * width + second, minlength=(int(first.max()) + 1) * width)
    joint = joint.reshape(-1, width)
    # Counts if independent, times n
    apart = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0, keepdims=True)
    ratio = np.divide(joint * len(first), apart, out=np.ones(joint.shape), where=joint > 0)
    return max(float(np.sum(joint / len(first) * np.log(ratio))), 0.0)


def information_table(codes: Codes, factors: Factors, *, bins: Bins = 20) -> InformationTable:
    """Count once, for all scores that live on counts.

    >>> grid = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> information_table(grid.astype(float), grid).mutual.round(4)
    array([[0.6931, 0.    ],
           [0.    , 0.6931]])

    Arguments:
        codes: (n, d); float channels are binned, integer ones are symbols.
        factors: (n, k), indices of values.
        bins: see `Binning`.
    """
    data = label(codes, factors)
    binned = np.stack([cut(column, bins=bins) for column in data.codes.T], axis=1)
    mutual = [[mutual_information(c, f) for f in data.factors.T] for c in binned.T]
    channel = [entropy_of_counts(np.bincount(c).astype(np.float64)) for c in binned.T]
    factor = [entropy_of_counts(np.bincount(f).astype(np.float64)) for f in data.factors.T]
    symbols = data.codes.dtype.kind == "i"
    count = (
        binned.max(axis=0) + 1
        if symbols or isinstance(bins, str)
        else np.full(binned.shape[1], bins)
    )
    return InformationTable(
        mutual=np.array(mutual),
        channel_entropy=np.array(channel, dtype=np.float64),
        factor_entropy=np.array(factor, dtype=np.float64),
        binned=binned,
        bins=np.asarray(count, dtype=np.int64),
        data=data,
    )


def _counted(codes: Codes, factors: Factors, settings: Binning, *, seed: int) -> InformationTable:
    del seed
    return information_table(codes, factors, bins=settings.bins)


COUNTS = SharedTable(name="counts", settings=Binning, compute=_counted)

"""Unsupervised disentanglement ranking: a good member is one that other seeds find again.

Duan et al. (2020), https://arxiv.org/abs/1905.12614
"""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge, Gt
from jaxtyping import Float, Num

from toolkit.disentanglement.inputs import Factors, as_codes
from toolkit.disentanglement.predictor.train_test import standardise
from toolkit.disentanglement.record import Array, ScoreResult
from toolkit.disentanglement.settings import ScoreSettings
from toolkit.errors import ToolkitError

Members = Sequence[Num[Array, "n _"]]
Rates = Sequence[Num[Array, " _"]]
Similarity = Callable[[int, int], Float[Array, "a b"]]


@dataclass(frozen=True, kw_only=True)
class RankingSettings(ScoreSettings):
    """Settings of unsupervised disentanglement ranking.

    Arguments:
        least_rate: nats; channels of no larger rate are not in use.
        keep_silent: count channels that are not in use as rows and columns of zeros.
    """

    least_rate: Annotated[float, Ge(0)] = 0.01
    keep_silent: bool = False


@dataclass(frozen=True, kw_only=True)
class LassoRankingSettings(RankingSettings):
    """Settings of the ranking by a lasso.

    Arguments:
        least_rate, keep_silent: see `RankingSettings`.
        alpha: penalty of the lasso.
    """

    alpha: Annotated[float, Gt(0)] = 0.1


RANKING = RankingSettings()
LASSO_RANKING = LassoRankingSettings()


def relative_strength(similarity: Num[Array, "a b"]) -> tuple[float, float]:
    """How one-to-one a table of similarities is: as published, and as the paper weighs it; 0 to 1.

    Every row and column gives max^2 / sum, 0 where all is 0. Published: half the mean over rows
    plus half the mean over columns. Paper: mean over rows and columns together.

    >>> relative_strength(np.array([[1.0, 0.0, 0.5]]))
    (0.5833333333333333, 0.5416666666666666)
    """
    if similarity.size == 0:
        return 0.0, 0.0

    def sharp(table: Array) -> Array:
        total = table.sum(axis=0)
        largest = np.square(table.max(axis=0))
        return np.asarray(np.divide(largest, total, out=np.zeros_like(total), where=total > 0))

    columns, rows = sharp(similarity), sharp(similarity.T)
    weighted = (columns.sum() + rows.sum()) / (len(columns) + len(rows))
    return float((columns.mean() + rows.mean()) / 2), float(weighted)


def lasso_similarity(
    first: Num[Array, "n a"], second: Num[Array, "n b"], *, alpha: float = 0.1
) -> Float[Array, "a b"]:
    """Absolute weights of a lasso that predicts each channel of `second` from those of `first`."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import Lasso

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a zeroed channel has nothing to fit
        regression: Any = Lasso  # untyped
        weights = regression(alpha=alpha, random_state=0).fit(first, second).coef_
    return np.asarray(np.abs(np.atleast_2d(weights)).T)


def spearman_similarity(first: Num[Array, "n a"], second: Num[Array, "n b"]) -> Float[Array, "a b"]:
    """Absolute rank correlations of every two channels; 0 for constant ones."""
    from scipy.stats import rankdata

    def ranks(values: Array) -> Array:
        ordered = rankdata(values, axis=0)
        ordered -= ordered.mean(axis=0)
        size = np.linalg.norm(ordered, axis=0)
        return np.asarray(ordered / np.where(size > 0, size, 1.0))

    return np.asarray(np.abs(ranks(first).T @ ranks(second)))


def _members(codes: Members) -> list[Array]:
    members = [as_codes(member).astype(np.float64) for member in codes]
    if len(members) < 2 or len({len(member) for member in members}) > 1:
        raise ToolkitError(
            f"{len(members)} members with {[len(member) for member in members]} images were given; "
            "ranking compares two or more members on the same images. Encode the same probe set."
        )
    return members


def _active(members: list[Array], rates: Rates | None, least_rate: float) -> list[Array]:
    if rates is None:
        return [np.ptp(member, axis=0) > 0 for member in members]
    if [np.shape(rate) for rate in rates] != [member.shape[1:] for member in members]:
        raise ToolkitError(
            f"rates have the shapes {[np.shape(rate) for rate in rates]} for members of "
            f"{[member.shape[1] for member in members]} channels. Pass one number for each channel."
        )
    return [np.asarray(rate) > least_rate for rate in rates]


def _standardised(members: list[Array], active: list[Array]) -> list[Array]:
    rows = np.arange(len(members[0]))
    return [standardise(m, train=rows)[0] * a for m, a in zip(members, active, strict=True)]


def _rank(similarity: Similarity, active: list[Array], *, keep_silent: bool) -> ScoreResult:
    """Scores of all pairs, then for each member the median over the others."""
    count = len(active)
    pairs = np.zeros((2, count, count))
    for i in range(count):
        for j in range(count):
            if i != j:
                used = np.outer(active[i], active[j])
                # a channel that is not in use has no similarity to anything, not even by rounding
                table = np.where(used, np.nan_to_num(similarity(i, j), nan=0.0), 0.0)
                kept = table if keep_silent else table[np.ix_(active[i], active[j])]
                pairs[:, i, j] = relative_strength(kept)
    others = ~np.eye(count, dtype=bool)
    scores = [np.array([np.median(p[others[:, i], i]) for i in range(count)]) for p in pairs]
    silent = tuple(
        f"member {i} has no channel in use and scores 0"
        for i in range(count)
        if not active[i].any()
    )
    return ScoreResult(
        values={"udr": float(scores[0].mean()), "udr_paper": float(scores[1].mean())},
        per_channel={"udr": scores[0], "udr_paper": scores[1]},
        matrices={"pairs": pairs[0], "pairs_paper": pairs[1]},
        notes=silent,
    )


def udr_lasso(
    codes: Members,
    factors: Factors | None = None,
    settings: LassoRankingSettings = LASSO_RANKING,
    *,
    seed: int,
    rates: Rates | None = None,
) -> ScoreResult:
    """How far channels of a member predict single channels of other members linearly; 0 to 1.

    `per_channel["udr"]` has one number per member (median over the others), `values` their mean;
    `udr_paper` weighs rows and columns as the paper does. Members without a channel in use score 0.

    >>> codes = np.random.default_rng(0).standard_normal((200, 2))
    >>> udr_lasso([codes, codes[:, ::-1]], seed=0).values["udr"] > 0.8
    True

    Arguments:
        codes: of each member, (n, d) on the same images.
        factors: not used.
        settings: which channels are in use, and the penalty of the lasso.
        seed: not used; nothing is drawn.
        rates: of each member, (d,), mean KL of its channels in nats; None takes all that vary.

    Source: Duan et al. (2020).
    """
    del factors, seed
    members = _members(codes)
    active = _active(members, rates, settings.least_rate)
    codes_in_use = _standardised(members, active)
    return _rank(
        lambda i, j: lasso_similarity(codes_in_use[i], codes_in_use[j], alpha=settings.alpha),
        active,
        keep_silent=settings.keep_silent,
    )


def udr_spearman(
    codes: Members,
    factors: Factors | None = None,
    settings: RankingSettings = RANKING,
    *,
    seed: int,
    rates: Rates | None = None,
) -> ScoreResult:
    """How far channels of a member rank images as single channels of other members do; 0 to 1.

    As `udr_lasso` with absolute rank correlation in place of the lasso.

    >>> codes = np.random.default_rng(0).standard_normal((200, 2))
    >>> udr_spearman([codes, -(codes[:, ::-1] ** 3)], seed=0).values["udr"] > 0.8
    True

    Arguments:
        codes, factors, settings, seed, rates: see `udr_lasso`.

    Source: Duan et al. (2020).
    """
    del factors, seed
    members = _members(codes)
    active = _active(members, rates, settings.least_rate)
    codes_in_use = _standardised(members, active)
    return _rank(
        lambda i, j: spearman_similarity(codes_in_use[i], codes_in_use[j]),
        active,
        keep_silent=settings.keep_silent,
    )


def udr_nmi(
    codes: Members,
    factors: Factors | None = None,
    settings: RankingSettings = RANKING,
    *,
    seed: int,
    nmi: Num[Array, "c c"],
    rates: Rates | None = None,
) -> ScoreResult:
    """The same ranking with NMI of posteriors in place of correlations; about 0 to 1.

    Arguments:
        codes, factors, settings, seed, rates: see `udr_lasso`.
        nmi: (c, c), of every two channels of all members in order, c their total number;
            computed elsewhere from the posteriors of the same images. Below 0 counts as 0.

    >>> codes = [np.eye(3)[:, :2], np.eye(3)[:, :1]]
    >>> udr_nmi(codes, seed=0, nmi=np.ones((3, 3))).values["udr"]
    0.75

    Source: Duan et al. (2020) with the measure of Murphy et al. (2025).
    """
    del factors, seed
    members = _members(codes)
    active = _active(members, rates, settings.least_rate)
    ends = np.cumsum([0] + [member.shape[1] for member in members])
    if nmi.shape != (ends[-1], ends[-1]):
        raise ToolkitError(
            f"NMI is {nmi.shape}, but the members have {ends[-1]} channels together. "
            "Pass the table of every two channels, members in the same order."
        )

    def between(i: int, j: int) -> Array:
        return np.maximum(nmi[ends[i] : ends[i + 1], ends[j] : ends[j + 1]], 0.0)

    return _rank(between, active, keep_silent=settings.keep_silent)

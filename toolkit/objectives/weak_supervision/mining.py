"""Triplets from one batch of images, ordered and chosen by how unlike the images themselves are.

Michlo, Klein & James (2023), https://arxiv.org/abs/2202.13341, and
https://github.com/nmichlo/disent. Distances and the margin they are compared with are those of
pixels; the margin of codes is not used. All choices are masks, so that no shape depends on them.
"""

from typing import Literal

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

Mining = Literal[
    "none", "semi_hard_negative", "hard_negative", "hard_positive", "easy_positive", "random"
]
PixelDistance = Literal["squared", "absolute"]


def pixel_distances(
    images: Float[Tensor, "n c h w"], triplets: Int[Tensor, "t 3"], *, by: PixelDistance
) -> Float[Tensor, "t 2"]:
    """From anchor to positive and from anchor to negative: means over pixels and colours.

    >>> images = torch.tensor([0.0, 0.5, 1.0])[:, None, None, None].expand(3, 1, 2, 2)
    >>> pixel_distances(images, torch.tensor([[0, 1, 2]]), by="squared")
    tensor([[0.2500, 1.0000]])

    Arguments:
        images: values in [0, 1].
        triplets: indices of anchor, positive and negative among the images.
        by: "squared" or "absolute" differences.
    """
    flat = images.flatten(1)
    count = flat.shape[1]
    if by == "squared":
        squares = flat.square().sum(dim=1)
        table = (squares[:, None] + squares - 2 * flat @ flat.T).clamp(min=0) / count
    else:
        table = torch.cdist(flat, flat, p=1.0) / count
    anchors, others = triplets[:, :1], triplets[:, 1:]
    distances: Tensor = table[anchors, others]
    return distances


def in_order(
    triplets: Int[Tensor, "t 3"], distances: Float[Tensor, "t 2"]
) -> tuple[Int[Tensor, "t 3"], Float[Tensor, "t 2"]]:
    """The same triplets with the nearer image as the positive, and their distances."""
    swap = distances[:, :1] > distances[:, 1:]
    others = torch.where(swap, triplets[:, 1:].flip(1), triplets[:, 1:])
    ordered = torch.where(swap, distances.flip(1), distances)
    return torch.cat([triplets[:, :1], others], dim=1), ordered


def mined(
    distances: Float[Tensor, "t 2"],
    *,
    mining: Mining,
    kept: int,
    margin: float | Tensor,
    coin: Float[Tensor, ""],
) -> Bool[Tensor, " t"]:
    """Which triplets count in the loss: at most `kept`, or all of them where none is eligible.

    Arguments:
        distances: of positive and negative, in units of pixels.
        mining: "none": all; "semi_hard_negative": those whose negative is farther than the positive
            by less than the margin, the nearest negatives of these; "hard_negative": the nearest
            negatives; "hard_positive": the farthest positives; "easy_positive": the nearest
            positives; "random": hard negatives or easy positives, by the coin.
        kept: how many, at least 1.
        margin: in units of pixels.
        coin: uniform in [0, 1].
    """
    positive, negative = distances.unbind(dim=1)
    if mining == "none":
        return torch.ones_like(positive, dtype=torch.bool)
    if mining == "hard_positive":
        return _least(-positive, kept)
    if mining == "easy_positive":
        return _least(positive, kept)
    if mining == "hard_negative":
        return _least(negative, kept)
    if mining == "random":
        return torch.where(coin < 1 / 2, _least(negative, kept), _least(positive, kept))
    eligible = (positive < negative) & (negative < positive + margin)
    chosen = eligible & _least(torch.where(eligible, negative, torch.inf), kept)
    return chosen | ~eligible.any()


def _least(values: Float[Tensor, " t"], kept: int) -> Bool[Tensor, " t"]:
    """The `kept` smallest ones; of equal ones those that come first."""
    ranks = values.argsort(stable=True).argsort(stable=True)
    return ranks < kept

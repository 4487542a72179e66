"""What the channels of a hot spot draw, and which images they tell apart, as pictures of a page."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, UInt8
from torch import Tensor

from toolkit.figures import picture_to_png, tile
from toolkit.figures.style import DEPTHS
from toolkit.information import bhattacharyya_distance
from toolkit.report.page.wording import number

MOST_BYTES = 1_500_000  # of all pictures of a page
FINEST = 120  # rows of a matrix as drawn


@dataclass(frozen=True, kw_only=True)
class Traversal:
    """A channel decoded from low to high, with its other latents as at several images.

    Arguments:
        run: position of the run in the findings.
        latent: the channel.
        low, high: the range that it is moved through.
        images: decoded, one row per base image, one column per step.
        base_images: positions of the base images among the probe images.
    """

    run: int
    latent: int
    low: float
    high: float
    images: UInt8[np.ndarray, "bases steps c h w"]
    base_images: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class HotSpotPictures:
    """The pictures of one hot spot.

    Arguments:
        traversals: of its channels in several runs, the central one first.
        overlap: of its central channel, by `posterior_overlap`.
    """

    traversals: tuple[Traversal, ...]
    overlap: Float[np.ndarray, "s s"]


def posterior_overlap(
    mean: Float[Tensor, " n"], log_variance: Float[Tensor, " n"]
) -> Float[np.ndarray, "s s"]:
    """How little a channel tells every two images apart: Bhattacharyya coefficients, 0 to 1.

    1 where the two posteriors are the same, 0 where they do not overlap. Images are sorted by the
    mean of their posterior; above 120 images neighbours are averaged.

    Arguments:
        mean: of the channel's posterior, one per image.
        log_variance: of the same, natural logarithm.

    >>> import torch
    >>> posterior_overlap(torch.tensor([2.0, 0.0]), torch.zeros(2)).round(4)
    array([[1.    , 0.6065],
           [0.6065, 1.    ]])
    """
    order = mean.argsort(stable=True)
    distance = bhattacharyya_distance(
        mean[order, None].double(), log_variance[order, None].double()
    )
    overlap = (-distance).exp().numpy(force=True)
    block = -(-len(order) // FINEST)
    starts = np.arange(0, len(order), block)
    sizes = np.diff([*starts, len(order)])
    summed = np.add.reduceat(np.add.reduceat(overlap, starts, axis=0), starts, axis=1)
    return np.asarray(summed / np.outer(sizes, sizes))


def gallery(pictures: Mapping[int, HotSpotPictures]) -> list[dict[str, object]]:
    """The variables of the template: per hot spot its pictures as PNG, with what they show.

    Later hot spots come without pictures once a page would pass 1.5 MB of them.
    """
    shown: list[dict[str, object]] = []
    total = 0
    for rank, found in sorted(pictures.items()):
        rows = [_traversal(traversal) for traversal in found.traversals]
        colours = (DEPTHS(found.overlap)[..., :3] * 255).round().astype(np.uint8)
        overlap = _address(colours)
        total += sum(len(str(row["source"])) for row in rows) + len(overlap)
        if total > MOST_BYTES:
            break
        shown.append({"rank": rank, "traversals": rows, "overlap": overlap})
    return shown


def _traversal(traversal: Traversal) -> dict[str, object]:
    return {
        "source": _address(tile(traversal.images, gap=1)),
        "run": traversal.run + 1,
        "latent": traversal.latent,
        "steps": traversal.images.shape[1],
        "range": f"{number(traversal.low, digits=1)} to {number(traversal.high, digits=1)}",
        "bases": _images(traversal.base_images),
    }


def _images(positions: Sequence[int]) -> str:
    return ", ".join(str(position + 1) for position in positions)


def _address(picture: UInt8[np.ndarray, "h w 3"]) -> str:
    return f"data:image/png;base64,{base64.b64encode(picture_to_png(picture)).decode()}"

"""Pictures of pictures: strips, reconstructions under their inputs, latent traversals."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, UInt8
from matplotlib.axes import Axes

from toolkit.figures.style import FAINT, INK, bare
from toolkit.information import INFORMATIVE_BITS

Strip = UInt8[np.ndarray, "steps h w"] | UInt8[np.ndarray, "steps h w 3"]


def tile(
    images: UInt8[np.ndarray, "rows columns c h w"], *, gap: int = 2, background: int = 255
) -> UInt8[np.ndarray, "height width 3"]:
    """Images in rows and columns as one RGB picture, `gap` dots apart.

    Of two colours the second is drawn as green and blue, of more than three the first three.

    >>> import numpy as np
    >>> tile(np.zeros((2, 3, 1, 4, 4), np.uint8), gap=1).shape
    (9, 14, 3)
    """
    rows, columns, _, height, width = images.shape
    whole = np.full(
        (rows * (height + gap) - gap, columns * (width + gap) - gap, 3), background, np.uint8
    )
    for row in range(rows):
        for column in range(columns):
            top, left = row * (height + gap), column * (width + gap)
            image = as_rgb(images[row, column]).transpose(1, 2, 0)
            whole[top : top + height, left : left + width] = image
    return whole


def as_rgb(image: UInt8[np.ndarray, "c h w"]) -> UInt8[np.ndarray, "c_or_3 h w"]:
    """An image of any number of colours as one of 1 or 3, for drawing.

    >>> as_rgb(np.zeros((2, 4, 4), np.uint8)).shape, as_rgb(np.zeros((5, 4, 4), np.uint8)).shape
    ((3, 4, 4), (3, 4, 4))
    """
    return image[[0, 1, 1]] if len(image) == 2 else image[:3]


def strip(images: Strip, *, gap: int = 1) -> UInt8[np.ndarray, "height width 3"]:
    """The steps of one traversal side by side.

    >>> import numpy as np
    >>> strip(np.zeros((5, 8, 8), np.uint8)).shape
    (8, 44, 3)
    """
    colours = images[..., None] if images.ndim == 3 else images
    return tile(colours.transpose(0, 3, 1, 2)[None], gap=gap)


def draw_strip(images: Strip, axes: Axes) -> None:
    """One traversal, left to right, in `axes`."""
    axes.imshow(strip(images))
    bare(axes)


def draw_reconstructions(
    inputs: UInt8[np.ndarray, "n c h w"], outputs: UInt8[np.ndarray, "n c h w"], axes: Axes
) -> None:
    """Every input above what the member makes of it."""
    rows = tile(np.stack([inputs, outputs]))
    axes.imshow(rows)
    bare(axes)
    height = inputs.shape[-2]
    axes.set_yticks([height / 2, 1.5 * height + 2], ["input", "output"])
    axes.tick_params(length=0)


def draw_traversals(
    images: UInt8[np.ndarray, "d steps c h w"],
    axes: Axes,
    *,
    values: Sequence[float],
    bits: Float[np.ndarray, " d"],
    threshold_bits: float = INFORMATIVE_BITS,
) -> None:
    """A row per channel, the most telling first, its information written beside it.

    Arguments:
        images: decoded (d, steps, c, h, w), row k for latent k moved through `values`.
        values: what the latent is set to, one a column.
        bits: information of every channel.
        threshold_bits: names of channels with fewer bits are grey.
    """
    order = np.argsort(-bits, kind="stable")
    picture = tile(images[order])
    axes.imshow(picture)
    bare(axes)
    height, width = images.shape[-2] + 2, images.shape[-1] + 2
    names = [f"z{latent}   {bits[latent]:.2f} bits" for latent in order]
    axes.set_yticks([height * row + height / 2 - 1 for row in range(len(order))], names)
    for label, latent in zip(axes.get_yticklabels(), order, strict=True):
        label.set_color(INK if bits[latent] >= threshold_bits else FAINT)
    steps = [width * column + width / 2 - 1 for column in range(len(values))]
    axes.set_xticks(steps, [f"{value:+.1f}" if value else "0" for value in values])
    axes.xaxis.tick_top()
    axes.tick_params(length=0)

"""A data set to look at: samples, one row per factor, and a loop through every factor."""

import io

import numpy as np
from jaxtyping import UInt8
from PIL import Image

from toolkit.data import ImageSet
from toolkit.data.images import Images
from toolkit.data.sampling import FactorIndex
from toolkit.data.split import factor_columns
from toolkit.figures.images import as_rgb

GAP = 2  # pixels between pictures
GROUND = 255  # white
MILLISECONDS = 120  # a frame of the loop
LONGEST = 20  # frames a factor

Canvas = UInt8[np.ndarray, "_h _w 3"]


def sample_rows(image_set: ImageSet, *, rows: int, columns: int, seed: int) -> Canvas:
    """Random images of the set, without replacement, as one picture.

    >>> blank = ImageSet(name="blank", images=np.zeros((9, 1, 8, 8), dtype=np.uint8))
    >>> sample_rows(blank, rows=2, columns=4, seed=0).shape
    (22, 42, 3)
    """
    count = min(rows * columns, len(image_set))
    chosen = np.random.default_rng(seed).choice(len(image_set), count, replace=False)
    return tile(image_set.images[chosen], columns=columns)


def traversal_rows(image_set: ImageSet, *, columns: int, seed: int) -> Canvas:
    """One row per factor: it runs through its values, the others stay at one random image's.

    Factor values that no image shows are left out.
    """
    rows = []
    for indices in _walks(image_set, longest=columns, seed=seed):
        images = np.full((columns, *image_set.image_shape), GROUND, dtype=np.uint8)
        images[: len(indices)] = image_set.images[indices]
        rows.append(images)
    return tile(np.concatenate(rows), columns=columns)


def factor_loop(image_set: ImageSet, *, seed: int, zoom: int = 2) -> bytes:
    """A GIF that cycles through every factor, all factors side by side."""
    walks = _walks(image_set, longest=LONGEST, seed=seed)
    frames = []
    for step in range(max(map(len, walks))):
        shown = []
        for walk in walks:  # a shorter one turns at its ends
            period = max(1, 2 * (len(walk) - 1))
            shown.append(walk[min(step % period, period - step % period)])
        frames.append(_enlarged(tile(image_set.images[shown], columns=len(walks)), zoom))
    frames += frames[-2:0:-1]
    content = io.BytesIO()
    frames[0].save(
        content, "GIF", save_all=True, append_images=frames[1:], duration=MILLISECONDS, loop=0
    )
    return content.getvalue()


def tile(images: Images, *, columns: int) -> Canvas:
    """Images (n, c, h, w) in rows of `columns`, as one colour picture.

    Of two colours the second is drawn as green and blue, of more than three the first three.

    >>> tile(np.zeros((3, 1, 8, 8), dtype=np.uint8), columns=2).shape
    (22, 22, 3)
    """
    count, _, height, width = images.shape
    rows = -(-count // columns)
    shape = (rows * (height + GAP) + GAP, columns * (width + GAP) + GAP, 3)
    canvas = np.full(shape, GROUND, dtype=np.uint8)
    for place, image in enumerate(images):
        row, column = divmod(place, columns)
        top, left = GAP + row * (height + GAP), GAP + column * (width + GAP)
        canvas[top : top + height, left : left + width] = np.moveaxis(as_rgb(image), 0, -1)
    return canvas


def to_png(canvas: Canvas, *, zoom: int = 2) -> bytes:
    """The picture as PNG; equal pictures give equal bytes."""
    content = io.BytesIO()
    _enlarged(canvas, zoom).save(content, "PNG")
    return content.getvalue()


def _enlarged(canvas: Canvas, zoom: int) -> Image.Image:
    picture = Image.fromarray(canvas)
    return picture.resize((picture.width * zoom, picture.height * zoom), Image.Resampling.NEAREST)


def _walks(image_set: ImageSet, *, longest: int, seed: int) -> list[np.ndarray]:
    """For each factor, images that differ in it alone, evenly picked, at most `longest`."""
    index = FactorIndex(image_set)
    generator = np.random.default_rng(seed)
    start = generator.integers(len(image_set), size=1)
    factors = factor_columns(image_set, image_set.factor_names)
    walks = []
    for factor in range(factors.shape[1]):
        others = np.arange(factors.shape[1]) != factor
        same = (factors[:, others] == factors[start][:, others]).all(axis=1)
        values = np.unique(factors[same, factor])
        steps = np.linspace(0, len(values) - 1, min(longest, len(values))).round().astype(int)
        walk = factors[start].repeat(len(steps), axis=0)
        walk[:, factor] = values[steps]
        walks.append(index.find(walk, generator=generator))
    return walks

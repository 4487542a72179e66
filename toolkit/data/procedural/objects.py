"""One coloured square of several sizes on a fine grid: XYObject and XYObjectShaded of disent.

Both have the same images. XYObject has one colour factor, shade and hue together; XYObjectShaded
has one for each. Michlo (2022), https://github.com/nmichlo/disent
"""

from dataclasses import dataclass
from functools import partial
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Le

from toolkit.data.images import Factors, Images
from toolkit.data.procedural.grid import Grid, load_grid
from toolkit.data.selection import Selection
from toolkit.data.source import Source
from toolkit.errors import ToolkitError

HUES = {
    "W": (255, 255, 255),
    "R": (255, 0, 0),
    "G": (0, 255, 0),
    "B": (0, 0, 255),
    "Y": (255, 255, 0),
    "C": (0, 255, 255),
    "M": (255, 0, 255),
}
BASES = {"greys": "W", "colors": "RGBYCMW", "rgb": "RGB", "rainbow": "RYGCBM"}
Palette = Literal[
    "greys_1", "greys_2", "greys_4",
    "colors_1", "colors_2", "colors_4",
    "rgb_1", "rgb_2", "rgb_4",
    "rainbow_1", "rainbow_2", "rainbow_4",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ObjectOptions(Selection):
    """Sizes in pixels, and the palette.

    Arguments:
        grid_size: side of the image.
        grid_spacing: from place to place.
        min_square_size, max_square_size, square_size_spacing: the sizes of the square.
        palette: hues and their number of shades, such as "rainbow_4".
        rgb: three channels or one.
    """

    grid_size: Annotated[int, Ge(8), Le(512)] = 64
    grid_spacing: Annotated[int, Ge(1), Le(512)] = 2
    min_square_size: Annotated[int, Ge(1), Le(512)] = 7
    max_square_size: Annotated[int, Ge(1), Le(512)] = 15
    square_size_spacing: Annotated[int, Ge(1), Le(512)] = 2
    palette: Palette = "rainbow_4"
    rgb: bool = True

    def __post_init__(self) -> None:
        if not self.min_square_size <= self.max_square_size <= self.grid_size:
            raise ToolkitError(
                f"squares of {self.min_square_size} to {self.max_square_size} pixels do not fit "
                f"images of {self.grid_size}: the smallest is at most the largest, and that at "
                "most `grid_size`."
            )
        if not self.rgb and not self.palette.startswith("greys"):
            raise ToolkitError(
                f"grey images cannot show the palette {self.palette!r}. "
                "Set `palette: greys_4`, or `rgb: true`."
            )


def palette(options: ObjectOptions) -> np.ndarray:
    """Colours (shades · hues, c), uint8: all hues at the darkest shade first.

    >>> palette(ObjectOptions(palette="rgb_2")).tolist()[:4]
    [[127, 0, 0], [0, 127, 0], [0, 0, 127], [255, 0, 0]]
    """
    base, shades = options.palette.split("_")
    hues = np.array([HUES[name] for name in BASES[base]])
    shade = np.arange(1, int(shades) + 1)[:, None, None]
    colours = (hues * shade // int(shades)).reshape(-1, 3)
    return colours[:, : 3 if options.rgb else 1].astype(np.uint8)


def draw_objects(factors: Factors, *, options: ObjectOptions) -> Images:
    """Images (m, c, h, w) of factor values (m, 4): x, y, scale, colour."""
    size = np.array(_sizes(options))[factors[:, 2]]
    inset = (options.max_square_size - size) // 2
    line = np.arange(options.grid_size)
    across, down = (
        (line >= begin[:, None]) & (line < (begin + size)[:, None])
        for begin in (options.grid_spacing * factors[:, axis] + inset for axis in (0, 1))
    )
    mask = down[:, None, :, None] & across[:, None, None, :]
    images: Images = mask * palette(options)[factors[:, 3]][:, :, None, None]
    return images


def object_grid(options: ObjectOptions) -> Grid:
    """Every place, size and colour.

    >>> object_grid(ObjectOptions()).sizes
    (25, 25, 5, 24)
    """
    colours = palette(options)
    return Grid(
        factors=(*_placement(options), ("color", len(colours))),
        image_shape=(colours.shape[1], options.grid_size, options.grid_size),
        render=partial(draw_objects, options=options),
    )


def shaded_grid(options: ObjectOptions) -> Grid:
    """The same images; brightness and hue are factors of their own.

    >>> shaded_grid(ObjectOptions()).sizes
    (25, 25, 5, 4, 6)
    """
    colours = palette(options)
    hues = len(BASES[options.palette.split("_")[0]])

    def render(factors: Factors) -> Images:
        colour = factors[:, 3] * hues + factors[:, 4]
        return draw_objects(np.column_stack([factors[:, :3], colour]), options=options)

    return Grid(
        factors=(*_placement(options), ("intensity", len(colours) // hues), ("color", hues)),
        image_shape=(colours.shape[1], options.grid_size, options.grid_size),
        render=render,
    )


def _sizes(options: ObjectOptions) -> list[int]:
    step = options.square_size_spacing
    return list(range(options.min_square_size, options.max_square_size + 1, step))


def _placement(options: ObjectOptions) -> tuple[tuple[str, int], ...]:
    positions = (options.grid_size - options.max_square_size) // options.grid_spacing + 1
    return ("x", positions), ("y", positions), ("scale", len(_sizes(options)))


XY_OBJECT = Source(
    load=partial(load_grid, name="xy_object", grid=object_grid),
    options=ObjectOptions,
    grid=object_grid,
    about="One square: 25 × 25 places, five sizes, 24 colours.",
    licence="none needed: computed",
    home="https://github.com/nmichlo/disent",
    factors=(("x", 25), ("y", 25), ("scale", 5), ("color", 24)),
    image_shape=(3, 64, 64),
)
XY_OBJECT_SHADED = Source(
    load=partial(load_grid, name="xy_object_shaded", grid=shaded_grid),
    options=ObjectOptions,
    grid=shaded_grid,
    about="The images of xy_object, with brightness and hue as two factors.",
    licence="none needed: computed",
    home="https://github.com/nmichlo/disent",
    factors=(("x", 25), ("y", 25), ("scale", 5), ("intensity", 4), ("color", 6)),
    image_shape=(3, 64, 64),
)

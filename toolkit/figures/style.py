"""How every figure looks: quiet lines, one ink, colours that colour-blind readers tell apart.

Qualitative colours: Paul Tol, "muted" scheme, https://personal.sric.nl/~pault/data/colourschemes.pdf
"""

from collections.abc import Iterator
from contextlib import contextmanager

import matplotlib
import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_hex

INK = "#22303c"
FAINT = "#8795a1"
RULE = "#d9e0e6"
NOBODY = "#c3ccd4"
ACCENT = "#1f6f8b"
MUTED = (
    "#332288",
    "#cc6677",
    "#44aa99",
    "#ddaa33",
    "#882255",
    "#88ccee",
    "#117733",
    "#aa4499",
    "#999933",
)
DEPTHS = LinearSegmentedColormap.from_list(
    "depths",
    ["#ffffff", "#e3eef1", "#b4d3da", "#72afc0", "#3f86a5", "#2a5c89", "#243561", "#160f2b"],
)

_SETTINGS = {
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "axes.facecolor": "none",
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "text.color": INK,
    "text.parse_math": False,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.labelsize": 9,
    "axes.titlesize": 9.5,
    "axes.titlelocation": "left",
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": RULE,
    "grid.linewidth": 0.6,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "xtick.major.size": 3,
    "ytick.major.size": 3,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "lines.linewidth": 1.6,
    "lines.solid_capstyle": "round",
    "legend.frameon": False,
    "legend.fontsize": 8,
    "image.interpolation": "none",
    "pdf.fonttype": 42,  # letters stay letters
    "svg.fonttype": "none",
    "svg.hashsalt": "toolkit",
    "path.simplify": True,
}


@contextmanager
def quiet() -> Iterator[None]:
    """Make and draw figures inside this block; the caller's own settings come back after it.

    >>> import matplotlib
    >>> before = matplotlib.rcParams["font.size"]
    >>> with quiet():
    ...     matplotlib.rcParams["font.size"]
    9.0
    >>> matplotlib.rcParams["font.size"] == before
    True
    """
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.style.use(_SETTINGS)
        yield


def group_colour(rank: int) -> str:
    """Colour of the hot spot of rank 1, 2, ...; rank 0 is "in none" and grey.

    >>> group_colour(1), group_colour(0)
    ('#332288', '#c3ccd4')
    >>> group_colour(1 + len(MUTED)) == group_colour(1)
    True
    """
    return MUTED[(rank - 1) % len(MUTED)] if rank > 0 else NOBODY


def depth(value: float) -> str:
    """Colour of a value between 0 (white) and 1 (nearly black), as used by every matrix.

    >>> depth(0.0)
    '#ffffff'
    """
    return to_hex(DEPTHS(value))


def bare(axes: Axes) -> None:
    """Take ticks and frame away: for pictures and matrices."""
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)

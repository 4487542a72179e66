"""Figures as text and bytes that are the same wherever and whenever they are made."""

import io

import numpy as np
from jaxtyping import UInt8
from matplotlib.figure import Figure
from PIL import Image

from toolkit.figures.style import quiet

_NAMELESS = {"Date": None, "Creator": None, "Format": None, "Type": None}

_UNDATED = {"CreationDate": None, "Creator": None, "Producer": None}


def to_svg(figure: Figure) -> str:
    """The figure as SVG; equal figures give equal text, letter for letter.

    >>> from matplotlib.figure import Figure
    >>> to_svg(Figure()) == to_svg(Figure())
    True
    """
    text = io.StringIO()
    with quiet():
        figure.savefig(text, format="svg", metadata=_NAMELESS)
    return text.getvalue()


def to_pdf(figure: Figure) -> bytes:
    """The figure as PDF with its letters as text; equal figures give equal bytes.

    >>> from matplotlib.figure import Figure
    >>> to_pdf(Figure()) == to_pdf(Figure())
    True
    """
    content = io.BytesIO()
    with quiet():
        figure.savefig(content, format="pdf", metadata=_UNDATED)
    return content.getvalue()


def to_png(figure: Figure, *, dots_per_inch: int = 160) -> bytes:
    """The figure as PNG on white; equal figures give equal bytes."""
    content = io.BytesIO()
    with quiet():
        figure.savefig(
            content,
            format="png",
            dpi=dots_per_inch,
            facecolor="white",
            metadata={"Software": None},
        )
    return content.getvalue()


def picture_to_png(
    picture: UInt8[np.ndarray, "h w"] | UInt8[np.ndarray, "h w 2"] | UInt8[np.ndarray, "h w 3"],
) -> bytes:
    """Pixels as PNG, one image dot for each: grey (h, w), grey with alpha (h, w, 2), or RGB.

    >>> import numpy as np
    >>> picture_to_png(np.zeros((2, 3), np.uint8))[1:4]
    b'PNG'
    """
    content = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(picture)).save(content, format="PNG", optimize=True)
    return content.getvalue()

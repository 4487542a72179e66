"""From the bytes of a picture file to an image: the one place where pictures are decoded.

It looks at everything that a file can say about its pixels: mode, depth, transparency, frames and
orientation. What cannot be decided is asked for in a sentence; nothing is clipped or dropped.
"""

import io
from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageOps

from toolkit.data.readers.formats.levels import (
    SIXTEEN_BITS,
    Range,
    check_range,
    refuse_dim,
    to_bytes,
)
from toolkit.errors import ToolkitError

DEEP = ("I", "F")  # 32 bits per pixel, whole numbers or fractions
TRANSPARENT = ("LA", "La", "PA", "RGBA", "RGBa")
ONE_PICTURE = ("MPO",)  # a photograph and its previews
WHITE = (255, 255, 255)


@dataclass(frozen=True, kw_only=True)
class Look:
    """How pictures are brought to one form.

    Arguments:
        size: pixels per side after resizing; 0 leaves them as they are.
        channels: 1 (grey) or 3 (colour).
        crop: side of the square that is cut from the centre first; 0 cuts nothing.
        resample: how Pillow resizes.
        ground: red, green and blue behind transparent pixels, 0 to 255.
        value_range: black and white of pictures of more than 8 bits per pixel; None: 0 to 65535
            for those of 16 bits, and a sentence for those of 32.
        first_frame: take the first frame of a file that holds several.
    """

    size: int
    channels: int
    crop: int = 0
    resample: Image.Resampling = Image.Resampling.LANCZOS
    ground: tuple[int, int, int] = WHITE
    value_range: Range | None = None
    first_frame: bool = False


class Decoder:
    """Decodes pictures of one set, and remembers the highest value of those of 16 bits.

    >>> file = io.BytesIO()
    >>> Image.new("RGB", (20, 10), "white").save(file, "PNG")
    >>> decoder = Decoder(Look(size=8, channels=1, crop=10))
    >>> decoder.decode(file.getvalue(), what="a.png").shape
    (1, 8, 8)
    """

    def __init__(self, look: Look) -> None:
        check_range(look.value_range)
        self._look = look
        self._highest: int | None = None

    def decode(self, content: bytes, *, what: str) -> UInt8[np.ndarray, "c h w"]:
        """A file's bytes as an image.

        Arguments:
            content: the whole file.
            what: its path, for sentences.

        Raises:
            ToolkitError: it has several frames, values whose range is not known, or fewer pixels
                than are to be cut out.
        """
        look = self._look
        with Image.open(io.BytesIO(content)) as opened:
            frames = getattr(opened, "n_frames", 1)
            if frames > 1 and not look.first_frame and opened.format not in ONE_PICTURE:
                raise ToolkitError(
                    f"{what} holds {frames} frames, and one picture per file is read. "
                    "Save its frames as files, or set `first_frame: true`."
                )
            picture = self._flat(ImageOps.exif_transpose(opened), what)
        if look.crop:
            if min(picture.size) < look.crop:
                raise ToolkitError(
                    f"{what} has {picture.width} × {picture.height} pixels, too few to cut "
                    f"{look.crop} × {look.crop} from. Set a smaller `crop`, or 0."
                )
            left, top = ((side - look.crop) // 2 for side in picture.size)
            picture = picture.crop((left, top, left + look.crop, top + look.crop))
        if look.size and picture.size != (look.size, look.size):
            picture = picture.resize((look.size, look.size), look.resample)
        pixels = np.asarray(picture)
        return pixels[None] if pixels.ndim == 2 else np.ascontiguousarray(pixels.transpose(2, 0, 1))

    def finish(self, *, what: str) -> None:
        """Refuse 16-bit pictures none of which is bright: their white is not known.

        Raises:
            ToolkitError: they are dim and no range was declared.
        """
        if self._highest is not None and self._look.value_range is None:
            refuse_dim(self._highest, what=what)

    def _flat(self, picture: Image.Image, what: str) -> Image.Image:
        """The picture with 8 bits per pixel, opaque, grey or in colour."""
        mode = "L" if self._look.channels == 1 else "RGB"
        if picture.mode in DEEP or picture.mode.startswith("I;16"):
            values = np.asarray(picture)
            # Black and white
            sixteen_bits = values.dtype.itemsize == 2
            if sixteen_bits:
                self._highest = max(self._highest or 0, int(values.max(initial=0)))
            value_range = self._look.value_range or (SIXTEEN_BITS if sixteen_bits else None)
            if value_range is None:
                raise ToolkitError(
                    f"{what} has 32 bits per pixel, with values from {float(values.min()):g} to "
                    f"{float(values.max()):g}, and does not say which are black and white. "
                    "Set `value_range: [black, white]`."
                )
            return Image.fromarray(to_bytes(values, value_range, what=what)).convert(mode)
        if picture.mode in TRANSPARENT or "transparency" in picture.info:
            layer = picture.convert("RGBA")
            ground = Image.new("RGBA", layer.size, (*self._look.ground, 255))
            return Image.alpha_composite(ground, layer).convert(mode)
        return picture.convert(mode)

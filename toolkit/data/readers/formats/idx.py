"""IDX, the format of MNIST: a magic number, big-endian sizes, then bytes; plain or gzip.

LeCun, Cortes & Burges, "The MNIST database of handwritten digits", section FILE FORMATS:
two zero bytes, one byte for the type (8 = unsigned byte), one for the number of dimensions.
"""

import gzip
import math
import struct
import zlib
from pathlib import Path

import numpy as np

from toolkit.errors import ToolkitError

UNSIGNED_BYTE = 8


def read_idx(path: Path, *, dimensions: int) -> np.ndarray:
    """The array of an IDX file of unsigned bytes; a name ending in .gz is unpacked.

    Arguments:
        dimensions: 3 for images (n, h, w), 1 for labels (n,); any other file is refused.
    """
    try:
        packed = path.read_bytes()
        content = gzip.decompress(packed) if path.suffix == ".gz" else packed
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise ToolkitError(
            f"{path} is no whole gzip file ({error}): it was cut or damaged on the way. "
            "Download it again."
        ) from error
    except OSError as error:
        raise ToolkitError(f"{path} cannot be read ({error.strerror}).") from error
    # Header
    head = 4 + 4 * dimensions
    magic = UNSIGNED_BYTE << 8 | dimensions
    found = int.from_bytes(content[:4], "big") if len(content) >= 4 else None
    if found != magic:
        raise ToolkitError(
            f"{path} begins with {'too few bytes' if found is None else f'0x{found:08x}'}; an IDX "
            f"file of {dimensions}-dimensional bytes begins with 0x{magic:08x}. "
            "Download it again, and check that images and labels are not exchanged."
        )
    if len(content) < head:
        raise ToolkitError(f"{path} ends inside its header. Download it again.")
    shape = struct.unpack(f">{dimensions}I", content[4:head])
    if len(content) - head != math.prod(shape):
        raise ToolkitError(
            f"{path} announces {' × '.join(map(str, shape))} = {math.prod(shape)} bytes and holds "
            f"{len(content) - head}. Download it again."
        )
    return np.frombuffer(content, dtype=np.uint8, offset=head).reshape(shape)

"""The binary matrices of NORB: a magic number, sizes, then numbers; plain or gzip.

Little-endian throughout. The header holds at least three sizes, also where there are fewer
dimensions. https://cs.nyu.edu/~ylclab/data/norb-v1.0-small/ (section FILE FORMAT)
"""

import gzip
import math
import struct
from pathlib import Path

import numpy as np

from toolkit.data.readers.formats.opening import reading
from toolkit.errors import ToolkitError

TYPES = {
    0x1E3D4C51: "float32",
    0x1E3D4C53: "float64",
    0x1E3D4C54: "int32",
    0x1E3D4C55: "uint8",
    0x1E3D4C56: "int16",
}


def read_norb(path: Path, *, dtype: str, dimensions: int) -> np.ndarray:
    """The array of a NORB matrix file; a name ending in .gz is unpacked.

    Arguments:
        dtype, dimensions: what the file must hold, such as "uint8" and 4 for images.
    """
    kind = "NORB matrix"
    with reading(path, kind=kind):
        raw = path.read_bytes()
        content = gzip.decompress(raw) if path.suffix == ".gz" else raw
        magic, rank = struct.unpack_from("<II", content)
    if TYPES.get(magic) != dtype or rank != dimensions:
        known = ", ".join(f"0x{key:08x} ({value})" for key, value in TYPES.items())
        raise ToolkitError(
            f"{path} begins with 0x{magic:08x} and {rank} dimensions; expected {dtype} of "
            f"{dimensions} dimensions. Known: {known}. "
            "Check that dat, cat and info are not exchanged."
        )
    with reading(path, kind=kind):
        shape = struct.unpack_from(f"<{rank}I", content, 8)
    start = 8 + 4 * max(3, rank)
    number = np.dtype(dtype).newbyteorder("<")
    announced = math.prod(shape) * number.itemsize
    if len(content) - start != announced:
        raise ToolkitError(
            f"{path} announces {' × '.join(map(str, shape))} = {announced} bytes and holds "
            f"{len(content) - start}. Download it again."
        )
    return np.frombuffer(content, dtype=number, offset=start).reshape(shape)

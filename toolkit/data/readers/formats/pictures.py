"""Picture files in a folder, a zip or a tar, in one order whatever the file system says."""

import io
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from jaxtyping import UInt8
from PIL import Image

from toolkit.data.images import Images, Indices, allocate
from toolkit.data.readers.formats.opening import reading
from toolkit.errors import ToolkitError

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".ppm", ".pgm")
LARGEST = 1 << 28  # bytes of one packed picture


@dataclass(frozen=True, kw_only=True)
class Album:
    """Pictures that can be read one by one.

    Arguments:
        path: the folder or archive, for messages.
        names: relative, sorted.
        content: from a name to the file's bytes.
    """

    path: Path
    names: tuple[str, ...]
    content: Callable[[str], bytes]


@contextmanager
def open_album(path: Path) -> Iterator[Album]:
    """The pictures of a folder, a .zip or a .tar (.gz); nothing is unpacked to the disk."""
    with ExitStack() as stack:
        with reading(path, kind="folder, zip or tar of pictures"):
            album = _open(path, stack)
        yield album


def _open(path: Path, stack: ExitStack) -> Album:
    if path.is_dir():
        files = [file for file in path.rglob("*") if file.is_file()]
        names = [file.relative_to(path).as_posix() for file in files]
        return _album(path, names, lambda name: (path / name).read_bytes())
    if path.suffix == ".zip":
        archive = stack.enter_context(zipfile.ZipFile(path))
        sizes = {item.filename: item.file_size for item in archive.infolist()}
        return _album(path, _sane(path, sizes), archive.read)
    tar = stack.enter_context(tarfile.TarFile.open(path))
    members = {item.name: item for item in tar if item.isreg()}
    names = _sane(path, {name: item.size for name, item in members.items()})
    return _album(path, names, lambda name: _extract(tar, members[name]))


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = tar.extractfile(member)
    return file.read() if file else b""


def _sane(path: Path, sizes: dict[str, int]) -> list[str]:
    for name, size in sizes.items():
        parts = PurePosixPath(name.replace("\\", "/"))
        if parts.is_absolute() or ".." in parts.parts or ":" in parts.parts[:1]:
            raise ToolkitError(
                f"{path} holds a file named {name!r}, which climbs out of the archive. "
                "Do not use this archive."
            )
        if size > LARGEST:
            raise ToolkitError(f"{path} holds {name!r} of {size} bytes; no picture is so large.")
    return list(sizes)


def _album(path: Path, names: Sequence[str], content: Callable[[str], bytes]) -> Album:
    chosen = sorted(
        name
        for name in names
        if PurePosixPath(name).suffix.lower() in SUFFIXES
        and not any(part.startswith((".", "__MACOSX")) for part in PurePosixPath(name).parts)
    )
    if not chosen:
        raise ToolkitError(f"{path} holds no picture ({', '.join(SUFFIXES)}).")
    return Album(path=path, names=tuple(chosen), content=content)


@dataclass(frozen=True, kw_only=True)
class Look:
    """How pictures are brought to one form.

    Arguments:
        size: pixels a side after resizing; 0 leaves them as they are.
        channels: 1 (grey) or 3 (colour).
        crop: side of the square that is cut from the centre first; 0 cuts nothing.
        resample: how Pillow resizes.
    """

    size: int
    channels: int
    crop: int = 0
    resample: Image.Resampling = Image.Resampling.LANCZOS


def decode(content: bytes, look: Look) -> UInt8[np.ndarray, "c h w"]:
    """A picture file's bytes as an image.

    >>> file = io.BytesIO()
    >>> Image.new("RGB", (20, 10), "white").save(file, "PNG")
    >>> decode(file.getvalue(), Look(size=8, channels=1, crop=10)).shape
    (1, 8, 8)
    """
    with Image.open(io.BytesIO(content)) as opened:
        picture = opened.convert("L" if look.channels == 1 else "RGB")
    if look.crop:
        left, top = ((side - look.crop) // 2 for side in picture.size)
        picture = picture.crop((left, top, left + look.crop, top + look.crop))
    if look.size and picture.size != (look.size, look.size):
        picture = picture.resize((look.size, look.size), look.resample)
    pixels = np.asarray(picture)
    return pixels[None] if look.channels == 1 else np.ascontiguousarray(pixels.transpose(2, 0, 1))


def read_pictures(album: Album, indices: Indices, look: Look) -> Images:
    """The pictures at `indices` of an album; all must be of one size unless they are resized."""
    images: Images | None = None
    for place, index in enumerate(indices.tolist()):
        name = album.names[index]
        with reading(album.path / name, kind="picture"):
            image = decode(album.content(name), look)
        if images is None:
            images = allocate((len(indices), *image.shape))
        if image.shape != images.shape[1:]:
            raise ToolkitError(
                f"{album.path / name} is {image.shape[2]} × {image.shape[1]} pixels, but the "
                f"pictures before it are {images.shape[3]} × {images.shape[2]}. Set `image_size`."
            )
        images[place] = image
    if images is None:
        raise ToolkitError(f"no picture of {album.path} was asked for.")
    return images

"""Picture files in a folder, a zip or a tar, in one order whatever the file system says."""

import os
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from toolkit.data.images import Images, Indices, allocate
from toolkit.data.readers.formats.decoding import Decoder, Look
from toolkit.data.readers.formats.opening import reading
from toolkit.errors import ToolkitError

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".ppm", ".pgm")
LARGEST = 1 << 28  # bytes of one packed picture
NAMED = 5  # files that a note names; the others are counted


@dataclass(frozen=True, kw_only=True)
class Album:
    """Pictures that can be read one by one.

    Arguments:
        path: the folder or archive, for messages.
        names: relative, sorted.
        content: from a name to the file's bytes.
        left_out: names of files that are no pictures by their suffix, or hidden.
    """

    path: Path
    names: tuple[str, ...]
    content: Callable[[str], bytes]
    left_out: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """A sentence about the files that were left out, if there are any."""
        if not self.left_out:
            return ()
        count, more = len(self.left_out), len(self.left_out) > NAMED
        named = ", ".join(self.left_out[:NAMED]) + (", ..." if more else "")
        return (f"{count} file{'s' if count > 1 else ''} left out as no picture: {named}",)


@contextmanager
def open_album(path: Path) -> Iterator[Album]:
    """The pictures of a folder, a .zip or a .tar (.gz); nothing is unpacked to the disk."""
    with ExitStack() as stack:
        with reading(path, kind="folder, zip or tar of pictures"):
            if path.is_dir():
                album = _album(path, _files_below(path), lambda name: (path / name).read_bytes())
            elif path.suffix == ".zip":
                archive = stack.enter_context(zipfile.ZipFile(path))
                sizes = {item.filename: item.file_size for item in archive.infolist()}
                album = _album(path, _sane(path, sizes), archive.read)
            else:
                tar = stack.enter_context(tarfile.TarFile.open(path))
                members = {item.name: item for item in tar if item.isreg()}
                names = _sane(path, {name: item.size for name, item in members.items()})

                def content(name: str) -> bytes:
                    file = tar.extractfile(members[name])
                    return file.read() if file else b""

                album = _album(path, names, content)
        yield album


def _files_below(path: Path) -> list[str]:
    """Relative names of all files, in linked folders too; links in a circle are refused."""
    found: list[str] = []
    for folder, inner, files in os.walk(path, followlinks=True):
        for name in inner:
            linked = Path(folder, name)
            if linked.is_symlink() and Path(folder).resolve().is_relative_to(linked.resolve()):
                raise ToolkitError(
                    f"{linked} is a link to a folder that holds it, so its pictures have no end. "
                    "Take the link away."
                )
        found += [Path(folder, name).relative_to(path).as_posix() for name in files]
    return found


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
    left_out = tuple(sorted(set(names) - set(chosen)))
    return Album(path=path, names=tuple(chosen), content=content, left_out=left_out)


def read_pictures(album: Album, indices: Indices, look: Look) -> Images:
    """The pictures at `indices` of an album; all must be of one size unless they are resized."""
    decoder = Decoder(look)
    images: Images | None = None
    for row, index in enumerate(indices.tolist()):
        path = album.path / album.names[index]
        with reading(path, kind="picture"):
            image = decoder.decode(album.content(album.names[index]), what=str(path))
        if images is None:
            images = allocate((len(indices), *image.shape))
        if image.shape != images.shape[1:]:
            raise ToolkitError(
                f"{path} is {image.shape[2]} × {image.shape[1]} pixels, but the "
                f"pictures before it are {images.shape[3]} × {images.shape[2]}. Set `image_size`."
            )
        images[row] = image
    if images is None:
        raise ToolkitError(f"no picture of {album.path} was asked for.")
    decoder.finish(what=str(album.path))
    return images

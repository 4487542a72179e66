"""Files in the publishers' exact formats, small: byte layout, keys, names and orders are theirs."""

import gzip
import io
import struct
import tarfile
import zipfile
from pathlib import Path

import h5py
import numpy as np
import scipy.io
from PIL import Image

from toolkit.data.readers import dsprites

SMALL = (("shape", 3), ("scale", 2), ("orientation", 2), ("position_x", 2), ("position_y", 2))
SMALL_SIZES = tuple(size for _, size in SMALL)


def random_bytes(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, size=shape, dtype=np.uint8)


def idx_bytes(array: np.ndarray) -> bytes:
    head = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    return head + array.astype(np.uint8).tobytes()


def write_mnist(folder: Path, *, part: str = "t10k", count: int = 12, packed: bool = True) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    images, labels = random_bytes(count, 28, 28), np.arange(count) % 10
    for kind, array in (("images-idx3", images), ("labels-idx1", labels)):
        content = idx_bytes(array)
        name = folder / f"{part}-{kind}-ubyte{'.gz' if packed else ''}"
        name.write_bytes(gzip.compress(content) if packed else content)


def norb_bytes(array: np.ndarray) -> bytes:
    magic = {"uint8": 0x1E3D4C55, "int32": 0x1E3D4C54}[array.dtype.name]
    sizes = [*array.shape, *([1] * (3 - array.ndim))]
    return struct.pack(f"<{2 + len(sizes)}I", magic, array.ndim, *sizes) + array.tobytes()


NORB_SIZES = (5, 2, 2, 3, 2)
NORB_INSTANCES = {"training": (4, 6), "testing": (0, 1)}


def write_norb(folder: Path, *, packed: bool = False) -> dict[str, np.ndarray]:
    """Two instances a part, in an order of its own; returns the first of each pair by part."""
    folder.mkdir(parents=True, exist_ok=True)
    pictures: dict[str, np.ndarray] = {}
    for part, instances in NORB_INSTANCES.items():
        every = np.stack(np.unravel_index(np.arange(np.prod(NORB_SIZES)), NORB_SIZES), axis=1)
        order = np.random.default_rng(1).permutation(len(every))
        rows = every[order].astype(np.int32)
        pairs = random_bytes(len(every), 2, 96, 96, seed=instances[0])
        info = rows[:, 1:].copy()
        info[:, 0] = np.array(instances)[info[:, 0]]
        info[:, 2] *= 2
        numbers = "46789" if part == "training" else "01235"
        stem = f"smallnorb-5x{numbers}x9x18x6x2x96x96-{part}"
        for kind, array in (("dat", pairs), ("cat", rows[:, 0].copy()), ("info", info)):
            content = norb_bytes(array)
            name = f"{stem}-{kind}.mat{'.gz' if packed else ''}"
            (folder / name).write_bytes(gzip.compress(content) if packed else content)
        pictures[part] = pairs[np.argsort(order), 0]
    return pictures


def sprite_arrays(*, on: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Masks (n, 64, 64) and classes (n, 6), colour first."""
    count = int(np.prod(SMALL_SIZES))
    classes = np.stack(np.unravel_index(np.arange(count), (1, *SMALL_SIZES)), axis=1)
    return (random_bytes(count, 64, 64) > 200).astype(np.uint8) * np.uint8(on), classes


class Poison:
    """Unpickling this writes a file: proof that nobody unpickles."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        return open, (self.path, "w")


def write_dsprites_npz(folder: Path, *, on: int = 1) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    masks, classes = sprite_arrays(on=on)
    path = folder / f"{dsprites.STEM}.npz"
    metadata = np.array({"author": Poison(str(folder / "unpickled"))}, dtype=object)
    np.savez_compressed(
        path,
        metadata=metadata,
        imgs=masks,
        latents_classes=classes,
        latents_values=classes.astype(float),
    )
    return path


def write_dsprites_hdf5(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    masks, classes = sprite_arrays()
    path = folder / f"{dsprites.STEM}.hdf5"
    with h5py.File(path, "w") as file:
        file.create_dataset("imgs", data=masks, chunks=(8, 64, 64), compression="gzip")
        group = file.create_group("latents")
        group.create_dataset("classes", data=classes, compression="gzip")
        group.create_dataset("values", data=classes.astype(float), compression="gzip")
    return path


def write_shapes3d(folder: Path, sizes: tuple[int, ...]) -> np.ndarray:
    folder.mkdir(parents=True, exist_ok=True)
    count = int(np.prod(sizes))
    images = random_bytes(count, 64, 64, 3)
    grid = np.stack(np.unravel_index(np.arange(count), sizes), axis=1)
    labels = np.stack(
        [np.linspace(-30, 30, size)[column] for size, column in zip(sizes, grid.T, strict=True)],
        axis=1,
    )
    with h5py.File(folder / "3dshapes.h5", "w") as file:
        file.create_dataset("images", data=images, chunks=(4, 64, 64, 3), compression="gzip")
        file.create_dataset("labels", data=labels)
    return images


def write_mpi3d(folder: Path, count: int, *, kind: str = "toy") -> np.ndarray:
    folder.mkdir(parents=True, exist_ok=True)
    images = random_bytes(count, 64, 64, 3)
    np.savez_compressed(folder / f"mpi3d_{kind}.npz", images=images)
    return images


def write_cars(folder: Path, cars: int, *, packed: bool = False) -> list[np.ndarray]:
    """One MATLAB v5 file a car, `im` of 128 × 128 × 3 × 24 × 4; flat colours compress well."""
    meshes = []
    for car in range(cars):
        colours = random_bytes(1, 1, 3, 24, 4, seed=car)
        meshes.append(np.broadcast_to(colours, (128, 128, 3, 24, 4)).copy())
    names = [f"car_{car:03d}_mesh.mat" for car in range(cars)]
    if not packed:
        (folder / "cars").mkdir(parents=True)
        for name, mesh in zip(names, meshes, strict=True):
            scipy.io.savemat(folder / "cars" / name, {"im": mesh}, do_compression=True)
        return meshes
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(folder / "nips2015-analogy-data.tar.gz", "w:gz", compresslevel=1) as tar:
        for name, mesh in reversed(list(zip(names, meshes, strict=True))):
            content = io.BytesIO()
            scipy.io.savemat(content, {"im": mesh}, do_compression=True)
            add_to_tar(tar, f"data/cars/{name}", content.getvalue())
        add_to_tar(tar, "data/sprites/other.mat", b"not a car")
    return meshes


def picture_bytes(pixels: np.ndarray, *, kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind)
    return file.getvalue()


def add_to_tar(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    tar.addfile(member, io.BytesIO(content))


def write_pictures(folder: Path, named: dict[str, np.ndarray]) -> None:
    for name, pixels in named.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(picture_bytes(pixels))


def zip_pictures(path: Path, named: dict[str, np.ndarray]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, pixels in named.items():
            archive.writestr(name, picture_bytes(pixels))


def tar_pictures(path: Path, named: dict[str, np.ndarray]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w") as tar:
        for name, pixels in named.items():
            add_to_tar(tar, name, picture_bytes(pixels))


ATTRIBUTES = ("5_o_Clock_Shadow", "Arched_Eyebrows", "Young")


def write_celeba(folder: Path, count: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
    folder.mkdir(parents=True, exist_ok=True)
    named = {f"{i + 1:06d}.jpg": random_bytes(218, 178, 3, seed=i) for i in range(count)}
    zip_pictures(
        folder / "img_align_celeba.zip", {f"img_align_celeba/{n}": p for n, p in named.items()}
    )
    signs = random_bytes(count, len(ATTRIBUTES)) % 2
    lines = [str(count), " ".join(ATTRIBUTES) + " "]
    for name, row in zip(named, signs, strict=True):
        lines.append(f"{name} " + " ".join(f"{2 * int(value) - 1:2d}" for value in row))
    (folder / "list_attr_celeba.txt").write_text("\n".join(lines) + "\n")
    return named, signs

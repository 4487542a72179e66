"""smallNORB from its binary matrices: toys from many sides; the first of each stereo pair.

LeCun, Huang & Bottou (2004), https://cs.nyu.edu/~ylclab/data/norb-v1.0-small/
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Le
from PIL import Image

from toolkit.data.images import Factors, ImageSet, allocate
from toolkit.data.readers.formats.norb import read_norb
from toolkit.data.readers.formats.opening import find
from toolkit.data.source import ExpectedFile, Source
from toolkit.errors import ToolkitError

HOME = "https://cs.nyu.edu/~ylclab/data/norb-v1.0-small/"
STEMS = {
    "train": "smallnorb-5x46789x9x18x6x2x96x96-training",
    "test": "smallnorb-5x01235x9x18x6x2x96x96-testing",
}
FACTORS = (("category", 5), ("instance", 5), ("elevation", 9), ("azimuth", 18), ("lighting", 6))
SIDE = 96
AZIMUTH_STEP = 2  # the file counts azimuth 0, 2, 4 ... 34


@dataclass(frozen=True, kw_only=True)
class SmallNorbOptions:
    """Which part, and how large.

    Arguments:
        subset: training and test toys are different instances of the same categories.
        image_size: pixels a side; other than 96, images are resized (Lanczos).
    """

    subset: Literal["train", "test", "all"] = "train"
    image_size: Annotated[int, Ge(8), Le(96)] = 64


def load_small_norb(
    root: Path,
    options: SmallNorbOptions,
    *,
    sizes: tuple[int, ...] = tuple(size for _, size in FACTORS),
) -> ImageSet:
    """Images in the order of their factors, last fastest, whatever the file's order.

    `sizes` are those of one part; "all" has twice as many instances.
    """
    parts = ["train", "test"] if options.subset == "all" else [options.subset]
    read = [_read_part(root, part, sizes) for part in parts]
    pictures = np.concatenate([pictures for pictures, _ in read])
    factors = np.concatenate([factors for _, factors in read])
    _, factors[:, 1] = np.unique(factors[:, 1], return_inverse=True)  # instance by rank
    full = (sizes[0], sizes[1] * len(parts), *sizes[2:])
    # Every combination of factor values, once
    combinations = np.stack(np.unravel_index(np.arange(np.prod(full)), full), axis=1)
    order: np.ndarray = np.lexsort(factors.T[::-1])
    if combinations.shape != factors.shape or (factors[order] != combinations).any():
        raise ToolkitError(
            f"the files in {root} do not show every combination of {full} values of category, "
            "instance, elevation, azimuth and lighting once. Download dat, cat and info again."
        )
    images = allocate((len(order), 1, options.image_size, options.image_size))
    for image, index in zip(images, order, strict=True):
        picture = Image.fromarray(pictures[index])
        image[0] = picture.resize(image.shape[1:], Image.Resampling.LANCZOS)
    return ImageSet(
        name="small_norb",
        images=images,
        factors=factors[order],
        factor_names=tuple(name for name, _ in FACTORS),
        factor_sizes=full,
    )


def _read_part(root: Path, part: str, sizes: tuple[int, ...]) -> tuple[np.ndarray, Factors]:
    def path(kind: str) -> Path:
        name = f"{STEMS[part]}-{kind}.mat"
        return find(root, [name, f"{name}.gz"], home=HOME)

    pictures = read_norb(path("dat"), dtype="uint8", dimensions=4)
    category = read_norb(path("cat"), dtype="int32", dimensions=1)
    info = read_norb(path("info"), dtype="int32", dimensions=2)
    count = int(np.prod(sizes))
    expected = ((count, 2, SIDE, SIDE), (count,), (count, 4))
    found = (pictures.shape, category.shape, info.shape)
    if found != expected:
        raise ToolkitError(
            f"{STEMS[part]} has dat, cat and info of shapes {found}; expected {expected}. "
            "Take the three files from one release."
        )
    factors = np.column_stack([category, info]).astype(np.int64)
    factors[:, 3] //= AZIMUTH_STEP
    return pictures[:, 0], factors


PUBLISHED = (  # sizes and digests as TensorFlow Datasets has them
    (
        f"{STEMS['train']}-dat.mat.gz",
        131_896_188,
        "5ffd6272a07d32695ee1082a26a41a93a37aab8c28da047f8c34ed348d214873",
    ),
    (
        f"{STEMS['train']}-cat.mat.gz",
        348,
        "2784e542c1922060691090952b6cd6278879a216c90f81476f0f00256d42cdaa",
    ),
    (
        f"{STEMS['train']}-info.mat.gz",
        71_052,
        "de7eb932ebe7a4ee16217fead60660d0eb3d23632c2f4d1c51f88c501c17bf32",
    ),
    (
        f"{STEMS['test']}-dat.mat.gz",
        130_799_817,
        "cf7104eed3e51174d2f65b66d1e5878b9da233b886f161b0d88f4510ba2c7474",
    ),
    (
        f"{STEMS['test']}-cat.mat.gz",
        347,
        "ecaf6d5bb8c3bc5eab9cf0258f6d2198dd474e016e374836fc097f2e5ff509ff",
    ),
    (
        f"{STEMS['test']}-info.mat.gz",
        10_428,
        "16adf314226327ee006d1a44db8cfef52773c06c829951d5653a9f6f310248a2",
    ),
)
SMALL_NORB = Source(
    load=load_small_norb,
    options=SmallNorbOptions,
    about="48,600 grey photographs of 50 toys: nine elevations, 18 azimuths, six lightings.",
    licence="research only (NYU)",
    home=HOME,
    files=tuple(
        ExpectedFile(name=name, size=size, sha256=sha256, urls=(f"{HOME}{name}",))
        for name, size, sha256 in PUBLISHED
    ),
    factors=FACTORS,
    image_shape=(1, 64, 64),
)

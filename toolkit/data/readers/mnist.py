"""MNIST and Fashion-MNIST from their IDX files, plain or gzip."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Le
from PIL import Image

from toolkit.data.images import Images, ImageSet, allocate
from toolkit.data.readers.formats.idx import read_idx
from toolkit.data.source import ExpectedFile, Source
from toolkit.errors import ToolkitError

Published = tuple[tuple[int, str], ...]  # size in bytes and SHA-256 of each file
FILES = {"train": "train", "test": "t10k"}


@dataclass(frozen=True, kw_only=True)
class MnistOptions:
    """Which of the two parts, and how large the pictures shall be.

    Arguments:
        subset: the 60,000 training images, the 10,000 test images, or training then test.
        image_size: pixels a side; other than 28, images are resized bilinearly.
    """

    subset: Literal["train", "test", "all"] = "train"
    image_size: Annotated[int, Ge(8), Le(1024)] = 32


def resize(images: Images, *, size: int) -> Images:
    """Bilinear resizing of grey images, each by Pillow, as disentangling-vae does.

    >>> resize(np.full((1, 1, 28, 28), 7, dtype=np.uint8), size=32).shape
    (1, 1, 32, 32)
    """
    if images.shape[2:] == (size, size):
        return images
    result = allocate((len(images), 1, size, size))
    for resized, image in zip(result, images, strict=True):
        resized[0] = Image.fromarray(image[0]).resize((size, size), Image.Resampling.BILINEAR)
    return result


def load_mnist(root: Path, options: MnistOptions, *, name: str, label: str) -> ImageSet:
    """Images (n, 1, h, w) and the label as the single factor."""
    image_parts, label_parts = [], []
    for part in ["train", "test"] if options.subset == "all" else [options.subset]:
        image_path = _find(root, part, "images-idx3-ubyte")
        label_path = _find(root, part, "labels-idx1-ubyte")
        images, labels = read_idx(image_path, dimensions=3), read_idx(label_path, dimensions=1)
        if len(images) != len(labels):
            raise ToolkitError(
                f"{image_path} holds {len(images)} images but {label_path} {len(labels)} labels. "
                "Take both files from one release."
            )
        image_parts.append(images)
        label_parts.append(labels)
    return ImageSet(
        name=name,
        images=resize(np.concatenate(image_parts)[:, None], size=options.image_size),
        factors=np.concatenate(label_parts).astype(np.int64)[:, None],
        factor_names=(label,),
        factor_sizes=(10,),
    )


def _find(root: Path, part: str, ending: str) -> Path:
    stem = f"{FILES[part]}-{ending}"
    names = [stem, f"{stem}.gz", stem.replace("-idx", ".idx"), f"{stem.replace('-idx', '.idx')}.gz"]
    for name in names:
        if (root / name).is_file():
            return root / name
    other = "test" if part == "train" else "train"
    held = [(root / f"{FILES[other]}-{ending}{end}").is_file() for end in ("", ".gz")]
    hint = f" The files of `subset: {other}` are there." if any(held) else ""
    raise ToolkitError(
        f"{root} holds neither {stem} nor {stem}.gz.{hint} Put the file there, or change `subset`."
    )


def _source(
    name: str, label: str, *, hosts: tuple[str, ...], published: Published, **words: str
) -> Source:
    kinds = ("images-idx3-ubyte.gz", "labels-idx1-ubyte.gz")
    names = [f"{part}-{kind}" for part in FILES.values() for kind in kinds]
    return Source(
        load=partial(load_mnist, name=name, label=label),
        options=MnistOptions,
        files=tuple(
            ExpectedFile(
                name=file, size=size, sha256=sha256, urls=tuple(host + file for host in hosts)
            )
            for file, (size, sha256) in zip(names, published, strict=True)
        ),
        factors=((label, 10),),
        image_shape=(1, 32, 32),
        grid=None,
        **words,
    )


# Sizes and digests as TensorFlow Datasets has them.
MNIST = _source(
    "mnist",
    "digit",
    hosts=(
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ),
    published=(
        (9_912_422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
        (28_881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
        (1_648_877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
        (4_542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
    ),
    about="70,000 handwritten digits, 28 × 28 grey (60,000 to train, 10,000 to test).",
    licence="CC BY-SA 3.0 (LeCun, Cortes, Burges)",
    home="http://yann.lecun.com/exdb/mnist/",
)
FASHION_MNIST = _source(
    "fashion_mnist",
    "garment",
    hosts=(
        "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    ),
    published=(
        (26_421_880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
        (29_515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
        (4_422_102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
        (5_148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
    ),
    about="70,000 pictures of garments in ten classes, 28 × 28 grey, in MNIST's format.",
    licence="MIT (Zalando Research)",
    home="https://github.com/zalandoresearch/fashion-mnist",
)

"""Whatever is cut out of a publisher's file or written into it: an image set, or a sentence."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.data import writers
from tests.data.writers import SMALL
from toolkit.data.images import ImageSet
from toolkit.data.readers import cars3d, celeba, dsprites, folders, grids, mnist, nvidia, small_norb
from toolkit.errors import ToolkitError

QUICK = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
SHAPES = (("floor_hue", 2), ("shape", 2))
ISAAC = (("object_shape", 2), ("robot_x", 3))


@dataclass(frozen=True, kw_only=True)
class Case:
    """A file that a writer makes, and the reader of its data set."""

    write: Callable[[Path], object]
    read: Callable[[Path], ImageSet]
    file: str


def write_isaac(folder: Path) -> None:
    pictures = {f"{i:06d}.png": writers.random_bytes(9, 9, 3, seed=i) for i in range(6)}
    writers.write_pictures(folder / "images", pictures)
    np.save(folder / "labels.npy", np.indices((2, 3)).reshape(2, -1).T.astype(np.float32))


read_dsprites = partial(
    dsprites.load_dsprites,
    options=dsprites.DspritesOptions(),
    name="dsprites",
    shown=[name for name, _ in SMALL],
    factors=SMALL,
)
read_isaac = partial(
    nvidia.load_nvidia,
    options=nvidia.NvidiaOptions(image_size=9),
    name="isaac3d",
    table="labels.npy",
    factors=ISAAC,
)
read_mnist = partial(
    mnist.load_mnist,
    options=mnist.MnistOptions(subset="test", image_size=28),
    name="mnist",
    label="digit",
)
read_norb = partial(
    small_norb.load_small_norb, options=small_norb.SmallNorbOptions(), sizes=writers.NORB_SIZES
)
NORB = "smallnorb-5x46789x9x18x6x2x96x96-training"

CASES = {
    "idx": Case(
        write=partial(writers.write_mnist, packed=False), read=read_mnist,
        file="t10k-images-idx3-ubyte",
    ),
    "idx.gz": Case(
        write=writers.write_mnist, read=read_mnist, file="t10k-labels-idx1-ubyte.gz"
    ),
    "npz": Case(
        write=writers.write_dsprites_npz, read=read_dsprites, file=f"{dsprites.STEM}.npz"
    ),
    "hdf5": Case(
        write=writers.write_dsprites_hdf5, read=read_dsprites, file=f"{dsprites.STEM}.hdf5"
    ),
    "norb": Case(write=writers.write_norb, read=read_norb, file=f"{NORB}-info.mat"),
    "norb.gz": Case(
        write=partial(writers.write_norb, packed=True), read=read_norb, file=f"{NORB}-cat.mat.gz"
    ),
    "matlab": Case(
        write=partial(writers.write_cars, cars=1),
        read=partial(cars3d.load_cars3d, options=cars3d.Cars3dOptions(image_size=8), cars=1),
        file="cars/car_000_mesh.mat",
    ),
    "tar.gz": Case(
        write=partial(writers.write_cars, cars=1, packed=True),
        read=partial(cars3d.load_cars3d, options=cars3d.Cars3dOptions(image_size=8), cars=1),
        file="nips2015-analogy-data.tar.gz",
    ),
    "labels": Case(
        write=partial(writers.write_shapes3d, sizes=(2, 2)),
        read=partial(grids.load_shapes3d, options=grids.GridOptions(), factors=SHAPES),
        file="3dshapes.h5",
    ),
    "npy": Case(write=write_isaac, read=read_isaac, file="labels.npy"),
    "png": Case(write=write_isaac, read=read_isaac, file="images/000003.png"),
    "zip": Case(
        write=partial(writers.write_celeba, count=2),
        read=partial(celeba.load_celeba, options=celeba.CelebaOptions(), count=2),
        file="img_align_celeba.zip",
    ),
    "attributes": Case(
        write=partial(writers.write_celeba, count=2),
        read=partial(celeba.load_celeba, options=celeba.CelebaOptions(attributes=True), count=2),
        file="list_attr_celeba.txt",
    ),
    "tar": Case(
        write=lambda folder: writers.tar_pictures(
            folder / "own.tar", {f"{i}.png": writers.random_bytes(9, 9, 3) for i in range(30)}
        ),
        read=lambda folder: folders.load_folder(
            folder / "own.tar", folders.FolderOptions(image_size=0)
        ),
        file="own.tar",
    ),
}  # fmt: skip


def damaged(content: bytes, how: str, position: float, bytes_: bytes) -> bytes:
    at = int(position * len(content))
    if how == "cut":
        return content[:at]
    if how == "lose":
        return content[:at] + content[at + len(bytes_) :]
    if how == "gain":
        return content[:at] + bytes_ + content[at:]
    return content[:at] + bytes_ + content[at + len(bytes_) :]


@pytest.fixture(scope="module", params=CASES)
def written(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Case, Path]:
    """A case, and the folder that its writer filled, once."""
    folder = tmp_path_factory.mktemp("whole")
    CASES[request.param].write(folder)
    return CASES[request.param], folder


@QUICK
@given(
    how=st.sampled_from(["cut", "lose", "gain", "overwrite"]),
    position=st.one_of(st.floats(0, 1), st.floats(0, 0.02)),
    bytes_=st.binary(min_size=1, max_size=9),
)
def test_random_damage_is_met_with_a_sentence(
    written: tuple[Case, Path], how: str, position: float, bytes_: bytes
) -> None:
    case, folder = written
    file, before = folder / case.file, sorted(folder.rglob("*"))
    whole = file.read_bytes()
    file.write_bytes(damaged(whole, how, position, bytes_))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what libraries think of a damaged file is not ours
        try:
            said = f"{len(case.read(folder))} images could still be read"
        except ToolkitError as error:
            said = str(error)
    file.write_bytes(whole)
    assert len(said) > 20
    assert "\n" not in said
    assert sorted(folder.rglob("*")) == before


def test_the_file_is_whole_before_it_is_damaged(written: tuple[Case, Path]) -> None:
    case, folder = written
    assert len(case.read(folder)) > 0


def test_half_a_file_is_named(written: tuple[Case, Path]) -> None:
    case, folder = written
    file = folder / case.file
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2 - 3])
    with pytest.raises(ToolkitError) as caught:
        case.read(folder)
    file.write_bytes(whole)
    assert file.name in str(caught.value)

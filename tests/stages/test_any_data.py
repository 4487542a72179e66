"""Every data set goes through the data stage by a change in params.yaml alone.

Publishers' files are small here and in their exact format; where a reader insists on the size of
the published grid, it is told the size of the small one.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from PIL import Image
from scipy.io import savemat

from tests.data import writers
from tests.data.readers.test_sets import chair_names
from tests.data.writers import SMALL, SMALL_SIZES
from toolkit.config import read_params
from toolkit.data import DATASETS, load, read_prepared
from toolkit.files import canonical_json
from toolkit.stages.data import make_data
from toolkit.workspace import Workspace

FEW = {"limit": 40}
SIDE = 16
PARAMS = """\
data:
  changed:
    source: {source}
    raw: {raw}
    options: {options}
    held_out: 0.25
    split_seed: 3
    probe: {{size: 4, seed: 5}}
ensembles: {{}}
studies: {{}}
comparisons: {{}}
"""
NVIDIA = (("one", 2), ("two", 3))


def pictures(count: int) -> dict[str, np.ndarray]:
    return {
        f"kind{i % 2}/{i:06d}.png": writers.random_bytes(SIDE, SIDE, 3, seed=i)
        for i in range(count)
    }


def write_npz(folder: Path) -> None:
    folder.mkdir()
    factor = np.arange(12) % 3
    np.savez(folder / "mine.npz", images=writers.random_bytes(12, SIDE, SIDE, 1), kind=factor)


def write_npy(folder: Path) -> None:
    folder.mkdir()
    np.save(folder / "mine.npy", writers.random_bytes(12, SIDE, SIDE))


def write_hdf5(folder: Path) -> None:
    folder.mkdir()
    with h5py.File(folder / "mine.h5", "w") as file:
        file["images"] = writers.random_bytes(12, 3, SIDE, SIDE)
        file["kind"] = np.arange(12) % 4


def write_mat(folder: Path) -> None:
    folder.mkdir()
    held = {"X": writers.random_bytes(SIDE, SIDE, 3, 12), "y": 1.0 + np.arange(12) % 2}
    savemat(folder / "mine.mat", held)


def write_nvidia(folder: Path, *, table: str) -> None:
    rows = np.stack(np.unravel_index(np.arange(6), (2, 3)), axis=1).astype(np.float32)
    named = {f"{i:06d}.png": writers.random_bytes(SIDE, SIDE, 3, seed=i) for i in range(6)}
    writers.write_pictures(folder / "images", named)
    np.save(folder / table, rows)


def write_scream(folder: Path) -> None:
    writers.write_dsprites_npz(folder)
    Image.fromarray(writers.random_bytes(140, 100, 3)).save(folder / "scream.jpg")


def write_imagenet(folder: Path) -> None:
    writers.write_dsprites_npz(folder)
    named = {
        f"tiny-imagenet-200/train/n{i:08d}/images/n_{i}.JPEG": writers.random_bytes(64, 64, 3)
        for i in range(6)
    }
    writers.zip_pictures(folder / "tiny-imagenet-200.zip", named)


def write_chairs(folder: Path) -> None:
    named = {name: writers.random_bytes(20, 20, seed=i) for i, name in enumerate(chair_names())}
    writers.write_pictures(folder, named)


@dataclass(frozen=True, kw_only=True)
class Case:
    """How the files come to be, what params.yaml says, and how large the small grid is."""

    write: Callable[[Path], object] | None = None
    options: dict[str, Any] = field(default_factory=dict)
    small: dict[str, Any] = field(default_factory=dict)
    factors: int
    count: int


SPRITES = {"factors": SMALL}
CUT = {"image_size": SIDE}
MPI = {"releases": {8: (2, 2, 2, 1, 1, 1, 1)}}
SHAPES = tuple(zip(("a", "b", "c", "d", "e", "f"), (2, 3, 2, 1, 1, 1), strict=True))
CASES = {
    "sprites": Case(
        options={"scales": 1, "positions_x": 2, "positions_y": 3}, factors=5, count=144
    ),
    "xy_squares": Case(options=FEW, factors=6, count=40),
    "xy_single_square": Case(options=FEW, factors=2, count=40),
    "x_columns": Case(options=FEW, factors=3, count=40),
    "xy_object": Case(options=FEW, factors=4, count=40),
    "xy_object_shaded": Case(options=FEW, factors=5, count=40),
    "xy_blocks": Case(options=FEW, factors=9, count=40),
    "circle": Case(options={"angles": 20}, factors=1, count=20),
    "mnist": Case(write=writers.write_mnist, options={"subset": "test"}, factors=1, count=12),
    "fashion_mnist": Case(
        write=writers.write_mnist, options={"subset": "test"}, factors=1, count=12
    ),
    "dsprites": Case(write=writers.write_dsprites_npz, small=SPRITES, factors=5, count=48),
    "dsprites_noshape": Case(
        write=writers.write_dsprites_hdf5,
        small=SPRITES | {"shown": [name for name, _ in SMALL[1:]]},
        factors=4,
        count=48,
    ),
    "dsprites_color": Case(write=writers.write_dsprites_npz, small=SPRITES, factors=5, count=48),
    "dsprites_noisy": Case(write=writers.write_dsprites_npz, small=SPRITES, factors=5, count=48),
    "dsprites_scream": Case(write=write_scream, small=SPRITES, factors=5, count=48),
    "dsprites_abstract": Case(
        write=writers.write_dsprites_npz, options=FEW, small=SPRITES, factors=6, count=40
    ),
    "dsprites_imagenet": Case(
        write=write_imagenet, small=SPRITES | {"count": 6}, factors=5, count=48
    ),
    "small_norb": Case(
        write=writers.write_norb, small={"sizes": writers.NORB_SIZES}, factors=5, count=120
    ),
    "cars3d": Case(
        write=partial(writers.write_cars, cars=1),
        options=CUT,
        small={"cars": 1},
        factors=3,
        count=96,
    ),
    "shapes3d": Case(
        write=partial(writers.write_shapes3d, sizes=(2, 3, 2, 1, 1, 1)),
        small={"factors": SHAPES},
        factors=6,
        count=12,
    ),
    **{
        f"mpi3d_{kind}": Case(
            write=partial(writers.write_mpi3d, count=8, kind=kind), small=MPI, factors=7, count=8
        )
        for kind in ("toy", "realistic", "real")
    },
    "isaac3d": Case(
        write=partial(write_nvidia, table="labels.npy"),
        options=CUT,
        small={"factors": NVIDIA, "table": "labels.npy"},
        factors=2,
        count=6,
    ),
    "falcor3d": Case(
        write=partial(write_nvidia, table="labels.npy"),
        options=CUT,
        small={"factors": NVIDIA, "table": "labels.npy"},
        factors=2,
        count=6,
    ),
    "celeba": Case(
        write=partial(writers.write_celeba, count=8),
        options=CUT,
        small={"count": 8},
        factors=0,
        count=8,
    ),
    "chairs3d": Case(
        write=write_chairs,
        options={"image_size": SIDE, "crop": 0},
        small={"factors": (("chair", 2), ("elevation", 2), ("azimuth", 3))},
        factors=3,
        count=12,
    ),
    "folder": Case(
        write=lambda folder: writers.write_pictures(folder, pictures(9)),
        options={"image_size": SIDE, "classes": True},
        factors=1,
        count=9,
    ),
    "npz": Case(write=write_npz, options={"factors": "kind"}, factors=1, count=12),
    "npy": Case(write=write_npy, options={"layout": "nhw"}, factors=0, count=12),
    "hdf5": Case(
        write=write_hdf5, options={"layout": "nchw", "factors": "kind"}, factors=1, count=12
    ),
    "mat": Case(
        write=write_mat,
        options={"images": "X", "layout": "hwcn", "factors": "y"},
        factors=1,
        count=12,
    ),
}


def test_no_data_set_is_left_out() -> None:
    assert list(CASES) == list(DATASETS)
    assert len(SMALL_SIZES) == len(SMALL)


@pytest.mark.parametrize("source", CASES)
def test_a_change_in_params_yaml_is_all_it_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    case, workspace = CASES[source], Workspace(root=tmp_path, home=tmp_path)
    if case.write is not None:
        case.write(tmp_path / "raw")
    if case.small:
        known = DATASETS[source]
        monkeypatch.setitem(
            DATASETS, source, replace(known, load=partial(known.load, **case.small))
        )
    raw = "raw" if case.write else "toolkit/data/procedural/sprites.py"
    options = canonical_json(case.options)
    workspace.params.write_text(PARAMS.format(source=source, raw=raw, options=options))
    make_data(workspace, read_params(workspace.params), "changed")
    made = read_prepared(workspace.data("changed"))
    assert made.images.digest == load(source, tmp_path / "raw", **case.options).digest
    assert (len(made.images), len(made.images.factor_names)) == (case.count, case.factors)
    assert sorted([*made.train, *made.held_out]) == list(range(case.count))
    assert len(made.held_out) == round(case.count / 4)
    assert made.probe_images.shape == (4, *made.images.image_shape)
    shown = {path.name for path in workspace.sheets("changed").iterdir()}
    assert shown == {"samples.png"} | ({"factors.png", "factors.gif"} if case.factors else set())

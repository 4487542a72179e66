"""A data set made ready: images, split and probe set in one folder that checks itself.

data.json            the record, written last: a folder without it holds nothing
images.npy           uint8 (n, c, h, w)
factors.npy          int64 (n, k), where factors are known
split.safetensors    train, held_out, probe: int64 indices

What else lies in the folder, such as pictures of the data set, is nobody's business here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from toolkit.data.images import Factors, Images, ImageSet, Indices, StoredImages, gather
from toolkit.data.probe import ProbeSet, draw_balanced_probe, draw_probe, probe_at
from toolkit.data.readers.formats.opening import DAMAGE
from toolkit.data.split import split, split_combinations
from toolkit.errors import ToolkitError
from toolkit.files import draft, load_tensors, read_json, save_tensors, write_json, writing
from toolkit.records import DataRecord, Factor, ProbeReference

RECORD = DataRecord.FILE
SCHEMA = DataRecord.SCHEMA
SPLIT_SCHEMA = "split/1"
AGAIN = "Delete the folder and run `dvc repro`."


@dataclass(frozen=True, kw_only=True, eq=False)
class PreparedData:
    """An image set, its split, and its probe set (which is drawn from the whole set).

    Pictures come as uint8 (m, c, h, w), copied; a set too large for memory is trained on through
    `train_rows`, which leaves the images where they are.
    """

    images: ImageSet
    train: Indices
    held_out: Indices
    probe: ProbeSet

    @property
    def train_images(self) -> Images:
        """The images to train on, in index order."""
        return gather(self.images.images, self.train)

    @property
    def held_out_images(self) -> Images:
        """The images kept from training, in index order."""
        return gather(self.images.images, self.held_out)

    @property
    def train_rows(self) -> StoredImages:
        """The images to train on, in index order, none of them read yet."""
        return StoredImages(self.images.images, self.train)

    @property
    def held_out_rows(self) -> StoredImages:
        """The images kept from training, in index order, none of them read yet."""
        return StoredImages(self.images.images, self.held_out)

    @property
    def probe_images(self) -> Images:
        """The images that every member answers."""
        return gather(self.images.images, self.probe.indices)

    @property
    def probe_factors(self) -> Factors | None:
        """The factors of the probe images, where factors are known."""
        factors = self.images.factors
        return None if factors is None else factors[self.probe.indices]

    def record(self) -> DataRecord:
        """What `data.json` says."""
        sizes = zip(self.images.factor_names, self.images.factor_sizes, strict=True)
        return DataRecord(
            name=self.images.name,
            digest=self.images.digest,
            image_shape=tuple(self.images.image_shape),
            count=len(self.images),
            train=len(self.train),
            held_out=len(self.held_out),
            probe=ProbeReference(size=len(self.probe), digest=self.probe.digest),
            factors=tuple(Factor(name=name, size=size) for name, size in sizes),
        )


def prepare(
    image_set: ImageSet,
    *,
    held_out: float,
    split_seed: int,
    probe_size: int,
    probe_seed: int,
    held_out_over: Sequence[str] = (),
    probe_over: str = "",
) -> PreparedData:
    """Split a data set and draw its probe set.

    Arguments:
        held_out: share of the images that no training sees, 0 <= held_out < 1.
        split_seed, probe_seed: decide which images; independent of each other.
        probe_size: how many images every member answers; at most all.
        held_out_over: factors whose combinations are held out whole; none holds out single images.
        probe_over: the factor that the probe set is balanced over; none draws uniformly.

    >>> blank = ImageSet(name="blank", images=np.zeros((10, 1, 8, 8), dtype=np.uint8))
    >>> prepared = prepare(blank, held_out=0.2, split_seed=0, probe_size=4, probe_seed=0)
    >>> prepared.train_images.shape, prepared.held_out_images.shape, prepared.probe_images.shape
    ((8, 1, 8, 8), (2, 1, 8, 8), (4, 1, 8, 8))
    """
    if held_out_over:
        train, away = split_combinations(
            image_set, over=held_out_over, held_out=held_out, seed=split_seed
        )
    else:
        train, away = split(len(image_set), held_out=held_out, seed=split_seed)
    if probe_over:
        probe = draw_balanced_probe(image_set, size=probe_size, seed=probe_seed, over=probe_over)
    else:
        probe = draw_probe(image_set, size=probe_size, seed=probe_seed)
    return PreparedData(images=image_set, train=train, held_out=away, probe=probe)


def write_prepared(folder: Path, prepared: PreparedData) -> None:
    """Write all of a prepared data set or nothing that would be taken for one."""
    discard(folder)
    with writing(folder / "factors.npy"):
        (folder / "factors.npy").unlink(missing_ok=True)
    _save(folder / "images.npy", prepared.images.images)
    if prepared.images.factors is not None:
        _save(folder / "factors.npy", prepared.images.factors)
    indices = {
        "train": prepared.train,
        "held_out": prepared.held_out,
        "probe": prepared.probe.indices,
    }
    tensors = {name: torch.from_numpy(index) for name, index in indices.items()}
    save_tensors(folder / "split.safetensors", tensors, schema=SPLIT_SCHEMA)
    write_json(folder / RECORD, prepared.record().to_json())


def discard(folder: Path) -> None:
    """Make a folder count as empty, before anything in it changes."""
    with writing(folder / RECORD):
        (folder / RECORD).unlink(missing_ok=True)


def read_prepared(folder: Path | str, *, mapped: bool = False, verify: bool = True) -> PreparedData:
    """Read what `write_prepared` wrote, and refuse files that do not belong together.

    Arguments:
        folder: of the data set, `data/NAME` in a project.
        mapped: leave the images on the disk and read them as they are asked for.
        verify: compute the digest of all images again; otherwise of the probe images only.
    """
    folder = Path(folder)
    record = read_json(folder / RECORD, schema=SCHEMA)
    try:
        factors = _load(folder / "factors.npy") if record["factors"] else None
        image_set = ImageSet(
            name=record["name"],
            images=_load(folder / "images.npy", mapped=mapped),
            factors=factors,
            factor_names=tuple(item["name"] for item in record["factors"]),
            factor_sizes=tuple(item["size"] for item in record["factors"]),
        )
        parts, _ = load_tensors(folder / "split.safetensors", schema=SPLIT_SCHEMA)
        indices = {name: parts[name].numpy() for name in ("train", "held_out", "probe")}
        for name, index in indices.items():
            if index.size and not 0 <= index.min() <= index.max() < len(image_set):
                raise ToolkitError(
                    f"{folder / 'split.safetensors'} points {name} at images {index.min()} to "
                    f"{index.max()}, but there are {len(image_set)}. {AGAIN}"
                )
        probe = probe_at(image_set, indices["probe"])
        if not verify:
            vars(image_set)["digest"] = record["digest"]  # where the cached property keeps it
        prepared = PreparedData(
            images=image_set, train=indices["train"], held_out=indices["held_out"], probe=probe
        )
        for key, value in prepared.record().to_json().items():
            if record[key] != value:
                raise ToolkitError(
                    f"{folder / 'data.json'} says {key} = {record[key]}, but the files beside it "
                    f"hold {value}. {AGAIN}"
                )
        return prepared
    except (KeyError, TypeError, AttributeError) as error:
        raise ToolkitError(
            f"{folder / 'data.json'} lacks {error} or holds it in another form. {AGAIN}"
        ) from error


def _save(path: Path, array: np.ndarray) -> None:
    with draft(path) as work, writing(path), work.open("wb") as file:
        np.save(file, array, allow_pickle=False)


def _load(path: Path, *, mapped: bool = False) -> np.ndarray:
    try:
        array: np.ndarray = np.load(path, mmap_mode="r" if mapped else None, allow_pickle=False)
    except FileNotFoundError as error:
        raise ToolkitError(f"{path} is missing. Run `dvc repro` to make it.") from error
    except (OSError, *DAMAGE) as error:
        raise ToolkitError(f"{path} is damaged ({error}). {AGAIN}") from error
    return array

"""Whether 480,000 images of 64 × 64 × 3 are usable in 4 GB: 5.9 GB of images from end to end.

python benchmarks/large_data.py [--folder FOLDER]     takes 12 GB of disk there, and gives it back

Everything runs in a process of its own that may have 4 GB of data (RLIMIT_DATA: heap and private
writable mappings). Pages of a mapped file are not counted: the system takes them back when it
needs them.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from toolkit.data.images import BLOCK, ImageSet, allocate
from toolkit.data.prepared import PreparedData, prepare, read_prepared, write_prepared
from toolkit.networks import Burgess
from toolkit.objectives import Bernoulli, BetaVAE
from toolkit.pipeline.data_pictures import draw_sheets
from toolkit.pipeline.members.jobs import training_digest
from toolkit.training import MemberSettings, fit

SIZES = (10, 10, 10, 8, 4, 15)  # the factors of Shapes3D
COUNT = 480_000
LIMIT = 4 * 10**9
BATCH, BATCHES, STEPS = 64, 500, 50


def made() -> ImageSet:
    """Random images, one block after the other, in a file."""
    images = allocate((COUNT, 3, 64, 64))
    generator = np.random.default_rng(0)
    block = generator.integers(0, 256, size=(2 * BLOCK, 3, 64, 64), dtype=np.uint8)
    for start in range(0, COUNT, BLOCK):
        first = generator.integers(BLOCK)
        images[start : start + BLOCK] = block[first : first + min(BLOCK, COUNT - start)]
    return ImageSet(
        name="large",
        images=images,
        factors=np.stack(np.unravel_index(np.arange(COUNT), SIZES), axis=1),
        factor_names=tuple("abcdef"),
        factor_sizes=SIZES,
    )


def write(folder: Path) -> None:
    """As the data stage does."""
    prepared = prepare(made(), held_out=0.1, split_seed=0, probe_size=2000, probe_seed=0)
    draw_sheets(folder / "pictures", prepared.images, seed=0)
    write_prepared(folder, prepared)


def batches(data: PreparedData) -> None:
    """Random batches of the training images."""
    rows, generator = data.train_rows, torch.Generator().manual_seed(0)
    for _ in range(BATCHES):
        rows[torch.randint(len(rows), (BATCH,), generator=generator)]


def forget(path: Path) -> None:
    """Ask the system to drop a file from its cache, so that the disk is measured."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def train(data: PreparedData) -> None:
    """The first updates of a member."""
    settings = MemberSettings(
        data=training_digest(data),
        image_shape=data.images.image_shape,
        network=Burgess(latents=10),
        objective=BetaVAE(beta=4.0),
        likelihood=Bernoulli(),
        learning_rate=1e-3,
        steps=STEPS,
        batch_size=BATCH,
        precision="float32",
        seed=0,
    )
    for _ in fit(settings, data.train_rows):
        pass


def own_memory() -> int:
    """Bytes of this process that are no file's."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("RssAnon"))


def timed(what: str, work: Callable[[], object], *, images: int = 0) -> None:
    """Do it, and print a row of the table."""
    start = time.perf_counter()
    work()
    seconds = time.perf_counter() - start
    speed = f", {images / seconds:,.0f} images/s" if images else ""
    print(f"| {what} | {seconds:.1f} s{speed} | {own_memory() / 1e9:.2f} GB |", flush=True)


def inside(folder: Path) -> None:
    """The whole way, in this process, which may have 4 GB."""
    resource.setrlimit(resource.RLIMIT_DATA, (LIMIT, LIMIT))
    try:
        np.ones(COUNT * 3 * 64 * 64, dtype=np.uint8)
    except MemoryError:
        print("| what | time | own memory afterwards |\n|---|---|---|", flush=True)
    else:
        raise SystemExit("the limit does not hold on this system: the images fit into memory")
    timed("made, split, drawn, written", lambda: write(folder))
    timed("read back, digest of all images computed", lambda: read_prepared(folder, mapped=True))
    forget(folder / "images.npy")
    data = read_prepared(folder, mapped=True, verify=False)
    timed("random batches of 64, from the disk", lambda: batches(data), images=BATCH * BATCHES)
    timed("the same again, from the cache", lambda: batches(data), images=BATCH * BATCHES)
    timed("2,000 probe images", lambda: data.probe_images)
    timed(f"{STEPS} updates of a member, batches of 64", lambda: train(data), images=STEPS * BATCH)


def main() -> None:
    """Print the table of docs/benchmarks/data.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, help="where there is room (default: TMPDIR)")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.inside:
        inside(given.folder)
        return
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        command = [sys.executable, __file__, "--inside", "--folder", name]
        environment = os.environ | {"TMPDIR": name, "OMP_NUM_THREADS": "1"}
        raise SystemExit(subprocess.run(command, env=environment, check=False).returncode)


if __name__ == "__main__":
    main()

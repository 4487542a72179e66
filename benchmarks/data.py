"""How fast images come: from memory, from the disk, from a rule; and whether sprites are dSprites.

python benchmarks/data.py                    the table of docs/benchmarks/data.md
python benchmarks/data.py --models FOLDER    reconstruction losses of models trained on dSprites
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from toolkit.data.images import ImageSet
from toolkit.data.prepared import prepare, read_prepared, write_prepared
from toolkit.data.procedural.grid import Grid
from toolkit.data.procedural.objects import ObjectOptions, object_grid
from toolkit.data.procedural.sprites import SpritesOptions, sprites_grid
from toolkit.data.procedural.squares import SquaresOptions, squares_grid

BATCH = 64
LARGE = 480_000
DSPRITES = SpritesOptions(
    image_size=64, scales=6, orientations=40, positions_x=32, positions_y=32, closed_turn=True
)

SOFT = SpritesOptions(antialias=True)


def rate(work: Callable[[], int], *, seconds: float = 2.0, rounds: int = 5) -> float:
    """Images a second: the median of some rounds."""
    rates = []
    for _ in range(rounds):
        done, start = 0, time.perf_counter()
        while time.perf_counter() - start < seconds / rounds:
            done += work()
        rates.append(done / (time.perf_counter() - start))
    return statistics.median(rates)


def from_memory() -> tuple[float, float]:
    """Batches of a prepared set in memory, and a bare indexed copy of a plain array."""
    generator = np.random.default_rng(0)
    plain = generator.integers(0, 256, size=(20_000, 3, 64, 64), dtype=np.uint8)
    prepared = prepare(
        ImageSet(name="plain", images=plain),
        held_out=0.1, split_seed=0, probe_size=100, probe_seed=0,
    )  # fmt: skip

    def ours() -> int:
        index = prepared.train[generator.integers(len(prepared.train), size=BATCH)]
        return len(prepared.images.images[index])

    def bare() -> int:
        index = generator.integers(len(plain), size=BATCH)
        return len(plain[index])

    return rate(ours), rate(bare)


def from_disk(folder: Path) -> float:
    """Random batches of 480,000 memory-mapped images of 64 × 64 × 3."""
    path = folder / "images.npy"
    mapped = np.lib.format.open_memmap(path, "w+", np.uint8, (LARGE, 3, 64, 64))
    block = np.random.default_rng(0).integers(0, 256, size=(4096, 3, 64, 64), dtype=np.uint8)
    for start in range(0, LARGE, 4096):
        mapped[start : start + 4096] = block[: min(4096, LARGE - start)]
    mapped.flush()
    del mapped
    images = np.load(path, mmap_mode="r")
    generator = np.random.default_rng(1)
    return rate(lambda: len(images[generator.integers(LARGE, size=BATCH)]))


def from_rule(grid: Grid) -> float:
    """Random images of a grid, drawn when asked for."""
    generator = np.random.default_rng(0)
    return rate(lambda: len(grid.images_at(generator.integers(len(grid), size=512))))


def round_trip(folder: Path) -> float:
    """Seconds to write the default sprites and read them back, checked."""
    made = sprites_grid(SpritesOptions()).image_set("sprites")
    prepared = prepare(made, held_out=0.1, split_seed=0, probe_size=1000, probe_seed=0)
    start = time.perf_counter()
    write_prepared(folder, prepared)
    read_prepared(folder)
    return time.perf_counter() - start


def table() -> str:
    """The table of docs/benchmarks/data.md."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ours, bare = from_memory()
        rows = [
            ("batches of 64 from memory, 64 × 64 × 3", f"{ours:,.0f} images/s"),
            ("bare `images[index]` copy of the same", f"{bare:,.0f} images/s"),
            ("ratio", f"{ours / bare:.0%}"),
            (
                "random batches of 64, memory-mapped, of 480,000",
                f"{from_disk(folder):,.0f} images/s",
            ),
            ("sprites, 32 px, drawn", f"{from_rule(sprites_grid(SpritesOptions())):,.0f} images/s"),
            (
                "sprites, 64 px, dSprites' grid",
                f"{from_rule(sprites_grid(DSPRITES)):,.0f} images/s",
            ),
            ("sprites, 32 px, grey outlines", f"{from_rule(sprites_grid(SOFT)):,.0f} images/s"),
            ("xy_squares, drawn", f"{from_rule(squares_grid(SquaresOptions())):,.0f} images/s"),
            ("xy_object, drawn", f"{from_rule(object_grid(ObjectOptions())):,.0f} images/s"),
            ("default sprites, written and read back", f"{round_trip(folder / 'set'):.2f} s"),
        ]
    lines = [f"| {what} | {figure} |" for what, figure in rows]
    return "\n".join(["| what | figure |", "|---|---|", *lines])


def reconstruct(state: dict[str, torch.Tensor], images: torch.Tensor) -> torch.Tensor:
    """Logits of a Burgess autoencoder at 64 pixels, the codes at their means."""

    def layer(name: str) -> tuple[torch.Tensor, torch.Tensor]:
        return state[f"{name}.weight"], state[f"{name}.bias"]

    hidden = images
    for name in ("conv1", "conv2", "conv3", "conv_64"):
        hidden = F.relu(F.conv2d(hidden, *layer(f"encoder.{name}"), stride=2, padding=1))
    hidden = hidden.flatten(1)
    for name in ("lin1", "lin2"):
        hidden = F.relu(F.linear(hidden, *layer(f"encoder.{name}")))
    hidden = F.linear(hidden, *layer("encoder.mu_logvar_gen"))[
        :, ::2
    ]  # means and log-variances alternate
    for name in ("lin1", "lin2", "lin3"):
        hidden = F.relu(F.linear(hidden, *layer(f"decoder.{name}")))
    hidden = hidden.view(-1, 32, 4, 4)
    for name in ("convT_64", "convT1", "convT2"):
        hidden = F.relu(F.conv_transpose2d(hidden, *layer(f"decoder.{name}"), stride=2, padding=1))
    return F.conv_transpose2d(hidden, *layer("decoder.convT3"), stride=2, padding=1)


@torch.no_grad()
def losses(path: Path, *, count: int = 3000, seed: int = 0) -> list[float]:
    """Mean Bernoulli loss in nats per image over random sprites: all, squares, ellipses, hearts."""
    state = torch.load(path, map_location="cpu", weights_only=True)
    grid = sprites_grid(DSPRITES)
    indices = np.random.default_rng(seed).integers(len(grid), size=count)
    images = torch.from_numpy(grid.images_at(indices)).float() / 255
    logits = torch.cat([reconstruct(state, part) for part in images.split(250)])
    loss = (
        F.binary_cross_entropy_with_logits(logits, images, reduction="none").sum((1, 2, 3)).numpy()
    )
    shape = grid.factors_at(indices)[:, 0]
    return [float(loss.mean()), *(float(loss[shape == kind].mean()) for kind in range(3))]


def main() -> None:
    """Print what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--models", type=Path, help="folder with NAME/model.pt of disentangling-vae"
    )
    models: Path | None = parser.parse_args().models
    if models is None:
        print(table())
        return
    for path in sorted(models.glob("*_dsprites/model.pt")):
        print(path.parent.name, *(f"{value:.1f}" for value in losses(path)))


if __name__ == "__main__":
    main()

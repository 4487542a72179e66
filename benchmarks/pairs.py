"""All pairs of channels: ours beside the plain published formula and the bare matrix products.

    python -m benchmarks.pairs [--sizes 500x1000 5000x500] [--write docs/benchmarks/pairs.md]

The formula is Murphy, Dillavou & Bassett's as published, in NumPy: for every pair minus the mean of
log2 of the mean of exp(-(D_i + D_j)), with the distance matrices of all channels made beforehand
and not counted. It runs on a sample of the pairs, and the time of all is that times their number.
The bare products are those that ours needs and nothing else: for every image, the strips of the
upper triangle of one Gram matrix, on rows that are already there, shared by as many threads as
ours. Ours and the formula are compared by the clock, ours and the bare products by seconds of the
processor, in which other work on the machine does not count. NumPy runs the formula in one thread
whatever the machine has. The extra memory is the largest that the process held above what it held
before, the two tables of the result included (of 5,000 channels, 200 MB each).
"""

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from resource import RUSAGE_SELF, getrusage

import numpy as np
import torch
from torch import Tensor

from toolkit.files import write_text
from toolkit.information import ChannelComparison, bhattacharyya_distance, compare_channels
from toolkit.information.channels.gram import IMAGES_PER_TASK, STRIP, split_images
from toolkit.threads import in_threads

PAPER_CHANNELS = 18_000


@dataclass(frozen=True)
class Timing:
    """Seconds of the processor and of the clock."""

    processor: float
    clock: float


def channels(count: int, images: int, *, seed: int) -> tuple[Tensor, Tensor]:
    """Sharp and soft channels, some of them alike."""
    draw = torch.Generator().manual_seed(seed)
    facts = torch.randn(images, max(1, count // 10), generator=draw, dtype=torch.float64)
    chosen = torch.randint(0, facts.shape[1], (count,), generator=draw)
    noise = torch.randn(2, images, count, generator=draw, dtype=torch.float64)
    return facts[:, chosen] + 0.3 * noise[0], noise[1] / 2 - 3


def timed(work: Callable[[], object]) -> tuple[Timing, object]:
    clock, processor = time.perf_counter(), time.process_time()
    result = work()
    return Timing(time.process_time() - processor, time.perf_counter() - clock), result


def bare_products(count: int, images: int) -> None:
    """What ours multiplies, on rows that are already there."""
    rows = torch.rand(count, images, dtype=torch.float64)

    def multiply(scratch: Tensor, part: slice) -> None:
        for _ in range(part.start, part.stop):
            for start in range(0, count, STRIP):
                out = scratch[: min(STRIP, count - start), start:]
                torch.mm(rows[start : start + STRIP], rows[start:].T, out=out)

    in_threads(
        multiply,
        split_images(images, IMAGES_PER_TASK),
        lambda part, result: None,
        scratch=lambda: torch.empty(STRIP, count, dtype=torch.float64),
        device=rows.device,
    )


def formula(mean: Tensor, log_variance: Tensor, pairs: Tensor) -> tuple[float, float]:
    """Seconds a pair of the published loop, and its largest difference in VI and NMI from ours."""
    distances = {
        c: bhattacharyya_distance(mean[:, [c]], log_variance[:, [c]]).numpy()
        for c in pairs.unique().tolist()
    }

    def bits(distance: np.ndarray) -> float:
        return float(-np.mean(np.log2(np.mean(np.exp(-distance), axis=-1)), axis=-1))

    alone = {c: (bits(d), bits(2 * d)) for c, d in distances.items()}
    begun = time.perf_counter()
    joint = [bits(distances[i] + distances[j]) for i, j in pairs.tolist()]
    seconds = (time.perf_counter() - begun) / len(pairs)
    found = compare_channels(mean[:, pairs.flatten()], log_variance[:, pairs.flatten()])
    return seconds, max(
        difference(found, 2 * place, alone[i], alone[j], both)
        for place, ((i, j), both) in enumerate(zip(pairs.tolist(), joint, strict=True))
    )


def difference(
    found: ChannelComparison,
    place: int,
    one: tuple[float, float],
    other: tuple[float, float],
    joint: float,
) -> float:
    """How far the published NMI and VI of a pair are from ours."""
    nmi = (one[0] + other[0] - joint) / np.sqrt((2 * one[0] - one[1]) * (2 * other[0] - other[1]))
    vi = 2 * joint - one[1] - other[1]
    ours = (float(table[place, place + 1]) for table in (found.nmi, found.vi))
    return max(float(abs(a - b)) for a, b in zip(ours, (nmi, vi), strict=True))


def teller(seconds: float = 5.0) -> Callable[[int, int], None]:
    """Says now and then how many pairs are done and how long the others will take."""
    begun = told = time.perf_counter()

    def tell(done: int, total: int) -> None:
        nonlocal told
        now = time.perf_counter()
        if now - told > seconds:
            told, left = now, (now - begun) * (total - done) / max(done, 1)
            print(f"{done:,} of {total:,} pairs, {left:.0f} s left", file=sys.stderr)

    return tell


def measure(count: int, images: int, *, sample: int, repeats: int, seed: int) -> dict[str, str]:
    """One row of the table."""
    mean, log_variance = channels(count, images, seed=seed)
    compare_channels(mean[:50, :20], log_variance[:50, :20])  # wakes the libraries up
    before = getrusage(RUSAGE_SELF).ru_maxrss
    ours, bare = [], []
    for _ in range(repeats):
        ours.append(timed(lambda: compare_channels(mean, log_variance, progress=teller()))[0])
        bare.append(timed(lambda: bare_products(count, images))[0])
    extra = (getrusage(RUSAGE_SELF).ru_maxrss - before) / 1024
    draw = torch.Generator().manual_seed(seed)
    pairs = torch.stack([torch.randperm(count, generator=draw)[:2] for _ in range(sample)])
    a_pair, off = formula(mean, log_variance, pairs)
    number = count * (count + 1) // 2
    mine = min(ours, key=lambda t: t.clock)
    products = min(bare, key=lambda t: t.processor)
    grown = (PAPER_CHANNELS / count) ** 2 * (1000 / images) ** 2 * mine.clock / 3600
    return {
        "channels x images": f"{count:,} x {images:,}",
        "pairs": f"{number:,}",
        "ours, s": f"{mine.clock:.1f}",
        "of the processor": f"{mine.processor:.1f}",
        "bare products, of the processor": f"{products.processor:.1f}",
        "ours / bare": f"{mine.processor / products.processor:.2f}",
        f"formula, s (from {sample} pairs)": f"{a_pair * number:,.0f}",
        "formula / ours": f"{a_pair * number / mine.clock:.0f}",
        "largest difference": f"{off:.0e}",
        "extra memory, MB": f"{extra:.0f}",
        f"{PAPER_CHANNELS:,} x 1,000, h": f"{grown:.1f}",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", nargs="+", default=["500x1000"], help="channels x images")
    parser.add_argument("--sample", type=int, default=12)
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--write", type=Path)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    rows = []
    for size in given.sizes:
        count, images = (int(part) for part in size.split("x"))
        rows.append(
            measure(count, images, sample=given.sample, repeats=given.repeats, seed=given.seed)
        )
    lines = [f"| {' | '.join(rows[0])} |", "|" + "---:|" * len(rows[0])]
    lines += [f"| {' | '.join(row.values())} |" for row in rows]
    table = "\n".join(lines) + "\n"
    print(table)
    if given.write:
        command = f"`python -m benchmarks.pairs --sizes {' '.join(given.sizes)}`"
        how = f"{command}, {given.threads} thread(s), best of {given.repeats}."
        about = __doc__.split("\n\n", 2)[2]
        write_text(given.write, f"# All pairs of channels\n\n{about}\n{how}\n\n{table}")


if __name__ == "__main__":
    main()

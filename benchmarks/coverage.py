"""How often 95 % intervals of information, NMI and VI hold what is known exactly.

    python -m benchmarks.coverage [--images 100 300 1000] [--write docs/benchmarks/coverage.md]

Pairs of channels whose means are jointly normal over images; what infinitely many images would give
is a Gaussian integral (`tests/information/channels/known.py`). 200 independent draws a row. The
plain value is the one that `compare_channels` reports. The last column says whether the two
channels together are near the ceiling log2 n, where no interval can be trusted.
"""

import argparse
from pathlib import Path

import torch

from tests.information.channels.known import draw_pairs, known_pair
from toolkit.files import write_text
from toolkit.information import channel_intervals, compare_channels, is_saturated

PAIRS = ((0.5, 0.5, 0.7), (5.0, 5.0, 0.9), (12.0, 1.0, 0.8), (50.0, 5.0, 0.9), (15.0, 15.0, 0.0))
DRAWS, TOGETHER = 200, 20
HEAD = ("images", "information, bits", "plain", "covered", "NMI", "plain", "covered")
TAIL = ("VI, bits", "plain", "covered", "near the ceiling")


def row(pair: tuple[float, float, float], images: int, *, seed: int) -> list[str]:
    """Known, mean plain value and coverage of the three, for one pair of channels."""
    known = known_pair(*pair)
    one = torch.arange(TOGETHER)
    places = {"first": (one,), "nmi": (one, one + TOGETHER), "vi": (one, one + TOGETHER)}
    held, plain = dict.fromkeys(places, 0), dict.fromkeys(places, 0.0)
    joint, dealer = 0.0, torch.Generator().manual_seed(seed)
    for part in range(DRAWS // TOGETHER):
        given = draw_pairs(*pair, images=images, draws=TOGETHER, seed=1000 * seed + part)
        found, values = channel_intervals(*given, generator=dealer), compare_channels(*given)
        tables = {
            "first": (found.information, values.information),
            "nmi": (found.nmi, values.nmi),
            "vi": (found.vi, values.vi),
        }
        for name, (interval, value) in tables.items():
            low, high = interval.low[places[name]], interval.high[places[name]]
            held[name] += int(((low <= known[name]) & (known[name] <= high)).sum())
            plain[name] += float(value[places[name]].sum()) / DRAWS
        twice = values.doubled[one] + values.doubled[one + TOGETHER]
        joint += float((values.vi[places["vi"]] + twice).sum()) / (2 * DRAWS)
    near = bool(is_saturated(torch.tensor(joint), images=images))
    cells = [f"{images:,}"]
    for name in places:
        cells += [f"{known[name]:.3f}", f"{plain[name]:.3f}", f"{held[name] / DRAWS:.1%}"]
    return [*cells, "yes" if near else "no"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, nargs="+", default=[100, 300, 1000])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--write", type=Path)
    given = parser.parse_args()
    head = (*HEAD, *TAIL)
    lines = [f"| {' | '.join(head)} |", "|" + "---:|" * len(head)]
    for images in given.images:
        for pair in PAIRS:
            lines.append(f"| {' | '.join(row(pair, images, seed=given.seed))} |")
            print(lines[-1], flush=True)
    sizes = " ".join(map(str, given.images))
    command = f"`python -m benchmarks.coverage --images {sizes} --write {given.write}`"
    text = f"# Coverage of 95 % intervals\n\n{__doc__.split(chr(10) * 2, 2)[2]}\n{command}\n\n"
    if given.write:
        write_text(given.write, text + "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()

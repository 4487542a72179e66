"""What agreement random axes give, against theory: K = 1 to 20 informative channels.

    python -m benchmarks.random_axes [--images 1000] [--write docs/benchmarks/random-axes.md]

Six members hold one K-dimensional normal space: means of unit variance, posterior variances as
given. Each member's axes are turned at random, and every axis is matched with the nearest one of
each other member. *Theory* is for infinitely many images: two axes of correlation r share the NMI
of a Gaussian integral (`toolkit/information/channels/analytic_pairs.py`), and r is the largest
entry of a row of a random orthogonal matrix; the mean is over 1,000 matrices. *Measured* is
`random_axes_agreement` by a finite number of images, with the range in which 95 % of draws lie.

What shows: agreement by chance falls from 1 for one channel to a tenth for twenty, so plain
agreement rises as channels die; it is lower for sharp channels than for blunt ones; and a finite
number of images adds a floor of some hundredths where K is large, because the best of K unrelated
channels is never quite 0. The corrected number takes the floor out, because the null is measured on
the same images. *Uneven* has half of its channels four times as sharp as the other half: turning
evens them out.
"""

import argparse
import math
from pathlib import Path

import numpy as np
import torch

from toolkit.files import write_text
from toolkit.information import AXES_SEED, random_axes_table, random_rotation
from toolkit.information.channels import channel_information
from toolkit.information.channels.analytic_pairs import analytic_pair

DIMENSIONS = (1, 2, 3, 4, 6, 8, 10, 15, 20)
VARIANCES = (0.02, 0.1)
MEMBERS, MATRICES = 6, 1000
HEAD = (
    "K",
    *(f"variance {variance:g}: theory | measured | 95 % of draws" for variance in VARIANCES),
    "uneven: measured",
)


def theory(dimensions: int, variance: float) -> float:
    """The mean NMI of an axis with the nearest of K axes turned at random."""
    sharpness = 1 / (8 * variance)
    correlations = np.linspace(0, 1, 201)
    nmi = [analytic_pair(sharpness, sharpness, float(value)).nmi for value in correlations]
    generator = torch.Generator().manual_seed(0)
    nearest = [
        random_rotation(dimensions, generator=generator).abs().amax(dim=1).clamp(max=1)
        for _ in range(MATRICES)
    ]
    return float(np.interp(torch.cat(nearest).numpy(), correlations, nmi).mean())


def measured(variances: torch.Tensor, *, images: int) -> tuple[float, float]:
    """The mean agreement of six members from random axes, and half of the range of draws."""
    generator = torch.Generator().manual_seed(1)
    mean = torch.randn(images, len(variances), generator=generator, dtype=torch.float64)
    mean = mean.repeat(1, MEMBERS)
    log_variance = variances.double().log().repeat(images, MEMBERS)
    member = torch.arange(MEMBERS).repeat_interleave(len(variances))
    bits = channel_information(mean, log_variance)
    draws = random_axes_table(mean, log_variance, member, bits, seed=AXES_SEED).overall()
    return float(draws.mean()), 1.96 * float(draws.std())


def row(dimensions: int, *, images: int) -> list[str]:
    cells = [str(dimensions)]
    for variance in VARIANCES:
        expected = theory(dimensions, variance)
        if dimensions == 1:  # has no axes to turn
            cells += [f"{expected:.2f}", "–", "–"]
            continue
        found, half = measured(torch.full((dimensions,), variance), images=images)
        cells += [f"{expected:.2f}", f"{found:.2f}", f"{found - half:.2f}–{found + half:.2f}"]
    if dimensions == 1:
        return [*cells, "–"]
    blunt = VARIANCES[0] * math.sqrt(4)
    uneven = torch.where(torch.arange(dimensions) % 2 == 0, blunt / 4, blunt)
    return [*cells, f"{measured(uneven, images=images)[0]:.2f}"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--write", type=Path)
    arguments = parser.parse_args()
    columns = " | ".join(HEAD)
    lines = [f"| {columns} |", "|" + "---:|" * (columns.count(" | ") + 1)]
    for dimensions in DIMENSIONS:
        lines.append(f"| {' | '.join(row(dimensions, images=arguments.images))} |")
        print(lines[-1], flush=True)
    if arguments.write:
        about = __doc__.split("\n\n", 2)[2]
        command = f"python -m benchmarks.random_axes --images {arguments.images}"
        table = "\n".join(lines)
        write_text(
            arguments.write, f"# Agreement of random axes\n\n{about}\n`{command}`\n\n{table}\n"
        )


if __name__ == "__main__":
    main()

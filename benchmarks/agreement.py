"""The interval of agreement: one table of best matches beside leaving each member out.

    python -m benchmarks.agreement [--members 40 100] [--write docs/benchmarks/agreement.md]

Each member has 10 channels with random NMI. The baseline computes the agreement again without each
member, as the definition says; ours reads all of them off one (channels x members) table.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from toolkit.files import write_text
from toolkit.information import IntervalEstimate, agreement_interval, cross_run_agreement
from toolkit.information.channels.jackknife import jackknife

CHANNELS = 10  # per member
THRESHOLD_BITS = 0.01


def leave_members_out(bits: Tensor, nmi: Tensor, member: Tensor) -> IntervalEstimate:
    """The definition: the agreement of all members, and without each."""
    without = []
    for number in member.unique():
        left = (member != number).nonzero()[:, 0]
        part = nmi[left][:, left]
        without.append(
            cross_run_agreement(bits[left], part, member[left], threshold_bits=THRESHOLD_BITS)
        )
    whole = cross_run_agreement(bits, nmi, member, threshold_bits=THRESHOLD_BITS)
    sizes = torch.ones(len(without), dtype=torch.long)
    return jackknife(bits.new_tensor(whole), bits.new_tensor(without), sizes)


def timed(work: Callable[[], IntervalEstimate]) -> tuple[float, IntervalEstimate]:
    """CPU seconds and the result."""
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def measure(members: int) -> list[str]:
    """One row of the table."""
    generator = torch.Generator().manual_seed(0)
    channels = CHANNELS * members
    bits = torch.rand(channels, generator=generator, dtype=torch.float64)
    nmi = torch.rand(channels, channels, generator=generator, dtype=torch.float64)
    member = torch.arange(channels) // CHANNELS
    baseline, expected = timed(lambda: leave_members_out(bits, nmi, member))
    ours, found = timed(
        lambda: agreement_interval(bits, nmi, member, threshold_bits=THRESHOLD_BITS)
    )
    difference = max(float((a - b).abs()) for a, b in zip(found.parts, expected.parts, strict=True))
    ratio = f"{baseline / ours:.0f}"
    return [f"{channels:,}", f"{baseline:.3f}", f"{ours:.4f}", ratio, f"{difference:.0e}"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--members", type=int, nargs="+", default=[40, 100])
    parser.add_argument("--write", type=Path)
    arguments = parser.parse_args()
    head = ["channels", "leaving out, CPU s", "ours, CPU s", "speed-up", "largest difference"]
    lines = [f"| {' | '.join(head)} |", "|" + "---:|" * len(head)]
    lines += [f"| {' | '.join(measure(members))} |" for members in arguments.members]
    table = "\n".join(lines) + "\n"
    print(table)
    if arguments.write:
        command = (
            f"python -m benchmarks.agreement --members {' '.join(map(str, arguments.members))}"
        )
        about = __doc__.split("\n\n", 2)[2]
        write_text(arguments.write, f"# Agreement\n\n{about}\n`{command}`\n\n{table}")


if __name__ == "__main__":
    main()

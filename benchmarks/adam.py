"""Our Adam and PyTorch's, side by side: the start of a worker process, and the time of an update.

python -m benchmarks.adam --write docs/benchmarks/adam.md

Both call the same fused kernel on the parameters of a Burgess network in the memory layout of our
convolutions, on one thread, and end at the same bits. Times are the best of several rounds.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor
from torch.optim import AdamW

from toolkit.networks import Burgess
from toolkit.objectives import Bernoulli, BetaVAE
from toolkit.training import MemberSettings
from toolkit.training.adam import Adam, ParameterGroup

ROUNDS = 5
START = """
import time
import torch
from toolkit.training.adam import Adam, ParameterGroup
weight = torch.nn.Parameter(torch.zeros(3))
weight.grad = torch.ones(3)
start = time.perf_counter()
{optimiser}.step()
print(time.perf_counter() - start)
"""
OURS = "Adam([ParameterGroup(parameters=[weight])], learning_rate=1e-3)"
PUBLISHED = "torch.optim.AdamW([weight], 1e-3, weight_decay=0.0, fused=True)"


def parameters() -> list[Tensor]:
    """Of a member before its first update, each with a gradient."""
    settings = MemberSettings(
        data="none",
        image_shape=(1, 32, 32),
        network=Burgess(latents=10),
        objective=BetaVAE(beta=4.0),
        likelihood=Bernoulli(),
        learning_rate=1e-3,
        steps=1,
        batch_size=64,
        precision="float32",
        seed=0,
    )
    found: list[Tensor] = list(settings.build().parameters())
    generator = torch.Generator().manual_seed(0)
    for parameter in found:
        noise = torch.randn(parameter.shape, generator=generator)
        parameter.grad = torch.empty_like(parameter).copy_(noise)
    return found


def start_seconds(optimiser: str) -> float:
    """From making the first optimiser of a process to the end of its first step."""
    command = [sys.executable, "-c", START.format(optimiser=optimiser)]
    return min(
        float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        for _ in range(ROUNDS)
    )


def update_milliseconds(step: Callable[[], object], updates: int) -> float:
    """Of one update."""
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for _ in range(updates):
            step()
        best = min(best, (time.perf_counter() - start) / updates)
    return 1000 * best


def table(updates: int) -> str:
    """Both optimisers, as Markdown."""
    torch.set_num_threads(1)
    ours, published = parameters(), parameters()
    adam = Adam([ParameterGroup(parameters=ours)], learning_rate=1e-3)
    adamw = AdamW(published, 1e-3, weight_decay=0.0, fused=True)
    rows = [
        ("`torch.optim.AdamW(fused=True)`", PUBLISHED, adamw.step),
        ("`toolkit.training.adam.Adam`", OURS, adam.step),
    ]
    lines = ["| | first step of a process, s | update, ms |", "|---|---:|---:|"]
    for name, optimiser, step in rows:
        seconds, milliseconds = start_seconds(optimiser), update_milliseconds(step, updates)
        lines.append(f"| {name} | {seconds:.3f} | {milliseconds:.3f} |")
    same = all(torch.equal(one, other) for one, other in zip(ours, published, strict=True))
    return "\n".join(
        [
            f"{len(ours)} parameters of Burgess (32 px, 10 latents), {updates} updates, one thread",
            "",
            *lines,
            "",
            f"Parameters after {ROUNDS * updates:,} updates are "
            f"{'the same to the last bit' if same else 'NOT the same'}.",
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--updates", type=int, default=500)
    parser.add_argument("--write", type=Path, help="Markdown file for the table")
    options = parser.parse_args()
    text = table(options.updates)
    print(text)
    if options.write:
        head = (
            "# Our Adam and PyTorch's\n\n`python -m benchmarks.adam`\n\n"
            "Members are trained on worker processes, and each of them pays for its first step: "
            "PyTorch's first\noptimiser imports PyTorch's compiler. Both rows were measured in "
            "turn on the same machine.\n\n"
        )
        options.write.write_text(head + text + "\n")


if __name__ == "__main__":
    main()

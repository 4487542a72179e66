"""The convolutions of a member beside PyTorch's own and beside a plain product, layer by layer.

    python -m benchmarks.kernels [--rounds 9] [--write docs/benchmarks/kernels.md]

One thread, as a member has. Both sides take turns in every round, because processors here and
elsewhere change their pace; a ratio is the median over rounds. About a minute.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.functional import conv2d, conv_transpose2d

from toolkit.files import write_text
from toolkit.kernels import convolve, convolve_transposed, to_kernel_layout

ABOUT = """# Convolutions of our own

`python -m benchmarks.kernels --write docs/benchmarks/kernels.md` makes this page: the convolutions
of the networks at batch 64 with their ReLU, forward and backward (gradients of images, weights and
bias), one thread; [how they work](../kernels.md). Each side has maps and weights in the layout that
is fastest for it. A floating-point operation of the convolution counts once, whatever a side does
to make it: ours does with three quarters of the multiplications where there are 32 channels or
more, PyTorch's with all. The floor is a product of two 512 × 512 matrices, the fastest float32 work
that PyTorch does here. The first layer of a network needs no gradient of its images, the last one
has one colour.
"""
BATCH = 64
KERNEL, STRIDE, PADDING = 4, 2, 1


@dataclass(frozen=True, kw_only=True)
class Layer:
    """A convolution, or a transposed one, of one of the networks."""

    channels: int
    filters: int
    size: int
    transposed: bool

    @property
    def operations(self) -> int:
        """Floating-point operations of one pass."""
        small = self.size // STRIDE
        return 2 * BATCH * small**2 * self.filters * self.channels * KERNEL**2

    @property
    def backward_passes(self) -> int:
        """Two, but for images, which need no gradient."""
        return 1 if self.channels == 1 and not self.transposed else 2


SIZES = ((1, 32, 32), (32, 32, 16), (32, 32, 8), (32, 32, 32), (32, 64, 16))
SMALLER = SIZES[:3]  # of the 32-pixel network
LAYERS = [
    Layer(channels=channels, filters=filters, size=size, transposed=transposed)
    for channels, filters, size in SIZES
    for transposed in (False, True)
]


@dataclass(frozen=True, kw_only=True)
class Sides:
    """What is timed: forward alone, and forward with backward."""

    ours: tuple[Callable[[], object], Callable[[], object]]
    theirs: tuple[Callable[[], object], Callable[[], object]]


def sides(layer: Layer) -> Sides:
    generator = torch.Generator().manual_seed(0)

    def draw(*shape: int) -> Tensor:
        made = torch.randn(*shape, generator=generator)
        return made.contiguous(memory_format=torch.channels_last) if len(shape) > 1 else made

    small = layer.size // STRIDE
    images, features = (
        (BATCH, layer.channels, layer.size, layer.size),
        (BATCH, layer.filters, small, small),
    )
    input_shape, output_shape = (features, images) if layer.transposed else (images, features)
    maps, gradient = draw(*input_shape), draw(*output_shape)
    maps.requires_grad_(layer.backward_passes == 2)
    weight = draw(layer.filters, layer.channels, KERNEL, KERNEL).requires_grad_()
    packed = to_kernel_layout(weight.detach()).requires_grad_()
    bias = draw(output_shape[1]).requires_grad_()

    def ours() -> Tensor:
        call = convolve_transposed if layer.transposed else convolve
        return call(maps, packed, bias, stride=STRIDE, padding=PADDING, relu=True)

    def theirs() -> Tensor:
        call = conv_transpose2d if layer.transposed else conv2d
        return call(maps, weight, bias, STRIDE, PADDING).relu()

    if not torch.allclose(ours(), theirs(), atol=1e-3):
        raise RuntimeError(f"{layer}: the two sides differ")

    def gradients(output: Tensor, filters: Tensor) -> tuple[Tensor, ...]:
        wanted = [tensor for tensor in (maps, filters, bias) if tensor.requires_grad]
        return torch.autograd.grad(output, wanted, gradient)

    return Sides(
        ours=(ours, lambda: gradients(ours(), packed)),
        theirs=(theirs, lambda: gradients(theirs(), weight)),
    )


def seconds(call: Callable[[], object], *, times: int) -> float:
    start = time.perf_counter()
    for _ in range(times):
        call()
    return (time.perf_counter() - start) / times


def product_speed() -> float:
    """Operations per second of a plain product."""
    side = 512
    matrix = torch.randn(side, side, generator=torch.Generator().manual_seed(0))
    return 2 * side**3 / seconds(lambda: matrix @ matrix, times=20)


def lines(rounds: int) -> list[str]:
    torch.set_num_threads(1)
    made = [(layer, sides(layer)) for layer in LAYERS]
    laps: dict[Layer, list[list[float]]] = {layer: [] for layer, _ in made}
    floors = []
    for number in range(rounds + 1):
        floors.append(product_speed())
        for layer, both in made:
            lap = [
                seconds(call, times=max(1, int(6e8 / layer.operations)))
                for call in (*both.ours, *both.theirs)
            ]
            if number:  # the first round compiles
                laps[layer].append(lap)
    floor = statistics.median(floors)
    table = [
        f"{rounds} rounds; the plain product: {floor / 1e9:.0f} GFLOP/s.",
        "",
        "| layer | channels, filters, image side | pass | ours, ms | PyTorch's, ms "
        "| speed-up | GFLOP/s | of the floor |",
        "|---|---|---|---:|---:|---:|---:|---:|",
    ]
    whole = [0.0, 0.0]
    for layer, _ in made:
        rounds_of_layer = laps[layer]
        forward = [(lap[0], lap[2]) for lap in rounds_of_layer]
        backward = [(lap[1] - lap[0], lap[3] - lap[2]) for lap in rounds_of_layer]
        kind = "transposed" if layer.transposed else "convolution"
        shape = f"{layer.channels}, {layer.filters}, {layer.size}"
        for name, pairs, passes in (
            ("forward", forward, 1),
            ("backward", backward, layer.backward_passes),
        ):
            mine, others = (statistics.median(column) for column in zip(*pairs, strict=True))
            ratio = statistics.median(theirs / ours for ours, theirs in pairs)
            speed = passes * layer.operations / mine
            if (layer.channels, layer.filters, layer.size) in SMALLER:
                whole = [whole[0] + mine, whole[1] + others]
            table.append(
                f"| {kind} | {shape} | {name} | {1e3 * mine:.2f} | {1e3 * others:.2f} "
                f"| {ratio:.2f} | {speed / 1e9:.0f} | {speed / floor:.2f} |"
            )
    table += [
        "",
        f"The six layers of the 32-pixel network together: {1e3 * whole[0]:.1f} ms beside "
        f"{1e3 * whole[1]:.1f} ms, a speed-up of {whole[1] / whole[0]:.2f}.",
    ]
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--write", type=Path, help="Markdown file for the table")
    options = parser.parse_args()
    text = "\n".join(lines(options.rounds))
    print(text)
    if options.write:
        write_text(options.write, f"{ABOUT}\n{text}\n")


if __name__ == "__main__":
    main()

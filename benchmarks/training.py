"""Many members: a plain PyTorch loop, ours, and the floor of their convolutions, side by side.

python -m benchmarks.training --write docs/benchmarks/training.md

The plain loop is what people write: nn.Conv2d layers, a DataLoader with its default settings, Adam,
all cores for one member, one member after the other. Both start from the same weights. With an
accelerator a second table compares the plain loop there with stacks of members.
"""

import argparse
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits
from torch.utils.data import DataLoader, TensorDataset

from toolkit.data import load
from toolkit.networks import Burgess, Conv64, Network
from toolkit.networks.convolutions import ToMaps
from toolkit.objectives import Bernoulli, BetaVAE
from toolkit.threads import cores
from toolkit.training import Fitted, MemberSettings, evaluate, train

BETA = 4.0
CORES = cores()


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What some members took, and how well they ended: nats an image, mean over members."""

    seconds: float
    cpu_seconds: float
    loss: float


class PlainVAE(nn.Module):
    """A VAE from PyTorch's own layers, with the shapes of one of ours."""

    def __init__(self, encoder: nn.Module, decoder: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        mean, log_variance = self.encoder(images).chunk(2, dim=1)
        codes = mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)
        return self.decoder(codes), mean, log_variance


def plain_model(settings: MemberSettings) -> PlainVAE:
    """The same weights in PyTorch's layers and its own memory layout."""
    ours = settings.build()
    return PlainVAE(plain_layers(ours.encoder), plain_layers(ours.decoder))


def plain_layers(network: nn.Module) -> nn.Sequential:
    """PyTorch's layer for each of ours."""
    made: list[nn.Module] = []
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
            made.append(plain_convolution(layer))
        elif isinstance(layer, ToMaps):
            made.append(nn.Unflatten(1, (layer.channels, *layer.size)))
        elif not list(layer.children()):
            made.append(layer)
    return nn.Sequential(*made)


def plain_convolution(layer: nn.Conv2d | nn.ConvTranspose2d) -> nn.Module:
    """The layer that PyTorch has for one of ours, with the same filters."""
    inputs, outputs = layer.in_channels, layer.out_channels
    kernel, stride, padding = layer.kernel_size[0], layer.stride[0], int(layer.padding[0])
    kind = nn.Conv2d if isinstance(layer, nn.Conv2d) else nn.ConvTranspose2d
    made = kind(inputs, outputs, kernel, stride, padding)
    made.load_state_dict({k: v.contiguous() for k, v in layer.state_dict().items()})
    return made


def plain(given: list[MemberSettings], images: Tensor, held_out: Tensor, device: str) -> Measured:
    """One member after the other, as people write it."""
    fitted: list[Fitted] = []
    with clock() as took:
        for settings in given:
            torch.manual_seed(settings.seed)
            model = plain_model(settings).to(device)
            plain_fit(model, settings, images, device)
            fitted.append(as_ours(model.cpu(), settings))
    return Measured(seconds=took[0], cpu_seconds=took[1], loss=loss(fitted, given, held_out))


def plain_fit(model: PlainVAE, settings: MemberSettings, images: Tensor, device: str) -> None:
    optimiser = torch.optim.Adam(model.parameters(), lr=settings.learning_rate)
    dataset = TensorDataset(images.float() / 255)
    step = 0
    while step < settings.steps:
        for (batch,) in DataLoader(dataset, batch_size=settings.batch_size, shuffle=True):
            shown = batch.to(device)
            logits, mean, log_variance = model(shown)
            distortion = binary_cross_entropy_with_logits(logits, shown, reduction="sum")
            rate = -0.5 * torch.sum(1 + log_variance - mean.pow(2) - log_variance.exp())
            optimiser.zero_grad()
            ((distortion + BETA * rate) / len(shown)).backward()
            optimiser.step()
            step += 1
            if step == settings.steps:
                return


def as_ours(model: PlainVAE, settings: MemberSettings) -> Fitted:
    """Its weights in our network, to be evaluated by the same means."""
    made = settings.build()
    with torch.no_grad():
        for own, other in zip(made.parameters(), model.parameters(), strict=True):
            own.copy_(other)
    return Fitted(model=made.eval(), adversary=None, curve=pd.DataFrame())


def ours(
    given: list[MemberSettings], images: Tensor, held_out: Tensor, strategy: str, device: str
) -> Measured:
    """All members by one call, the start of worker processes included."""
    with clock() as took:
        training = train(given, images, strategy=strategy, device=device)
        while True:
            try:
                next(training)
            except StopIteration as end:
                outcomes = end.value
                break
    fitted = [one for one in outcomes if isinstance(one, Fitted)]
    return Measured(seconds=took[0], cpu_seconds=took[1], loss=loss(fitted, given, held_out))


@contextmanager
def clock() -> Iterator[list[float]]:
    """Seconds by the clock and by the processor, children included."""
    took: list[float] = []
    start, used = time.perf_counter(), _processor()
    yield took
    took += [time.perf_counter() - start, _processor() - used]


def _processor() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def loss(fitted: list[Fitted], given: list[MemberSettings], held_out: Tensor) -> float:
    """Mean over members of the loss on the held-out images."""
    losses = [
        evaluate(one, settings, held_out).terms["loss"]
        for one, settings in zip(fitted, given, strict=True)
    ]
    return sum(losses) / len(losses)


def members(
    network: Network, shape: tuple[int, int, int], *, count: int, steps: int
) -> list[MemberSettings]:
    """Members that differ in their seed."""
    return [
        MemberSettings(
            data="benchmark",
            image_shape=shape,
            network=network,
            objective=BetaVAE(beta=BETA),
            likelihood=Bernoulli(),
            learning_rate=5e-4,
            steps=steps,
            batch_size=64,
            precision="float32",
            seed=seed,
        )
        for seed in range(count)
    ]


def on_processor(folder: Path, *, count: int, steps: int) -> list[str]:
    """Lines of the table: half of the plain members before ours and half after, for fairness."""
    images, held_out = split(32, folder)
    given = members(Burgess(latents=10), (1, 32, 32), count=count, steps=steps)
    torch.set_num_threads(CORES)
    before = plain(given[: count // 2], images, held_out, "cpu")
    made = ours(given, images, held_out, "processes", "cpu")
    torch.set_num_threads(CORES)
    after = plain(given[count // 2 :], images, held_out, "cpu")
    seconds = before.seconds + after.seconds
    used = before.cpu_seconds + after.cpu_seconds
    loss = (before.loss * (count // 2) + after.loss * (count - count // 2)) / count
    return [
        f"{count} members × {steps} steps, Burgess, 32 px, batch 64, {CORES} cores",
        "",
        "| | s | CPU s | member-steps/s | speed-up | held-out loss, nats |",
        "|---|---:|---:|---:|---:|---:|",
        row("plain PyTorch loop", count * steps, seconds, used, 1.0, loss),
        row(
            "ours, by processes",
            count * steps,
            made.seconds,
            made.cpu_seconds,
            seconds / made.seconds,
            made.loss,
        ),
        "",
        f"Losses differ by {100 * abs(made.loss / loss - 1):.2f} %.",
    ]


def on_accelerator(folder: Path, *, count: int, steps: int) -> list[str]:
    """Lines of a second table, where there is an accelerator."""
    images, held_out = split(64, folder)
    given = members(Conv64(latents=10), (1, 64, 64), count=count, steps=steps)
    base = plain(given[:2], images, held_out, "cuda")
    seconds = base.seconds * count / 2
    stacked = ours(given, images, held_out, "fused", "cuda")
    hours = stacked.seconds / steps * 300_000 / 3600
    return [
        f"{count} members × {steps} steps, conv64, 64 px, batch 64, on "
        f"{torch.cuda.get_device_name()}; the plain loop from 2 members",
        "",
        "| | s | CPU s | member-steps/s | speed-up | held-out loss, nats |",
        "|---|---:|---:|---:|---:|---:|",
        row(
            "plain PyTorch loop",
            count * steps,
            seconds,
            base.cpu_seconds * count / 2,
            1.0,
            base.loss,
        ),
        row(
            "ours, one stack",
            count * steps,
            stacked.seconds,
            stacked.cpu_seconds,
            seconds / stacked.seconds,
            stacked.loss,
        ),
        "",
        f"{count} members × 300,000 steps would take {hours:.1f} h.",
    ]


def row(name: str, steps: int, seconds: float, processor: float, times: float, loss: float) -> str:
    return (
        f"| {name} | {seconds:,.1f} | {processor:,.1f} | {steps / seconds:,.1f} | "
        f"{times:.2f} | {loss:.2f} |"
    )


def split(size: int, folder: Path) -> tuple[Tensor, Tensor]:
    """Sprites to train on and to evaluate with."""
    images = torch.from_numpy(load("sprites", folder, image_size=size).images[:])
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))
    return images[order[1000:]], images[order[:1000]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=8)
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--write", type=Path, help="Markdown file for the table")
    options = parser.parse_args()
    lines = on_processor(Path("data"), count=options.members, steps=options.steps)
    if torch.cuda.is_available():
        lines += ["", *on_accelerator(Path("data"), count=50, steps=options.steps)]
    text = "\n".join(lines)
    print(text)
    if options.write:
        head = "# How fast members are trained\n\n`python -m benchmarks.training`\n\n"
        options.write.write_text(head + text + "\n")


if __name__ == "__main__":
    main()

"""The two pictures of a member: what it makes of images, and what its channels control."""

from pathlib import Path

import torch
from jaxtyping import Float
from matplotlib.figure import Figure
from torch import Tensor

from toolkit.figures import draw_reconstructions, draw_traversals, quiet, to_png
from toolkit.files import write_bytes
from toolkit.networks import Autoencoder
from toolkit.objectives import Likelihood
from toolkit.traversals import VALUES, reconstruct, traverse

SHOWN = 10  # images of the probe set


def draw_member(
    folder: Path,
    model: Autoencoder,
    probe: Float[Tensor, "n c h w"],
    bits: Float[Tensor, " d"],
    *,
    likelihood: Likelihood,
) -> list[str]:
    """Draw `reconstructions.png` and `traversals.png`; their names.

    Arguments:
        folder: of the member.
        model: the member.
        probe: the probe images, values in [0, 1].
        bits: information of each channel.
        likelihood: under which the member was trained.
    """
    shown = probe[:SHOWN]
    with torch.no_grad():
        base = model.bottleneck.reference_code(model.encode(probe)[0])
    inputs = (shown * 255).round().to(torch.uint8).numpy()
    walk = model.bottleneck.walk(VALUES)
    rows = [
        traverse(model, base, [latent], likelihood=likelihood, values=steps.tolist())
        for latent, steps in enumerate(walk.codes)
    ]
    remade = reconstruct(model, shown, likelihood=likelihood)
    with quiet():
        above = Figure(figsize=(8, 1.9), layout="constrained")
        draw_reconstructions(inputs, remade.numpy(), above.add_subplot())
        grid = Figure(figsize=(5.2, 0.55 * len(bits) + 0.7), layout="constrained")
        draw_traversals(
            torch.cat(rows).numpy(), grid.add_subplot(), values=walk.names, bits=bits.numpy()
        )
        pictures = {"reconstructions.png": above, "traversals.png": grid}
        for name, figure in pictures.items():
            write_bytes(folder / name, to_png(figure, dots_per_inch=100))
    return list(pictures)

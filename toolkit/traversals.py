"""Latent traversals: images decoded while one latent varies and the others are fixed."""

from collections.abc import Sequence

import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from toolkit.networks import Autoencoder
from toolkit.objectives import Likelihood

VALUES = (-2.0, -1.33, -0.67, 0.0, 0.67, 1.33, 2.0)  # in standard deviations of the prior


@torch.no_grad()
def traverse(
    model: Autoencoder,
    base: Float[Tensor, " d"],
    latents: Sequence[int],
    *,
    likelihood: Likelihood,
    values: Sequence[float] = VALUES,
) -> UInt8[Tensor, "k v c h w"]:
    """One row of images per latent, one image per value.

    Arguments:
        model: the member that decodes.
        base: the values of the other latents.
        latents: the k latents that vary.
        likelihood: of its training; it turns the decoder's outputs into images.
        values: the v values of the varying latent.
    """
    z = base.repeat(len(latents), len(values), 1)
    for row, latent in enumerate(latents):
        z[row, :, latent] = torch.as_tensor(values, dtype=base.dtype)
    images = to_pixels(likelihood.expected(model.decode(z.flatten(0, 1))))
    return images.reshape(len(latents), len(values), *images.shape[1:])


@torch.no_grad()
def reconstruct(
    model: Autoencoder, images: Float[Tensor, "n c h w"], *, likelihood: Likelihood
) -> UInt8[Tensor, "n c h w"]:
    """Reconstructions of images in [0, 1] from the means of their posteriors.

    Arguments:
        model: the member.
        images: values in [0, 1].
        likelihood: of its training; it turns the decoder's outputs into images.
    """
    mean, _ = model.encode(images)
    return to_pixels(likelihood.expected(model.decode(mean)))


def to_pixels(images: Float[Tensor, "n c h w"]) -> UInt8[Tensor, "n c h w"]:
    """Values in [0, 1] as grey values 0 to 255.

    >>> to_pixels(torch.tensor([[[[0.0, 0.5, 1.0]]]])).tolist()
    [[[[0, 128, 255]]]]
    """
    return (images * 255).round().to(torch.uint8)

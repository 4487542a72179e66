"""Stacked beta-VAEs of one latent dimension: weights, losses, and gradients written out.

All arrays have a first axis over learners, so a layer of all of them is one batched product.
"""

import math
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor


def initial_weights(generators: Sequence[torch.Generator], hidden: int) -> list[Tensor]:
    """Encoder then decoder, weight (l, in, out) and bias (l, 1, out) in turn.

    Uniform weights of Glorot & Bengio (AISTATS 2010) and zero biases.
    """
    widths = [
        (2, hidden),
        (hidden, hidden),
        (hidden, 2),
        (1, hidden),
        (hidden, hidden),
        (hidden, 2),
    ]
    weights = []
    for width, height in widths:
        bound = math.sqrt(6 / (width + height))
        drawn = [torch.rand(width, height, generator=generator) for generator in generators]
        weights += [torch.stack(drawn) * 2 * bound - bound, torch.zeros(len(drawn), 1, height)]
    return weights


def loss_and_gradients(
    weights: Sequence[Tensor],
    target: Float[Tensor, "l b 2"],
    noise: Float[Tensor, "l b"],
    *,
    beta: float,
) -> tuple[Float[Tensor, " l"], Float[Tensor, " l"], list[Tensor]]:
    """Distortion and rate of each learner, and the gradients of distortion + beta rate.

    Written out because nothing then is kept or computed that the step does not need.
    """
    size = target.shape[1]
    encoder = layers(weights[:6], target)
    mean, log_variance = encoder[-1].unbind(dim=2)
    deviation = (log_variance / 2).exp()
    variance = deviation.square()
    code = torch.addcmul(mean, deviation, noise)[:, :, None]
    decoder = layers(weights[6:], code)
    error = decoder[-1] - target
    distortion = error.square().mean(dim=(1, 2))
    rate = (mean.square() + variance - log_variance - 1).mean(dim=1) / 2
    by_hidden, of_decoder = _backward(weights[6:], code, decoder, error / size)
    by_code = (by_hidden @ weights[6].mT)[:, :, 0]
    by_mean = by_code + beta / size * mean
    by_log_variance = (by_code * deviation * noise + beta / size * (variance - 1)) / 2
    by_answer = torch.stack([by_mean, by_log_variance], dim=2)
    _, of_encoder = _backward(weights[:6], target, encoder, by_answer)
    return distortion, rate, of_encoder + of_decoder


def layers(weights: Sequence[Tensor], inputs: Float[Tensor, "l b i"]) -> list[Tensor]:
    """Outputs of the two hidden layers and of the last, linear one."""
    outputs = [inputs]
    for weight, bias in zip(weights[0:4:2], weights[1:4:2], strict=True):
        # tanh x = 2 sigmoid(2 x) - 1, at a third of the time
        twice = torch.baddbmm(bias, outputs[-1], weight, beta=2, alpha=2)
        outputs.append(twice.sigmoid_().mul_(2).sub_(1))
    return [*outputs[1:], torch.baddbmm(weights[5], outputs[-1], weights[4])]


def _backward(
    weights: Sequence[Tensor],
    inputs: Float[Tensor, "l b i"],
    outputs: Sequence[Tensor],
    by_output: Float[Tensor, "l b o"],
) -> tuple[Float[Tensor, "l b h"], list[Tensor]]:
    """Gradients by what enters the first tanh, and by the weights in their order."""
    gradients: list[Tensor] = []
    by = by_output
    for layer in (2, 1, 0):
        below = outputs[layer - 1] if layer else inputs
        gradients = [below.mT @ by, by.sum(dim=1, keepdim=True), *gradients]
        if layer:
            by = torch.ops.aten.tanh_backward(by @ weights[2 * layer].mT, below)
    return by, gradients

"""Layers of random numbers, and the numbers and gradients that a layer gives for them."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from toolkit.kernels import autograd

Layer = Callable[..., Tensor]


def numbers_and_gradients(layer: Layer, *tensors: Tensor) -> list[Tensor]:
    leaves = [tensor.clone().requires_grad_() for tensor in tensors]
    output = layer(*leaves)
    weights = torch.linspace(-1, 2, output.numel(), dtype=torch.float64).reshape(output.shape)
    (output * weights.to(output.dtype)).sum().backward()
    gradients = [leaf.grad for leaf in leaves if leaf.grad is not None]
    assert len(gradients) == len(tensors)
    return [output.detach(), *gradients]


def random_layer(
    shape: tuple[int, ...], seed: int = 0
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    channels, filters, height, width, kernel, stride, padding = shape
    generator = torch.Generator().manual_seed(seed)
    rows, columns = ((size + 2 * padding - kernel) // stride + 1 for size in (height, width))
    output = [
        torch.randn(*sizes, generator=generator)
        for sizes in (
            (5, channels, height, width),
            (5, filters, rows, columns),
            (filters, channels, kernel, kernel),
            (filters,),
            (channels,),
        )
    ]
    return output[0], output[1], output[2], output[3], output[4]


def refuse_pytorch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail if a layer is left to PyTorch."""

    def refuse(*_: object) -> Tensor:
        raise AssertionError("left to PyTorch")

    monkeypatch.setattr(autograd, "_by_pytorch", refuse)

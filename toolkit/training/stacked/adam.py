"""AdamW for a stack of members, each with a learning rate of its own.

Kingma & Ba (2015), https://arxiv.org/abs/1412.6980; decoupled decay after Loshchilov & Hutter
(2019), https://arxiv.org/abs/1711.05101. The order of operations is that of `torch.optim.AdamW`.
"""

from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor

from toolkit.training.adam import EPSILON


class StackedAdam:
    """One optimiser for all members of a stack.

    Arguments:
        parameters: (m, ...) by name; those that need no gradient are left alone.
        learning_rates: (m,) of each member.
        betas: decay of the two running means.
        weight_decay: decoupled weight decay by name; 0 where it is missing.
        clip: bound of every entry of a gradient by name; gradients without one are not clipped.
    """

    def __init__(
        self,
        parameters: Mapping[str, Tensor],
        learning_rates: Float[Tensor, " m"],
        *,
        betas: tuple[float, float] = (0.9, 0.999),
        weight_decay: Mapping[str, float] | None = None,
        clip: Mapping[str, float] | None = None,
    ) -> None:
        self._parameters = {
            name: parameter for name, parameter in parameters.items() if parameter.requires_grad
        }
        self._learning_rates = learning_rates
        self._betas = betas
        self._weight_decay = weight_decay or {}
        self._clip = clip or {}
        self.steps = 0
        self.exp_avg = {name: torch.zeros_like(part) for name, part in self._parameters.items()}
        self.exp_avg_sq = {name: torch.zeros_like(part) for name, part in self._parameters.items()}

    @torch.no_grad()
    def step(self) -> None:
        """Update every parameter by its gradient, and drop the gradient."""
        self.steps += 1
        beta1, beta2 = self._betas
        for name, parameter in self._parameters.items():
            gradient = parameter.grad
            if gradient is None:
                continue
            if name in self._clip:
                gradient = gradient.clamp(-self._clip[name], self._clip[name])
            rates = self._learning_rates.view(-1, *[1] * (parameter.ndim - 1))
            parameter.mul_(1 - rates * self._weight_decay.get(name, 0.0))
            # Running means
            mean = self.exp_avg[name].lerp_(gradient, 1 - beta1)
            square = self.exp_avg_sq[name].mul_(beta2)
            square.addcmul_(gradient, gradient, value=1 - beta2)
            # Bias-corrected step
            scale = (square / (1 - beta2**self.steps)).sqrt_().add_(EPSILON)
            parameter.sub_(rates / (1 - beta1**self.steps) * mean / scale)
            parameter.grad = None

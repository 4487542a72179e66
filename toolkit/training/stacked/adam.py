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
    """One step for all members.

    Arguments:
        parameters: (m, ...) by name; those that need no gradient are left alone.
        rates: (m,) learning rate of each member.
        moments: decay of the two means.
        decay: weight decay by name; 0 where it is missing.
        clip: bound of every entry of a gradient by name; none where it is missing.
    """

    def __init__(
        self,
        parameters: Mapping[str, Tensor],
        rates: Float[Tensor, " m"],
        *,
        moments: tuple[float, float] = (0.9, 0.999),
        decay: Mapping[str, float] | None = None,
        clip: Mapping[str, float] | None = None,
    ) -> None:
        self._parameters = {name: one for name, one in parameters.items() if one.requires_grad}
        self._rates = rates
        self._moments = moments
        self._decay = decay or {}
        self._clip = clip or {}
        self.steps = 0
        self.first = {name: torch.zeros_like(one) for name, one in self._parameters.items()}
        self.second = {name: torch.zeros_like(one) for name, one in self._parameters.items()}

    @torch.no_grad()
    def step(self) -> None:
        """Move every parameter by its gradient, and drop the gradient."""
        self.steps += 1
        for name, parameter in self._parameters.items():
            if parameter.grad is not None:
                self._move(name, parameter, parameter.grad)
                parameter.grad = None

    def _move(self, name: str, parameter: Tensor, gradient: Tensor) -> None:
        one, two = self._moments
        rates = self._rates.view(-1, *[1] * (parameter.ndim - 1))
        if name in self._clip:
            gradient = gradient.clamp(-self._clip[name], self._clip[name])
        parameter.mul_(1 - rates * self._decay.get(name, 0.0))
        first = self.first[name].lerp_(gradient, 1 - one)
        second = self.second[name].mul_(two).addcmul_(gradient, gradient, value=1 - two)
        scale = (second / (1 - two**self.steps)).sqrt_().add_(EPSILON)
        parameter.sub_(rates / (1 - one**self.steps) * first / scale)

"""AdamW by PyTorch's fused kernel, without the bookkeeping around it.

`torch.optim.AdamW.step` sorts parameters by device, counts the steps of each by a slow path and
tells the profiler: for two dozen small parameters that takes longer than the update itself.
"""

import torch
from torch import Tensor
from torch.optim import AdamW


class Adam(AdamW):
    """The state, groups and numbers of `AdamW(..., fused=True)`, on a processor."""

    @torch.no_grad()
    def move(self) -> None:
        """As `step`, to the last bit."""
        moved = [self._moved(group["params"]) for group in self.param_groups]
        if not all(one in self.state for parameters in moved for one in parameters):
            self.step()  # which makes the state
            return
        for group, parameters in zip(self.param_groups, moved, strict=True):
            states = [self.state[one] for one in parameters]
            counts = [state["step"] for state in states]
            torch._foreach_add_(counts, 1)
            torch._fused_adamw_(
                [_flat(one) for one in parameters],
                [_flat(_beside(one)) for one in parameters],
                [_flat(state["exp_avg"]) for state in states],
                [_flat(state["exp_avg_sq"]) for state in states],
                [],
                counts,
                lr=group["lr"],
                beta1=group["betas"][0],
                beta2=group["betas"][1],
                weight_decay=group["weight_decay"],
                eps=group["eps"],
                amsgrad=False,
                maximize=False,
            )

    def forget(self) -> None:
        """Drop all gradients, as `zero_grad`."""
        for group in self.param_groups:
            for parameter in group["params"]:
                parameter.grad = None

    @staticmethod
    def _moved(parameters: list[Tensor]) -> list[Tensor]:
        return [one for one in parameters if one.grad is not None]


def _flat(numbers: Tensor) -> Tensor:
    """In the order in which they lie: PyTorch's kernel copies what has another one."""
    return numbers if numbers.is_contiguous() else numbers.as_strided((numbers.numel(),), (1,))


def _beside(parameter: Tensor) -> Tensor:
    """Its gradient, in the order in which the parameter lies."""
    gradient = parameter.grad
    if gradient is None:
        raise RuntimeError("a parameter without gradient cannot be moved")
    if gradient.stride() == parameter.stride():
        return gradient
    return torch.empty_like(parameter).copy_(gradient)

"""AdamW by PyTorch's fused kernel, for many small members.

Kingma & Ba (2015), https://arxiv.org/abs/1412.6980; decoupled decay after Loshchilov & Hutter
(2019), https://arxiv.org/abs/1711.05101. `torch.optim.AdamW` gives the same numbers, to the last
bit; but the first optimiser of a process imports PyTorch's compiler, which takes longer than
hundreds of updates, and each step sorts the parameters by device and tells the profiler.
docs/benchmarks/adam.md has both side by side.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

EPSILON = 1e-8


@dataclass(frozen=True, kw_only=True)
class ParameterGroup:
    """Parameters that share a weight decay and a bound of their gradients.

    Arguments:
        parameters: of the group.
        weight_decay: decoupled weight decay.
        clip: bound of every entry of a gradient; None: gradients are not clipped.
    """

    parameters: Sequence[Tensor]
    weight_decay: float = 0.0
    clip: float | None = None


class Adam:
    """An optimiser on the CPU.

    >>> weight = nn.Parameter(torch.tensor([1.0, 1.0]))
    >>> weight.grad = torch.tensor([0.5, -3.0])
    >>> Adam([ParameterGroup(parameters=[weight])], learning_rate=0.1).step()
    >>> weight.data
    tensor([0.9000, 1.1000])

    Arguments:
        groups: of parameters.
        learning_rate: of all parameters.
        betas: decay of the two running means.

    Attributes:
        state: of each parameter: `step`, the number of its updates, and the two running means,
            `exp_avg` and `exp_avg_sq`, which lie in memory as the parameter does.
    """

    def __init__(
        self,
        groups: Sequence[ParameterGroup],
        *,
        learning_rate: float,
        betas: tuple[float, float] = (0.9, 0.999),
    ) -> None:
        self.groups = groups
        self.learning_rate = learning_rate
        self.betas = betas
        self.state = {
            parameter: {
                "step": torch.zeros(()),
                "exp_avg": torch.zeros_like(parameter, requires_grad=False),
                "exp_avg_sq": torch.zeros_like(parameter, requires_grad=False),
            }
            for group in groups
            for parameter in group.parameters
        }

    @torch.no_grad()
    def step(self) -> None:
        """Update every parameter that has a gradient."""
        for group in self.groups:
            updated = [parameter for parameter in group.parameters if parameter.grad is not None]
            gradients = [
                parameter.grad for parameter in group.parameters if parameter.grad is not None
            ]
            if group.clip is not None:
                nn.utils.clip_grad_value_(updated, group.clip)
            # Gradients in the memory order of their parameters
            ordered = [
                gradient
                if gradient.stride() == parameter.stride()
                else torch.empty_like(parameter).copy_(gradient)
                for parameter, gradient in zip(updated, gradients, strict=True)
            ]
            states = [self.state[parameter] for parameter in updated]
            steps = [state["step"] for state in states]
            torch._foreach_add_(steps, 1)
            torch._fused_adamw_(
                [_flat(parameter) for parameter in updated],
                [_flat(gradient) for gradient in ordered],
                [_flat(state["exp_avg"]) for state in states],
                [_flat(state["exp_avg_sq"]) for state in states],
                [],
                steps,
                lr=self.learning_rate,
                beta1=self.betas[0],
                beta2=self.betas[1],
                weight_decay=group.weight_decay,
                eps=EPSILON,
                amsgrad=False,
                maximize=False,
            )

    def zero_grad(self) -> None:
        """Drop all gradients."""
        for parameter in self.state:
            parameter.grad = None

    def state_dict(self) -> dict[str, Tensor]:
        """Everything that is needed to resume; parameters are numbered."""
        return {
            f"{number}/{name}": value
            for number, state in enumerate(self.state.values())
            for name, value in state.items()
        }

    def load_state_dict(self, tensors: Mapping[str, Tensor]) -> None:
        """Resume from what `state_dict` gave."""
        for name, value in self.state_dict().items():
            value.copy_(tensors[name])


def _flat(tensor: Tensor) -> Tensor:
    """In the order of its memory: the fused kernel copies a tensor that has another one."""
    return tensor if tensor.is_contiguous() else tensor.as_strided((tensor.numel(),), (1,))

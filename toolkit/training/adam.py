"""AdamW by PyTorch's fused kernel, for many small members.

Kingma & Ba (2015), https://arxiv.org/abs/1412.6980; decoupled decay after Loshchilov & Hutter
(2019), https://arxiv.org/abs/1711.05101. `torch.optim.AdamW` has the same numbers, to the last bit;
but it sorts parameters by device, counts the steps of each by a slow path and tells the profiler,
which takes longer than the update of two dozen small parameters, and the first optimiser of a
process imports PyTorch's compiler, a second of every worker's start.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

EPSILON = 1e-8


@dataclass(frozen=True, kw_only=True)
class Group:
    """Parameters that are moved in one way.

    Arguments:
        parameters: them.
        decay: decoupled weight decay.
        clip: bound of every entry of a gradient; None: none.
    """

    parameters: Sequence[Tensor]
    decay: float = 0.0
    clip: float | None = None


class Adam:
    """One optimiser, on a processor.

    >>> weight = nn.Parameter(torch.tensor([1.0, 1.0]))
    >>> weight.grad = torch.tensor([0.5, -3.0])
    >>> Adam([Group(parameters=[weight])], 0.1).move()
    >>> weight.data
    tensor([0.9000, 1.1000])

    Arguments:
        groups: of parameters.
        rate: learning rate.
        moments: decay of the two means.

    Attributes:
        state: of each parameter: `step`, the number of its updates, and the two means, `exp_avg`
            and `exp_avg_sq`, which lie in memory as it does.
    """

    def __init__(
        self, groups: Sequence[Group], rate: float, *, moments: tuple[float, float] = (0.9, 0.999)
    ) -> None:
        self.groups = groups
        self.rate = rate
        self.moments = moments
        self.state = {
            one: {
                "step": torch.zeros(()),
                "exp_avg": torch.zeros_like(one, requires_grad=False),
                "exp_avg_sq": torch.zeros_like(one, requires_grad=False),
            }
            for group in groups
            for one in group.parameters
        }

    @torch.no_grad()
    def move(self) -> None:
        """Move every parameter that has a gradient."""
        for group in self.groups:
            moved = [one for one in group.parameters if one.grad is not None]
            if group.clip is not None:
                nn.utils.clip_grad_value_(moved, group.clip)
            states = [self.state[one] for one in moved]
            counts = [state["step"] for state in states]
            torch._foreach_add_(counts, 1)
            torch._fused_adamw_(
                [_flat(one) for one in moved],
                [_flat(_beside(one)) for one in moved],
                [_flat(state["exp_avg"]) for state in states],
                [_flat(state["exp_avg_sq"]) for state in states],
                [],
                counts,
                lr=self.rate,
                beta1=self.moments[0],
                beta2=self.moments[1],
                weight_decay=group.decay,
                eps=EPSILON,
                amsgrad=False,
                maximize=False,
            )

    def forget(self) -> None:
        """Drop all gradients."""
        for one in self.state:
            one.grad = None

    def tensors(self) -> dict[str, Tensor]:
        """All that is needed to go on later; parameters are numbered."""
        return {
            f"{row}/{name}": value
            for row, state in enumerate(self.state.values())
            for name, value in state.items()
        }

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Go on where `tensors` were taken."""
        for name, value in self.tensors().items():
            value.copy_(tensors[name])


def _flat(numbers: Tensor) -> Tensor:
    """In the order in which they lie: the fused kernel copies what has another one."""
    return numbers if numbers.is_contiguous() else numbers.as_strided((numbers.numel(),), (1,))


def _beside(parameter: Tensor) -> Tensor:
    """Its gradient, in the order in which the parameter lies."""
    gradient = parameter.grad
    if gradient is None:
        raise RuntimeError("a parameter without gradient cannot be moved")
    if gradient.stride() == parameter.stride():
        return gradient
    return torch.empty_like(parameter).copy_(gradient)

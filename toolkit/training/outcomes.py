"""What a training reports on its way, and what it leaves."""

from collections.abc import Callable
from dataclasses import dataclass

from torch import nn

from toolkit.errors import ToolkitError
from toolkit.late_types import DataFrame
from toolkit.networks import Autoencoder


class DivergedError(ToolkitError):
    """A member whose training cannot go on, or has left nothing that can be used.

    Arguments:
        step: the number of updates after which it was noticed.
        reason: the whole sentence, with what to do.
    """

    def __init__(self, step: int, reason: str) -> None:
        super().__init__(reason)
        self.step = step

    def __reduce__(self) -> tuple[type["DivergedError"], tuple[int, str]]:
        """It reaches the coordinator from worker processes as the outcome of a member."""
        return type(self), (self.step, str(self))

    @classmethod
    def of_loss(cls, step: int, loss: float) -> "DivergedError":
        """The loss is not a finite number.

        >>> print(DivergedError.of_loss(3, float("nan")))
        the loss became nan at step 3. Lower `learning_rate`.
        """
        return cls(step, f"the loss became {loss} at step {step}. Lower `learning_rate`.")


@dataclass(frozen=True, kw_only=True)
class StepReport:
    """Progress of a training.

    Arguments:
        step: updates done.
        steps: updates in all.
        loss: of the last update, in nats per image.
    """

    step: int
    steps: int
    loss: float


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """A trained member.

    Arguments:
        model: in evaluation mode, on the CPU.
        adversary: the discriminator that its loss consulted; None where the loss has none.
        curve: a row per stretch of steps, as `toolkit.training.curve.Curve.table` gives it.
    """

    model: Autoencoder
    adversary: nn.Module | None
    curve: DataFrame


Outcome = Fitted | DivergedError


def keeps_nothing(step: int) -> bool:
    """Of a snapshot that leaves no file, nothing can be missing."""
    return True


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """What is done with a member in the middle of its training.

    Arguments:
        steps: numbers of updates after which `take` is called.
        take: gets the step and the member in evaluation mode. A step may be taken again, with the
            same member, when a training is resumed. `DivergedError` ends this member's training.
        kept: whether what `take` left of a step is still there. A training is resumed from its
            checkpoint only if this holds of every step up to it; else it starts again.
    """

    steps: frozenset[int]
    take: Callable[[int, Autoencoder], None]
    kept: Callable[[int], bool] = keeps_nothing

    def complete(self, step: int) -> bool:
        """Whether everything up to `step` is still there."""
        return all(self.kept(taken) for taken in sorted(self.steps) if taken <= step)

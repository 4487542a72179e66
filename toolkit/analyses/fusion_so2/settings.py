"""How learners of the circle are trained.

Murphy, Dillavou & Bassett, "Comparing the information content of probabilistic representation
spaces" (TMLR 2025), https://arxiv.org/abs/2405.21042, section on fusion; the defaults are theirs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt

from toolkit.errors import ToolkitError


@dataclass(frozen=True, kw_only=True)
class CircleSettings:
    """How learners of the circle are trained.

    Arguments:
        steps: of Adam.
        batch_size: points a step.
        draws: "independent" points and noises as published, or a "lattice" over both.
        beta: weight of the rate, against the squared error averaged over both coordinates.
        learning_rate: of Adam.
        hidden: width of the two hidden layers of encoder and decoder.
    """

    steps: Annotated[int, Ge(1)] = 3000
    batch_size: Annotated[int, Ge(1)] = 2048
    draws: Literal["independent", "lattice"] = "independent"
    beta: Annotated[float, Ge(0)] = 0.03
    learning_rate: Annotated[float, Gt(0)] = 1e-3
    hidden: Annotated[int, Ge(1)] = 256


def check_settings(seeds: Sequence[int], settings: CircleSettings) -> None:
    """Refuse with a ToolkitError what cannot be trained, before anything is."""
    if not seeds or len(set(seeds)) < len(seeds):
        raise ToolkitError(
            f"{len(seeds)} seeds with {len(set(seeds))} different ones were given; "
            "give at least one, and none twice."
        )
    if settings.draws not in ("independent", "lattice"):
        raise ToolkitError(
            f"points cannot be drawn as {settings.draws!r}; choose 'independent' or 'lattice'."
        )
    smallest = min(settings.steps, settings.batch_size, settings.hidden)
    if smallest < 1 or settings.beta < 0 or settings.learning_rate <= 0:
        raise ToolkitError(
            f"{settings} cannot be trained; steps, batch_size, hidden and learning_rate must be "
            "above 0 and beta not below it."
        )

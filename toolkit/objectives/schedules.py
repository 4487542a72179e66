"""Weights that change while a member is trained."""


def ramp(start: float, end: float, *, steps: int, step: int | None) -> float:
    """From `start` in a straight line to `end`, then flat; `end` after training (step None).

    >>> [ramp(0.0, 10.0, steps=4, step=step) for step in (0, 1, 4, 9, None)]
    [0.0, 2.5, 10.0, 10.0, 10.0]
    """
    if step is None or step >= steps:
        return end
    return start + (end - start) * step / steps

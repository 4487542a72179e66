"""The curve of a training: the mean of every part of the loss over equal stretches of steps."""

import torch
from torch import Tensor

from toolkit.late_types import DataFrame
from toolkit.objectives import Terms

POINTS = 100


class Curve:
    """Collects the parts of the loss step by step; about a hundred points per training."""

    def __init__(self, steps: int) -> None:
        self._stretch = max(1, steps // POINTS)
        self._steps = steps
        self._sums: dict[str, Tensor] = {}
        self._rows: dict[str, list[float]] = {"step": []}
        self._since = 0

    def add(self, step: int, terms: Terms) -> None:
        """Add the terms of update number `step`, counted from 1."""
        for name, value in terms.items():
            mean = value.mean(dtype=torch.float64)
            self._sums[name] = self._sums[name] + mean if name in self._sums else mean
        self._since += 1
        if step % self._stretch == 0 or step == self._steps:
            self._rows["step"].append(step)
            for name, total in self._sums.items():
                self._rows.setdefault(name, []).append((total / self._since).item())
            self._sums, self._since = {}, 0

    def table(self) -> DataFrame:
        """A row per stretch: `step`, then the mean of every term in the order of names, nats."""
        import pandas as pd

        names = sorted(self._rows.keys() - {"step"})  # a resumed curve has lost any other order
        return pd.DataFrame({name: self._rows[name] for name in ("step", *names)})

    def state_dict(self) -> dict[str, Tensor]:
        """Everything that is needed to resume."""
        rows = {
            f"row.{name}": torch.tensor(row, dtype=torch.float64)
            for name, row in self._rows.items()
        }
        sums = {f"sum.{name}": total for name, total in self._sums.items()}
        return {**rows, **sums, "since": torch.tensor(self._since)}

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Resume from what `state_dict` gave."""
        self._rows = {
            name.removeprefix("row."): value.tolist()
            for name, value in state.items()
            if name.startswith("row.")
        }
        self._rows["step"] = [int(step) for step in self._rows["step"]]
        self._sums = {
            name.removeprefix("sum."): value
            for name, value in state.items()
            if name.startswith("sum.")
        }
        self._since = int(state["since"])

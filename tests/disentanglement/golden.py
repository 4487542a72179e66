"""Reference values obtained by running public implementations; see tests/golden."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parents[1] / "golden"
# computed with an old and with a present scikit-learn
DLIB = ("metrics_dlib_scores", "metrics_dlib_scores_sklearn132")
CASES = ("perfect", "rotated45", "noisy", "mlp", "inactive", "quantised", "redundant")


@cache
def arrays(name: str) -> dict[str, np.ndarray]:
    """All arrays of a file."""
    with np.load(HERE / f"{name}.npz") as file:
        return {key: file[key] for key in file.files}


@cache
def numbers(name: str) -> Any:  # noqa: ANN401 - whatever the file holds
    """The contents of a JSON file."""
    return json.loads((HERE / f"{name}.json").read_text())


def table(case: str) -> np.ndarray:
    """Codes of the whole grid."""
    return arrays("metrics_inputs_and_matrices")[f"table_{case}"]


def matrix(case: str, name: str) -> np.ndarray:
    """A reference matrix of a case."""
    return arrays("metrics_inputs_and_matrices")[f"{case}_{name}"]


def grid() -> np.ndarray:
    """Factors of the whole grid, the last one fastest."""
    return arrays("metrics_inputs_and_matrices")["factors_grid"]


def sizes() -> tuple[int, ...]:
    """Values of each factor."""
    return tuple(arrays("metrics_inputs_and_matrices")["factor_sizes"].tolist())


def sample(case: str, *parts: str, first: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Codes and factors of the reference's rows: "train", "test", or both in order."""
    file = arrays("metrics_inputs_and_matrices")
    length = {"train": first, "test": first and first // 2}
    rows = np.concatenate([file[f"idx_{part}"][: length[part]] for part in parts or ("train",)])
    return table(case)[rows], grid()[rows]


def allowed(reference: dict[str, Any], least: float) -> float:
    """The tolerance of a value that was sampled."""
    return max(least, 4 * reference["std"])

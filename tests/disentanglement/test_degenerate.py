"""Whatever the input, every score of the table answers within its promise, or says why it cannot.

Channels may be constant, copies, or few; factors may take one value, or more values than there are
images; any of it at once, in-sample and held-out.
"""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.disentanglement.test_promises import compute, keeps
from toolkit.disentanglement import SCORES
from toolkit.errors import ToolkitError

TREES = ("dci", "dci_forest", "downstream", "reduced_downstream", "fairness")
FAST = [name for name in SCORES if name not in TREES]
CHANNELS = ("noise", "constant", "copy", "step", "tiny", "huge")
FACTORS = ("one value", "two values", "a value an image", "more values than images")


@dataclass(frozen=True)
class Given:
    """Codes and factors with what is wrong with them."""

    codes: np.ndarray
    factors: np.ndarray
    split: str


def channel(kind: str, rows: int, generator: np.random.Generator) -> np.ndarray:
    noise = generator.normal(size=rows)
    return {
        "noise": noise,
        "constant": np.full(rows, 0.1),
        "copy": np.linspace(-1, 1, rows),
        "step": (np.arange(rows) % 2) * 1.0,
        "tiny": noise * 1e-12,
        "huge": noise * 1e9,
    }[kind]


def factor(kind: str, rows: int, generator: np.random.Generator) -> np.ndarray:
    return {
        "one value": np.full(rows, 3),
        "two values": generator.integers(0, 2, size=rows),
        "a value an image": generator.permutation(rows),
        "more values than images": generator.integers(0, 5 * rows, size=rows),
    }[kind]


@st.composite
def degenerate(draw: st.DrawFn, most: int = 12) -> Given:
    rows = draw(st.integers(1, most))
    generator = np.random.default_rng(draw(st.integers(0, 99)))
    channels = draw(st.lists(st.sampled_from(CHANNELS), min_size=1, max_size=4))
    factors = draw(st.lists(st.sampled_from(FACTORS), min_size=1, max_size=3))
    codes = np.column_stack([channel(kind, rows, generator) for kind in channels])
    symbols = draw(st.booleans())
    return Given(
        np.unique(codes, return_inverse=True)[1].reshape(codes.shape) if symbols else codes,
        np.column_stack([factor(kind, rows, generator) for kind in factors]),
        draw(st.sampled_from(("in_sample", "held_out"))),
    )


def answers_or_says_why(name: str, case: Given) -> None:
    refusal = ""
    try:
        answer = compute(name, case.codes, case.factors, split=case.split)
    except ToolkitError as error:
        refusal = str(error)
    if refusal:
        assert refusal.endswith(".")
        assert len(refusal) > 40
        return
    assert keeps(SCORES[name], answer)
    details = {**answer.per_factor, **answer.per_channel, **answer.matrices}
    assert all(np.isfinite(detail).all() for detail in details.values())
    assert all(len(detail) == len(answer.factors) for detail in answer.per_factor.values())


@pytest.mark.parametrize("name", FAST)
@settings(max_examples=12, deadline=None, derandomize=True)
@given(case=degenerate())
def test_degenerate_input_is_answered_or_refused_with_a_sentence(name: str, case: Given) -> None:
    answers_or_says_why(name, case)


@pytest.mark.slow
@pytest.mark.parametrize("name", TREES)
@settings(max_examples=6, deadline=None, derandomize=True)
@given(case=degenerate(most=6))
def test_trees_answer_or_refuse_degenerate_input_too(name: str, case: Given) -> None:
    answers_or_says_why(name, case)

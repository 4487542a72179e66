"""A stack of members against the same members one by one."""

from dataclasses import replace

import pytest
import torch

from tests.training.examples import OBJECTIVES, halves, run, settings
from toolkit.training import Fitted, MemberSettings, fit
from toolkit.training.together import fit_together
from toolkit.training.together.fit import Outcome


def stack(name: str, *, steps: int, precision: str = "float64") -> list[MemberSettings]:
    """Three members with seeds, learning rates and weights of their own."""
    first = settings(name, steps=steps, precision=precision)
    weight = next(iter(first.objective.weights(None)))
    return [
        replace(
            first,
            seed=seed,
            learning_rate=rate,
            objective=replace(first.objective, **{weight: value}),
        )
        for seed, rate, value in ((1, 1e-3, 2.0), (2, 2e-3, 4.0), (3, 5e-4, 0.5))
    ]


def together(given: list[MemberSettings], **options: object) -> list[Outcome]:
    training = fit_together(given, halves(), **options)
    while True:
        try:
            next(training)
        except StopIteration as end:
            outcomes: list[Outcome] = end.value
            return outcomes


@pytest.mark.parametrize("name", OBJECTIVES)
def test_fifty_steps_of_a_stack_are_those_of_each_member_alone(name: str) -> None:
    given = stack(name, steps=50)
    for one, member in zip(given, together(given), strict=True):
        alone = run(fit(one, halves()))
        assert isinstance(member, Fitted)
        for part, value in alone.model.state_dict().items():
            own = member.model.state_dict()[part]
            assert torch.allclose(own, value, rtol=1e-9, atol=1e-9), part
        for column in alone.curve:
            assert member.curve[column].to_numpy() == pytest.approx(
                alone.curve[column].to_numpy(), rel=1e-8
            )

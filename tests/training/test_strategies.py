"""Which strategy is chosen, and that a member does not depend on it."""

from collections.abc import Generator, Sequence
from dataclasses import replace
from typing import Any

import pytest
import torch

from tests.training.examples import differing, halves, numbers, run, settings
from toolkit.errors import UnknownNameError
from toolkit.networks import TanhMLP
from toolkit.training import (
    Block,
    DivergedError,
    Fitted,
    MemberSettings,
    Outcome,
    Plan,
    fit,
    plan,
    strategies,
    train,
    train_members,
)


def grid(count: int = 3, **changed: Any) -> list[MemberSettings]:  # noqa: ANN401
    """Members of one kind and a last one of another."""
    alike = [settings(seed=seed, **changed) for seed in range(count - 1)]
    return [*alike, settings("factor_vae", seed=9, **changed)]


def outcomes(training: Generator[Any, None, list[Outcome]]) -> list[Outcome]:
    while True:
        try:
            next(training)
        except StopIteration as end:
            found: list[Outcome] = end.value
            return found


@pytest.fixture
def two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strategies, "cores", lambda: 2)


@pytest.fixture
def accelerator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)


@pytest.mark.usefixtures("two_cores")
def test_many_members_go_to_processes_and_it_is_said() -> None:
    chosen = plan(grid(steps=100))
    assert chosen.strategy == "processes"
    assert [block.tasks for block in chosen.blocks] == [(0,), (1,), (2,)]
    assert str(chosen) == "processes: 3 members on 2 worker processes"


@pytest.mark.usefixtures("two_cores")
@pytest.mark.parametrize("member_settings", [grid(steps=10), [settings(steps=5000)], []])
def test_what_is_soon_done_or_is_alone_stays_here(
    member_settings: Sequence[MemberSettings],
) -> None:
    chosen = plan(member_settings)
    assert (chosen.strategy, chosen.workers) == ("loop", 1)


def test_one_core_is_given_one_member_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strategies, "cores", lambda: 1)
    chosen = plan(grid(steps=1000))
    assert str(chosen) == "loop: 3 members one after the other"


@pytest.mark.usefixtures("accelerator")
def test_an_accelerator_gets_a_stack_of_each_kind() -> None:
    chosen = plan(grid(4))
    assert chosen.strategy == "fused"
    assert chosen.blocks == (
        Block(tasks=(0, 1, 2), device="cuda", stacked=True),
        Block(tasks=(3,), device="cuda", stacked=True),
    )
    assert str(chosen) == "fused: 4 members in 2 stacks on cuda"
    assert plan(grid(), device="cpu").strategy == "loop"
    assert plan(grid(), strategy="loop").strategy == "loop"


def test_members_of_a_stack_may_differ_in_numbers_alone() -> None:
    first = settings()
    numbers_ = [
        replace(first, seed=7),
        replace(first, learning_rate=0.5),
        replace(first, objective=replace(first.objective, beta=9.0)),
    ]
    others = [
        replace(first, steps=21),
        replace(first, batch_size=4),
        replace(first, network=TanhMLP(latents=3)),
        replace(first, precision="float64"),
        settings("annealed_vae"),
    ]
    together = plan([first, *numbers_], strategy="fused", device="cpu").blocks
    assert together == (Block(tasks=(0, 1, 2, 3), device="cpu", stacked=True),)
    apart = plan([first, *others], strategy="fused", device="cpu").blocks
    assert apart == tuple(Block(tasks=(position,)) for position in range(6))


@pytest.mark.slow
def test_a_member_is_the_same_alone_in_a_grid_and_on_processes() -> None:
    chosen = grid(steps=6)
    alone = [numbers(run(fit(member, halves()))) for member in chosen]
    torch.set_num_threads(1)
    for strategy in ("loop", "processes"):
        trained = outcomes(train(chosen, halves(), strategy=strategy))
        for member, other in zip(alone, trained, strict=True):
            assert isinstance(other, Fitted)
            assert differing(member, numbers(other)) == []


@pytest.mark.parametrize("strategy", ["loop", "fused"])
def test_a_member_that_diverges_ends_by_itself(strategy: str) -> None:
    kind = settings(precision="float64")
    wild = replace(kind, learning_rate=1e300)
    chosen = [replace(kind, seed=1), wild, replace(kind, seed=2)]
    trained = outcomes(train(chosen, halves(), strategy=strategy, device="cpu"))
    first, failed, last = trained
    assert isinstance(failed, DivergedError)
    assert 1 < failed.step <= 20
    assert "Lower `learning_rate`" in str(failed)
    for member, settings_ in ((first, chosen[0]), (last, chosen[2])):
        assert isinstance(member, Fitted)
        alone = run(fit(settings_, halves()))
        for name, value in alone.model.state_dict().items():
            assert torch.allclose(member.model.state_dict()[name], value, atol=1e-9), name


def described(block: Block[MemberSettings | str]) -> Generator[tuple[int, str], None, list[str]]:
    """Work that trains nothing."""
    for row in range(len(block.tasks)):
        yield row, block.device
    return [f"{row} of {len(block.tasks)}" for row in range(len(block.tasks))]


@pytest.mark.usefixtures("accelerator")
def test_trained_members_are_blocks_of_their_own_on_the_processor() -> None:
    tasks = ["trained", settings(seed=1), "trained too", settings(seed=2)]
    plans: list[Plan] = []
    events: list[tuple[int, str]] = []
    running = train_members(
        tasks,
        settings_of=lambda task: None if isinstance(task, str) else task,
        work=described,
        announce=plans.append,
    )
    while True:
        try:
            events.append(next(running))
        except StopIteration as end:
            results = end.value
            break
    assert events == [(1, "cuda"), (3, "cuda"), (0, "cpu"), (2, "cpu")]
    assert results == ["0 of 1", "0 of 2", "0 of 1", "1 of 2"]
    assert list(map(str, plans)) == ["fused: 2 members in 1 stack on cuda"]


def test_a_plan_of_no_training_is_not_announced() -> None:
    running = train_members(
        ["trained"], settings_of=lambda task: None, work=described, announce=pytest.fail
    )
    assert list(running) == [(0, "cpu")]


def test_an_unknown_strategy_is_refused() -> None:
    with pytest.raises(UnknownNameError) as caught:
        plan([], strategy="process")
    assert "processes" in str(caught.value)

"""A stack of members against the same members one by one."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.training.examples import differing, halves, numbers, run, settings
from tests.training.test_every_objective import gentle, squares
from toolkit.errors import ToolkitError
from toolkit.files import save_tensors
from toolkit.networks import Autoencoder, TanhMLP
from toolkit.objectives import OBJECTIVES
from toolkit.training import (
    Checkpoint,
    DivergedError,
    Fitted,
    MemberSettings,
    Outcome,
    Snapshot,
    fit,
)
from toolkit.training.checkpoint import checksum_of
from toolkit.training.stacked import fit_together, groups
from toolkit.training.stacked.checkpoint import SCHEMA, stack_key


def stack(name: str, *, steps: int, precision: str = "float64") -> list[MemberSettings]:
    """Three members with seeds, learning rates and, where there are any, weights of their own."""
    objective = gentle(name)
    weights = objective.weights(None)
    weight = next(
        (name for name in weights if getattr(objective, name, None) == weights[name]),
        None,
    )
    first = settings(
        network=TanhMLP(latents=4),
        image_shape=(1, 8, 8),
        objective=objective,
        steps=steps,
        precision=precision,
    )
    return [
        replace(
            first,
            seed=seed,
            learning_rate=rate,
            objective=replace(objective, **({weight: weights[weight] * times} if weight else {})),
        )
        for seed, rate, times in ((1, 1e-3, 1.0), (2, 2e-3, 0.9), (3, 5e-4, 0.5))
    ]


def together(members: list[MemberSettings], **options: object) -> list[Outcome]:
    images, factors = squares()
    shown = images if members[0].image_shape == (1, 8, 8) else halves()
    training = fit_together(members, shown, factors=factors, **options)
    while True:
        try:
            next(training)
        except StopIteration as end:
            outcomes: list[Outcome] = end.value
            return outcomes


QUICK = ("ada_gvae", "annealed_vae", "factor_vae", "qlae")
ALL = [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in OBJECTIVES]


@pytest.mark.parametrize("name", ALL)
def test_fifty_steps_of_a_stack_are_those_of_each_member_alone(name: str) -> None:
    members = stack(name, steps=50)
    assert groups(members) == [[0, 1, 2]]
    images, factors = squares()
    for first, member in zip(members, together(members), strict=True):
        alone = run(fit(first, images, factors=factors))
        assert isinstance(member, Fitted)
        for part, value in alone.model.state_dict().items():
            ours = member.model.state_dict()[part]
            assert torch.allclose(ours, value, rtol=1e-9, atol=1e-9), part
        for column in alone.curve:
            assert member.curve[column].to_numpy() == pytest.approx(
                alone.curve[column].to_numpy(), rel=1e-7, abs=1e-9
            )


@pytest.mark.slow
def test_fifty_steps_of_a_convolutional_stack_are_those_of_each_member_alone() -> None:
    members = [settings(seed=seed, steps=50, precision="float64") for seed in (1, 2)]
    for first, member in zip(members, together(members), strict=True):
        alone = run(fit(first, halves()))
        assert isinstance(member, Fitted)
        for part, value in alone.model.state_dict().items():
            assert torch.allclose(member.model.state_dict()[part], value, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", ["beta_vae", "factor_vae"])
def test_a_stack_that_was_stopped_goes_on_to_the_last_bit(name: str, tmp_path: Path) -> None:
    members = stack(name, steps=12, precision="float32")
    checkpoint = Checkpoint(path=tmp_path / "stack", every=5)
    training = fit_together(members, squares()[0], checkpoint=checkpoint)
    for _ in range(3 * 8):
        next(training)
    training.close()
    events = fit_together(members, squares()[0], checkpoint=checkpoint)
    assert next(events)[1].step == 6
    events.close()
    resumed = together(members, checkpoint=checkpoint)
    for outcome, other in zip(together(members), resumed, strict=True):
        assert isinstance(outcome, Fitted)
        assert isinstance(other, Fitted)
        assert differing(numbers(outcome), numbers(other)) == []


def test_a_stack_remembers_who_diverged(tmp_path: Path) -> None:
    members = [settings(seed=1, steps=8), settings(seed=2, steps=8, learning_rate=1e30)]
    checkpoint = Checkpoint(path=tmp_path / "stack", every=1)
    first = together(members, checkpoint=checkpoint)
    again = together(members, checkpoint=checkpoint)
    for outcomes in (first, again):
        assert isinstance(outcomes[0], Fitted)
        assert isinstance(outcomes[1], DivergedError)
    assert str(first[1]) == str(again[1])


def test_every_member_can_be_seen_on_its_way() -> None:
    members = stack("beta_vae", steps=6)
    seen: dict[tuple[int, int], torch.Tensor] = {}

    def snapshot(row: int) -> Snapshot:
        def keep(step: int, model: Autoencoder) -> None:
            seen[row, step] = next(model.parameters()).detach().clone()

        return Snapshot(steps=frozenset({2, 6}), take=keep)

    outcomes = together(members, snapshots=[snapshot(row) for row in range(3)])
    assert sorted(seen) == [(row, step) for row in range(3) for step in (2, 6)]
    for row, outcome in enumerate(outcomes):
        assert isinstance(outcome, Fitted)
        assert torch.equal(seen[row, 6], next(outcome.model.parameters()))
        assert not torch.equal(seen[row, 2], seen[row, 6])


def test_a_snapshot_that_finds_a_member_diverged_ends_that_member_alone(tmp_path: Path) -> None:
    members = stack("beta_vae", steps=6)

    def refuse(step: int, model: Autoencoder) -> None:
        raise DivergedError(step, "a log-variance is -378")

    def look(step: int, model: Autoencoder) -> None:
        taken.append(step)

    taken: list[int] = []
    snapshots = [
        Snapshot(steps=frozenset({3, 5}), take=take, kept=lambda step: step == 3)
        for take in (look, refuse, look)
    ]
    checkpoint = Checkpoint(path=tmp_path / "stack", every=4)
    for _ in ("at once", "resumed"):
        outcomes = together(members, snapshots=snapshots, checkpoint=checkpoint)
        assert isinstance(outcomes[0], Fitted)
        assert isinstance(outcomes[2], Fitted)
        failed = outcomes[1]
        assert isinstance(failed, DivergedError)
        assert (failed.step, str(failed)) == (3, "a log-variance is -378")
    assert taken == [3, 3, 5, 5, 5, 5]


def test_a_stack_whose_snapshots_are_gone_starts_again(tmp_path: Path) -> None:
    members = stack("beta_vae", steps=6, precision="float32")
    checkpoint = Checkpoint(path=tmp_path / "stack", every=4)
    undisturbed = together(members, checkpoint=checkpoint)
    gone = Snapshot(steps=frozenset({2}), take=lambda step, model: None, kept=lambda step: False)
    there = Snapshot(steps=frozenset({5}), take=lambda step, model: None, kept=lambda step: False)
    for snapshot, first_step in ((there, 5), (gone, 1)):
        training = fit_together(
            members, squares()[0], checkpoint=checkpoint, snapshots=[there, snapshot, there]
        )
        assert next(training)[1].step == first_step
        training.close()
    again = together(members, checkpoint=checkpoint, snapshots=[there, gone, there])
    for outcome, other in zip(undisturbed, again, strict=True):
        assert isinstance(outcome, Fitted)
        assert isinstance(other, Fitted)
        assert differing(numbers(outcome), numbers(other)) == []


def test_members_of_two_kinds_are_no_stack() -> None:
    with pytest.raises(ToolkitError) as caught:
        together([settings(), settings("factor_vae")])
    assert str(caught.value) == (
        "these members differ in more than seed, learning rate and weights of their loss. "
        "Train each of the groups that `groups` finds by itself."
    )
    assert groups([settings(), settings("factor_vae"), settings(seed=4)]) == [[0, 2], [1]]


def test_a_stack_that_another_version_of_the_toolkit_saved_is_trained_again(
    tmp_path: Path,
) -> None:
    path = tmp_path / "stack"
    kind = SCHEMA.partition("/")[0]
    save_tensors(path, {"step": torch.tensor(1)}, schema=f"{kind}/0", key="")
    members = [settings(steps=2), settings(steps=2, seed=5)]
    with pytest.warns(UserWarning, match=rf"\({kind}/0, not {SCHEMA}\) and cannot be resumed"):
        again = together(members, checkpoint=Checkpoint(path=path, every=1))
    for fitted, undisturbed in zip(again, together(members), strict=True):
        assert isinstance(fitted, Fitted)
        assert isinstance(undisturbed, Fitted)
        assert differing(numbers(fitted), numbers(undisturbed)) == []


def test_the_checkpoint_of_other_members_or_a_damaged_one_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "stack"
    checkpoint = Checkpoint(path=path, every=1)
    together([settings(steps=1)], checkpoint=checkpoint)
    with pytest.raises(ToolkitError) as caught:
        together([settings(steps=1, seed=5)], checkpoint=checkpoint)
    assert str(caught.value) == (
        f"{path} is the checkpoint of other members. "
        "Delete it to start these from their first step."
    )
    tensors = {"step": torch.tensor(1)}
    key, checksum = stack_key([settings()]), checksum_of(tensors)
    save_tensors(path, tensors, schema=SCHEMA, key=key, checksum=checksum, diverged="{}")
    with pytest.raises(ToolkitError) as damaged:
        together([settings()], checkpoint=checkpoint)
    assert str(damaged.value) == (
        f"{path} is damaged: it does not hold what these members are made of. "
        "Delete it to start them from their first step."
    )

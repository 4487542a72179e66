import os
import random
import signal
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.training.examples import (
    OBJECTIVES,
    differing,
    halves,
    numbers,
    run,
    settings,
    train_and_tell,
)
from toolkit.errors import ToolkitError
from toolkit.files import load_tensors, save_tensors
from toolkit.training import Checkpoint, MemberSettings, Snapshot, fit
from toolkit.training.checkpoint import SCHEMA, checksum_of, load_checkpoint
from toolkit.training.curve import Curve
from toolkit.training.training_state import TrainingState

EVERY = 4
KILLED_AT = (2, 4, 7, 19)


@pytest.fixture(scope="module")
def undisturbed() -> dict[str, Any]:
    return {name: numbers(run(fit(settings(name), halves()))) for name in OBJECTIVES}


def stopped(chosen: MemberSettings, checkpoint: Checkpoint, *, after: int) -> None:
    """Train for some steps and lose everything but the checkpoint."""
    training = fit(chosen, halves(), checkpoint=checkpoint)
    for _ in range(after):
        next(training)
    training.close()


@pytest.mark.parametrize("after", [3, 6, 19])
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_an_interrupted_member_ends_as_an_undisturbed_one(
    tmp_path: Path, undisturbed: dict[str, Any], objective: str, after: int
) -> None:
    checkpoint = Checkpoint(path=tmp_path / "checkpoint", every=EVERY)
    stopped(settings(objective), checkpoint, after=after)
    moments = fit(settings(objective), halves(), checkpoint=checkpoint)
    assert next(moments).step == after // EVERY * EVERY + 1
    moments.close()
    resumed = run(fit(settings(objective), halves(), checkpoint=checkpoint))
    assert differing(undisturbed[objective], numbers(resumed)) == []


def test_a_member_in_double_precision_is_resumed_too(tmp_path: Path) -> None:
    chosen = settings("factor_vae", precision="float64")
    checkpoint = Checkpoint(path=tmp_path / "checkpoint", every=3)
    stopped(chosen, checkpoint, after=8)
    resumed = numbers(run(fit(chosen, halves(), checkpoint=checkpoint)))
    assert differing(numbers(run(fit(chosen, halves()))), resumed) == []


def test_a_member_that_was_finished_is_there_again_without_an_update(
    tmp_path: Path, undisturbed: dict[str, Any]
) -> None:
    checkpoint = Checkpoint(path=tmp_path / "checkpoint", every=20)
    run(fit(settings(), halves(), checkpoint=checkpoint))
    assert list(fit(settings(), halves(), checkpoint=checkpoint)) == []
    again = run(fit(settings(), halves(), checkpoint=checkpoint))
    assert differing(undisturbed["beta_vae"], numbers(again)) == []


@pytest.mark.parametrize(
    "objective",
    [
        pytest.param("annealed_vae", marks=pytest.mark.slow),
        pytest.param("beta_vae", marks=pytest.mark.slow),
        pytest.param("factor_vae", marks=pytest.mark.slow),
    ],
)
def test_a_member_killed_again_and_again_ends_as_an_undisturbed_one(
    context: ForkServerContext, tmp_path: Path, undisturbed: dict[str, Any], objective: str
) -> None:
    path = tmp_path / "checkpoint"
    for step in (*KILLED_AT, None):
        here, there = context.Pipe()
        process = context.Process(
            target=train_and_tell, args=(settings(objective), path, EVERY, there)
        )
        process.start()
        there.close()
        reported: Any = 0
        while isinstance(reported, int) and (step is None or reported < step):
            assert here.poll(120)
            reported = here.recv()
        if step is not None:
            assert process.pid is not None
            os.kill(process.pid, signal.SIGKILL)
        process.join()
        assert process.exitcode == (0 if step is None else -signal.SIGKILL)
    assert differing(undisturbed[objective], reported) == []


def test_moments_of_adam_lie_in_memory_as_their_parameters_do(tmp_path: Path) -> None:
    """The fused update walks the memory of both side by side and does not look at strides."""
    path = tmp_path / "checkpoint"
    stopped(settings(), Checkpoint(path=path, every=1), after=1)
    state = TrainingState(settings(), dataset_size=64)
    load_checkpoint(path, state, Curve(20))
    states = state.optimiser.state
    assert len(states) == len(list(state.model.parameters()))
    for parameter, state in states.items():
        assert state["exp_avg"].stride() == parameter.stride()
        assert state["exp_avg_sq"].stride() == parameter.stride()


def test_p27_a_checkpoint_holds_optimisers_curve_and_step(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint"
    stopped(settings("factor_vae"), Checkpoint(path=path, every=5), after=5)
    tensors, metadata = load_tensors(path, schema=SCHEMA)
    assert metadata == {"key": settings("factor_vae").key, "checksum": checksum_of(tensors)}
    assert int(tensors["step"]) == 5
    state = TrainingState(settings("factor_vae"), dataset_size=64)
    assert state.adversary_optimiser is not None
    for folder, optimiser in (
        ("optimiser", state.optimiser),
        ("adversary_optimiser", state.adversary_optimiser),
    ):
        assert optimiser.state
        for row, parameter in enumerate(optimiser.state):
            assert tensors[f"{folder}/{row}/exp_avg"].shape == parameter.shape
            assert tensors[f"{folder}/{row}/exp_avg_sq"].shape == parameter.shape
            assert int(tensors[f"{folder}/{row}/step"]) == 5
    assert tensors["curve/row.loss"].shape == (5,)


def test_the_checkpoint_of_another_member_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint"
    stopped(settings(), Checkpoint(path=path, every=1), after=1)
    with pytest.raises(ToolkitError) as caught:
        next(fit(settings(seed=2), halves(), checkpoint=Checkpoint(path=path, every=1)))
    assert str(caught.value) == (
        f"{path} is the checkpoint of another member ({settings().key[:16]}, not "
        f"{settings(seed=2).key[:16]}). Delete it to start this member from its first step."
    )


def test_a_checkpoint_of_another_version_of_the_toolkit_is_trained_again(
    tmp_path: Path, undisturbed: dict[str, Any]
) -> None:
    path = tmp_path / "checkpoint"
    save_tensors(path, {"step": torch.tensor(1)}, schema="checkpoint/0", key=settings().key)
    with pytest.warns(UserWarning, match="cannot be resumed") as warned:
        fitted = run(fit(settings(), halves(), checkpoint=Checkpoint(path=path, every=EVERY)))
    assert [str(warning.message) for warning in warned] == [
        f"{path} was saved by another version of the toolkit (checkpoint/0, not checkpoint/3) "
        "and cannot be resumed: the training starts again from its first step."
    ]
    assert differing(undisturbed["beta_vae"], numbers(fitted)) == []
    assert int(load_tensors(path, schema=SCHEMA)[0]["step"]) > 0


def test_something_else_than_a_checkpoint_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint"
    save_tensors(path, {"step": torch.tensor(1)}, schema="weights/1", key=settings().key)
    with pytest.raises(ToolkitError) as caught:
        next(fit(settings(), halves(), checkpoint=Checkpoint(path=path, every=1)))
    assert str(caught.value) == (
        f"{path} holds 'weights/1', not 'checkpoint/3'. Delete it and run `dvc repro`."
    )


def test_a_checkpoint_cut_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint"
    stopped(settings(), Checkpoint(path=path, every=1), after=1)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ToolkitError) as caught:
        next(fit(settings(), halves(), checkpoint=Checkpoint(path=path, every=1)))
    assert str(caught.value).startswith(f"{path} is damaged (")
    assert str(caught.value).endswith("). Delete it and run `dvc repro`.")


@pytest.mark.parametrize(
    "lost", ["step", "model/encoder.0.weight", "optimiser/0/exp_avg", "curve/since"]
)
def test_a_checkpoint_that_lacks_a_part_is_refused(tmp_path: Path, lost: str) -> None:
    path = tmp_path / "checkpoint"
    stopped(settings(), Checkpoint(path=path, every=1), after=1)
    tensors, metadata = load_tensors(path, schema=SCHEMA)
    del tensors[lost]
    save_tensors(path, tensors, schema=SCHEMA, **metadata | {"checksum": checksum_of(tensors)})
    with pytest.raises(ToolkitError) as caught:
        next(fit(settings(), halves(), checkpoint=Checkpoint(path=path, every=1)))
    assert str(caught.value) == (
        f"{path} is damaged: it does not hold what this member is made of. "
        "Delete it to start this member from its first step."
    )


def test_checkpoints_that_would_never_be_written_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ToolkitError) as caught:
        Checkpoint(path=tmp_path / "checkpoint", every=0)
    assert str(caught.value) == ("`checkpoint_every` is 0; it must be at least 1 step.")


def test_how_often_checkpoints_are_written_changes_nothing(
    tmp_path: Path, undisturbed: dict[str, Any]
) -> None:
    for every in (1, 7, 100):
        checkpoint = Checkpoint(path=tmp_path / str(every), every=every)
        fitted = run(fit(settings(), halves(), checkpoint=checkpoint))
        assert differing(undisturbed["beta_vae"], numbers(fitted)) == []
        assert checkpoint.path.exists() == (every <= 20)


def test_one_flipped_bit_anywhere_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint"
    stopped(settings(steps=2), Checkpoint(path=path, every=1), after=1)
    whole = path.read_bytes()
    draw = random.Random(0)
    header = range(8 + int.from_bytes(whole[:8], "little"))
    positions = [*draw.sample(header, 30), *draw.sample(range(len(header), len(whole)), 30)]
    for position in positions:
        damaged = bytearray(whole)
        damaged[position] ^= 1 << draw.randrange(8)
        path.write_bytes(damaged)
        with pytest.raises(ToolkitError) as caught:
            next(fit(settings(steps=2), halves(), checkpoint=Checkpoint(path=path, every=1)))
        assert str(path) in str(caught.value)
    path.write_bytes(whole)
    assert (
        next(fit(settings(steps=2), halves(), checkpoint=Checkpoint(path=path, every=9))).step == 2
    )


def test_other_numbers_under_the_same_key_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint"
    stopped(settings(), Checkpoint(path=path, every=1), after=1)
    tensors, metadata = load_tensors(path, schema=SCHEMA)
    save_tensors(path, tensors | {"step": torch.tensor(2)}, schema=SCHEMA, **metadata)
    with pytest.raises(ToolkitError) as caught:
        next(fit(settings(), halves(), checkpoint=Checkpoint(path=path, every=1)))
    assert str(caught.value) == (
        f"{path} is damaged: its contents do not agree with its checksum. "
        "Delete it to start this member from its first step."
    )


@pytest.mark.parametrize(
    ("kept", "first_step"), [((2, 6, 8), 9), ((2, 6), 1), ((6, 8), 1), ((2, 6, 8, 11), 9)]
)
def test_a_training_is_resumed_only_where_every_snapshot_before_is_kept(
    tmp_path: Path, undisturbed: dict[str, Any], kept: tuple[int, ...], first_step: int
) -> None:
    checkpoint = Checkpoint(path=tmp_path / "checkpoint", every=EVERY)
    stopped(settings(), checkpoint, after=10)
    taken: list[int] = []
    snapshot = Snapshot(
        steps=frozenset({2, 6, 8, 11}),
        take=lambda step, model: taken.append(step),
        kept=lambda step: step in kept,
    )
    training = fit(settings(), halves(), checkpoint=checkpoint, snapshot=snapshot)
    assert next(training).step == first_step
    assert differing(undisturbed["beta_vae"], numbers(run(training))) == []
    assert taken == [step for step in (2, 6, 8, 11) if step >= first_step]

"""What a training leaves when it fails, and how that travels."""

import pickle

import pytest

from tests.training.examples import halves, run, settings
from tests.training.test_strategies import outcomes
from toolkit.networks import Autoencoder
from toolkit.training import DivergedError, Fitted, Snapshot, fit, train


def test_a_failure_travels_between_processes_with_its_step_and_reason() -> None:
    failure = DivergedError.of_loss(7, float("inf"))
    arrived = pickle.loads(pickle.dumps(failure))
    assert type(arrived) is DivergedError
    assert (arrived.step, str(arrived)) == (
        7,
        "the loss became inf at step 7. Lower `learning_rate`.",
    )


@pytest.mark.slow
def test_a_member_that_diverges_on_a_worker_process_is_an_outcome() -> None:
    members = [settings(seed=1), settings(seed=2, learning_rate=1e30)]
    finished, failed = outcomes(train(members, halves(), strategy="processes"))
    assert isinstance(finished, Fitted)
    assert isinstance(failed, DivergedError)
    assert str(failed).endswith("Lower `learning_rate`.")


def test_a_snapshot_may_end_a_training() -> None:
    def refuse(step: int, model: Autoencoder) -> None:
        assert not model.training
        raise DivergedError(step, "a log-variance is -378")

    snapshot = Snapshot(steps=frozenset({3}), take=refuse)
    with pytest.raises(DivergedError) as caught:
        run(fit(settings(), halves(), snapshot=snapshot))
    assert caught.value.step == 3


@pytest.mark.parametrize(("step", "complete"), [(0, True), (3, True), (4, False), (9, False)])
def test_a_snapshot_is_complete_up_to_the_first_step_that_is_missing(
    step: int, complete: bool
) -> None:
    snapshot = Snapshot(
        steps=frozenset({2, 4, 8}), take=lambda step, model: None, kept=lambda step: step != 4
    )
    assert snapshot.complete(step) is complete
    assert Snapshot(steps=frozenset({2, 4, 8}), take=lambda step, model: None).complete(step)

"""Every sampler proposes from the records alone, inside the space."""

import logging
import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import optuna
import pytest
import torch
from scipy.stats import qmc as sequences

from tests.studies.examples import CAPACITY, NETWORK, settings, steady
from toolkit.config.space import Parameters, Range
from toolkit.errors import ToolkitError, UnknownNameError
from toolkit.records import Trial
from toolkit.studies.outcomes import Evaluation, Failure, finished, fresh_record, trial_of
from toolkit.studies.samplers import SAMPLERS, batch_seed, distributions, propose, qmc
from toolkit.studies.settings import StudySettings

QUICK = [name for name in SAMPLERS if name != "gp"]


def tried(given: StudySettings, proposals: Sequence[Parameters]) -> tuple[Trial, ...]:
    record = replace(fresh_record(given), waiting=tuple(proposals))
    for parameters in proposals:
        record = finished(record, steady(parameters))
    return record.trials


def history(given: StudySettings, trials: int) -> tuple[Trial, ...]:
    """Trials on the points of a sequence, so that every sampler has the same past."""
    return tried(given, qmc(settings("qmc", batch=trials), []))


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_proposals_lie_in_the_space_and_name_all_of_it(sampler: str) -> None:
    given = settings(sampler)
    axes = distributions(given.space)
    for past in (history(settings("qmc"), 1), history(settings("qmc"), 12)):
        for proposal in propose(given, past):
            assert list(proposal) == sorted(given.space)
            assert all(
                axes[name]._contains(axes[name].to_internal_repr(value))
                for name, value in proposal.items()
            )
            assert all(value == given.space[name].tidy(value) for name, value in proposal.items())


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_equal_records_give_equal_proposals_and_touch_no_global_generator(sampler: str) -> None:
    given, past = settings(sampler), history(settings("qmc"), 10)
    torch_state, numpy_state = torch.get_rng_state(), np.random.get_state()[1].tolist()  # noqa: NPY002
    assert propose(given, past) == propose(given, past)
    assert torch.equal(torch.get_rng_state(), torch_state)
    assert np.random.get_state()[1].tolist() == numpy_state  # noqa: NPY002


@pytest.mark.parametrize("sampler", QUICK)
def test_no_batch_repeats_the_one_before(sampler: str) -> None:
    given = settings(sampler)
    first = propose(given, [])
    assert propose(given, tried(given, first)) != first


@pytest.mark.parametrize("sampler", ["random", "tpe"])
def test_a_batch_that_failed_whole_is_not_proposed_again(sampler: str) -> None:
    given = settings(sampler)
    first = propose(given, [])
    failed = [
        trial_of(number, proposal, Failure(reason="diverged"), given.objectives)
        for number, proposal in enumerate(first)
    ]
    assert propose(given, failed) != first


@pytest.mark.parametrize("sampler", ["gp", "qmc", "random", "tpe"])
def test_the_base_seed_reaches_the_draws(sampler: str) -> None:
    assert propose(settings(sampler), []) != propose(settings(sampler, seed=12), [])


def test_a_batch_is_seeded_by_base_seed_and_complete_trials() -> None:
    past = history(settings("qmc"), 3)
    lost = trial_of(3, {}, Failure(reason="diverged"), settings("tpe").objectives)
    state = np.random.SeedSequence([11, 3]).generate_state(1)[0]
    assert batch_seed(11, past) == state
    assert batch_seed(11, [*past, lost]) == np.random.SeedSequence([11, 3, 1]).generate_state(1)[0]
    assert batch_seed(11, [*past, lost]) != state


def test_the_sequence_goes_on_where_it_was_whatever_the_batches() -> None:
    given = settings("qmc", batch=1)
    past: tuple[Trial, ...] = ()
    single = []
    for _ in range(8):
        (proposal,) = propose(given, past)
        single.append(proposal)
        past = tried(given, single)
    assert single == propose(settings("qmc", batch=8), [])


def test_a_sequence_covers_a_range_more_evenly_than_random_draws() -> None:
    space = {"beta": Range(low=0, high=1)}

    def gap(sampler: str) -> float:
        drawn = propose(settings(sampler, space=space, batch=64), [])
        points = np.array([[float(point["beta"])] for point in drawn])
        return float(sequences.discrepancy(points))

    assert gap("qmc") < gap("random") / 4


def test_models_of_the_trials_find_the_better_side() -> None:
    """Distortion and agreement both want small capacity here, whatever the network."""
    space = {"capacity": Range(low=0.0, high=1.0)}
    for sampler in ("gp", "tpe"):
        given = settings(sampler, space=space, batch=4)
        past = tuple(
            trial_of(
                number,
                {"capacity": number / 20},
                Evaluation(
                    values={"distortion": number / 20, "corrected_agreement": 1 - number / 20}
                ),
                given.objectives,
            )
            for number in range(20)
        )
        drawn = [float(proposal["capacity"]) for proposal in propose(given, past)]
        assert np.mean(drawn) < 0.3, sampler


def test_a_grid_is_walked_in_order_and_ends() -> None:
    given = settings("grid", space={"capacity": CAPACITY, "network": NETWORK}, batch=4)
    first = propose(given, [])
    rest = propose(given, tried(given, first))
    assert [(p["capacity"], p["network"]) for p in first + rest] == [
        (capacity, network) for capacity in (4, 8, 12) for network in ("burgess", "mlp")
    ]
    assert propose(given, tried(given, first + rest)) == []


def test_a_grid_over_real_numbers_is_refused_before_any_work() -> None:
    with pytest.raises(
        ToolkitError, match=r"^the sampler `grid` cannot count the values of `b`\. "
    ):
        propose(settings("grid", space={"b": Range(low=0, high=math.pi)}), [])


def test_an_unknown_sampler_is_answered_with_the_nearest_name() -> None:
    with pytest.raises(UnknownNameError) as caught:
        propose(settings("randon"), [])
    assert str(caught.value) == "no sampler is called 'randon'. Did you mean 'random'?"


def test_asking_leaves_the_reader_of_optunas_log_in_peace(
    capfd: pytest.CaptureFixture[str],
) -> None:
    level = optuna.logging.get_verbosity()
    propose(settings("random"), [])
    assert capfd.readouterr() == ("", "")
    assert optuna.logging.get_verbosity() == level != logging.ERROR


def test_threads_are_as_before_after_a_gaussian_process() -> None:
    threads = torch.get_num_threads()
    torch.set_num_threads(threads + 1)
    try:
        propose(settings("gp", batch=1), history(settings("qmc"), 10))
        assert torch.get_num_threads() == threads + 1
    finally:
        torch.set_num_threads(threads)

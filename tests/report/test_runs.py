"""Which runs enter a comparison, in which order, and what is refused."""

import pytest

from tests.report.conftest import planted, planted_answers, planted_run
from toolkit.errors import ToolkitError
from toolkit.report.runs import admit


def test_runs_are_put_in_one_order_whatever_order_they_come_in() -> None:
    runs, answers = planted()
    admitted, copies = admit(runs[::-1], answers[::-1])
    assert [run for run, _ in admitted] == runs
    assert [given.digest for _, given in admitted] == [given.digest for given in answers]
    assert copies == []


def test_numbers_are_ordered_as_numbers_not_as_text() -> None:
    runs, answers = planted(betas=(2.0, 16.0), seeds=(0, 10, 9))
    admitted, _ = admit(runs, answers)
    order = [(run.hyperparameters["beta"], run.seed) for run, _ in admitted]
    assert order == [(2.0, 0), (2.0, 9), (2.0, 10), (16.0, 0), (16.0, 9), (16.0, 10)]


def test_runs_with_one_key_count_once() -> None:
    runs, answers = planted(seeds=(0, 1))
    again = planted_run(1.0, 0, run_id="from another machine", name="planted/twin")
    admitted, copies = admit([again, *runs], [answers[0], *answers])
    assert [run for run, _ in admitted] == runs
    assert [run.name for run in copies] == ["planted/twin"]


def test_one_run_is_too_few() -> None:
    with pytest.raises(ToolkitError) as caught:
        admit([planted_run(1.0, 0)], [planted_answers(1.0, 0)])
    assert str(caught.value) == (
        "a comparison needs at least two different runs, and the query selects "
        "'planted/beta=1 seed=0'. Widen the query, or train more members."
    )


def test_two_copies_of_one_run_are_still_too_few() -> None:
    with pytest.raises(ToolkitError) as caught:
        admit([planted_run(1.0, 0)] * 2, [planted_answers(1.0, 0)] * 2)
    assert str(caught.value) == (
        "a comparison needs at least two different runs, and the query selects "
        "'planted/beta=1 seed=0' (1 more with the same key are the same run). "
        "Widen the query, or train more members."
    )


def test_no_run_at_all_is_too_few() -> None:
    with pytest.raises(ToolkitError) as caught:
        admit([], [])
    assert str(caught.value) == (
        "a comparison needs at least two different runs, and the query selects none. "
        "Widen the query, or train more members."
    )


def test_different_probe_images_are_refused_with_the_names_of_the_runs() -> None:
    runs, answers = planted(betas=(1.0,), seeds=(0, 1, 2, 3, 4))
    answers[2] = planted_answers(1.0, 2, probe="cd" * 32)
    with pytest.raises(ToolkitError) as caught:
        admit(runs, answers)
    assert str(caught.value) == (
        "runs that were shown different probe images cannot be compared, and the query selects "
        "2 probe sets (probe abababababab: planted/beta=1 seed=0, planted/beta=1 seed=1, "
        "planted/beta=1 seed=3 and 1 more; probe cdcdcdcdcdcd: planted/beta=1 seed=2). "
        "Narrow the query to runs with one probe set, or give their ensembles the same `data` in "
        "params.yaml and run `dvc repro`."
    )


def test_every_run_needs_its_posteriors() -> None:
    runs, answers = planted()
    with pytest.raises(ToolkitError) as caught:
        admit(runs, answers[1:])
    assert str(caught.value) == (
        "6 runs came with 5 sets of posteriors; give one set for every run, in the same order."
    )

"""Running a study: what it yields, what it says, what it refuses."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.studies.examples import CAPACITY, finish, outcome, settings
from toolkit.config.space import Parameters
from toolkit.errors import ToolkitError
from toolkit.records import read_study
from toolkit.studies.outcomes import Outcome
from toolkit.studies.run import Finished, Note, run_study
from toolkit.studies.settings import StudySettings


def evaluate(batch: Sequence[Parameters]) -> Iterator[Outcome]:
    yield from map(outcome, batch)


def run(folder: Path, given: StudySettings, **more: object) -> list[Finished | Note]:
    arguments: dict[str, Any] = {"storage": folder / "journal.log", "evaluate": evaluate, **more}
    return list(run_study(folder / "study", settings=given, **arguments))


def unused(batch: Sequence[Parameters]) -> list[Outcome]:
    raise LookupError(f"nothing was to be evaluated, and {batch} was")


def notes(steps: list[Finished | Note]) -> list[str]:
    return [step.text for step in steps if isinstance(step, Note)]


def test_every_trial_is_yielded_when_it_is_on_disk(tmp_path: Path) -> None:
    given = settings("random", trials=7)
    steps = run_study(
        tmp_path / "study", settings=given, storage=tmp_path / "journal.log", evaluate=evaluate
    )
    for count, step in enumerate(steps, start=1):
        assert isinstance(step, Finished)
        assert (step.done, step.total) == (count, 7)
        assert read_study(tmp_path / "study").trials[-1] == step.trial
    assert count == 7


def test_proposals_are_written_down_before_they_are_evaluated(tmp_path: Path) -> None:
    seen = []

    def look(batch: Sequence[Parameters]) -> Iterator[Outcome]:
        seen.append((list(batch), list(read_study(tmp_path / "study").waiting)))
        yield from map(outcome, batch)

    run(tmp_path, settings("random", trials=7), evaluate=look)
    (first, waiting_first), (second, waiting_second) = seen
    assert first == waiting_first
    assert len(first) == 5
    assert second == waiting_second[:2]
    assert len(waiting_second) == 5


def test_a_finished_study_asks_for_nothing(tmp_path: Path) -> None:
    before = finish(tmp_path, settings("random", trials=3))
    assert run(tmp_path, settings("random", trials=3), evaluate=unused) == []
    assert (tmp_path / "study" / "study.json").read_bytes() == before


def test_fewer_trials_than_there_are_keeps_them_and_says_so(tmp_path: Path) -> None:
    before = finish(tmp_path, settings("random", trials=6))
    assert notes(run(tmp_path, settings("random", trials=3), evaluate=unused)) == [
        "study 'sweep' has 6 trials, more than the 3 asked for; all are kept. "
        "Give it another name to start anew."
    ]
    assert (tmp_path / "study" / "study.json").read_bytes() == before


def test_changed_settings_start_anew_and_say_so(tmp_path: Path) -> None:
    finish(tmp_path, settings("random", trials=6))
    changed = settings("tpe", trials=4, space={"capacity": CAPACITY})
    assert notes(run(tmp_path, changed)) == [
        "study 'sweep' starts anew: its sampler, space changed, and the 6 trials on record belong "
        "to the old settings. To have them back, restore params.yaml and run `dvc checkout`."
    ]
    afresh = tmp_path / "elsewhere"
    assert (tmp_path / "study" / "study.json").read_bytes() == finish(afresh, changed)


def test_a_grid_that_ends_early_says_so(tmp_path: Path) -> None:
    given = settings("grid", space={"capacity": CAPACITY})
    steps = run(tmp_path, given)
    assert [s.trial.parameters["capacity"] for s in steps if isinstance(s, Finished)] == [4, 8, 12]
    assert notes(steps) == [
        "study 'sweep' ends after 3 trials, not 12: its grid has no further point."
    ]


@pytest.mark.parametrize(("surplus", "given"), [(1, "more"), (-1, "4")])
def test_an_evaluation_that_miscounts_is_refused(tmp_path: Path, surplus: int, given: str) -> None:
    def miscount(batch: Sequence[Parameters]) -> list[Outcome]:
        return [outcome(parameters) for parameters in (*batch, *batch)][: len(batch) + surplus]

    with pytest.raises(ToolkitError) as caught:
        run(tmp_path, settings("random"), evaluate=miscount)
    assert str(caught.value) == (
        f"the evaluation of 5 proposals gave {given} outcomes. "
        "Yield exactly one outcome for each proposal, in the order given."
    )
    assert len(read_study(tmp_path / "study").trials) == 5 + min(surplus, 0)


def test_an_evaluation_that_raises_leaves_its_proposal_waiting(tmp_path: Path) -> None:
    def fail(batch: Sequence[Parameters]) -> Iterator[Outcome]:
        yield outcome(batch[0])
        raise ToolkitError("the disk is full. Make room.")

    given = settings("random")
    with pytest.raises(ToolkitError, match=r"^the disk is full\. Make room\.$"):
        run(tmp_path, given, evaluate=fail)
    record = read_study(tmp_path / "study")
    assert (len(record.trials), len(record.waiting)) == (1, 4)
    assert finish(tmp_path, given) == finish(tmp_path / "elsewhere", given)


def test_stopping_on_the_way_ends_the_evaluation(tmp_path: Path) -> None:
    ended = []

    def watch(batch: Sequence[Parameters]) -> Iterator[Outcome]:
        try:
            yield from map(outcome, batch)
        finally:
            ended.append(True)

    given = settings("random")
    steps = run_study(
        tmp_path / "study", settings=given, storage=tmp_path / "journal.log", evaluate=watch
    )
    next(steps)
    steps.close()
    assert ended == [True]
    assert len(run(tmp_path, given)) == 11


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "study").touch()
    with pytest.raises(ToolkitError) as caught:
        run(tmp_path, settings("random"))
    assert str(caught.value) == (
        f"{tmp_path / 'study'} cannot be written (File exists). "
        "Give yourself permission to write there, or choose another folder."
    )


def test_nothing_of_this_machine_or_hour_is_on_record(tmp_path: Path) -> None:
    content = json.loads(finish(tmp_path, settings("tpe", trials=3)))
    assert sorted(content) == [
        "answers",
        "digest",
        "evaluation",
        "name",
        "objectives",
        "sampler",
        "schema",
        "settings",
        "space",
        "trials",
        "waiting",
    ]
    assert sorted(content["trials"][0]) == [
        "members",
        "number",
        "parameters",
        "reason",
        "state",
        "values",
    ]

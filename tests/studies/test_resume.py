"""A study that is killed, deprived of its journal or extended ends as an undisturbed one."""

import multiprocessing
import signal
from pathlib import Path

import optuna
import pytest

from tests.studies.examples import finish, front, run_and_die, settings
from toolkit.records import read_study
from toolkit.studies.samplers import SAMPLERS
from toolkit.studies.storage import open_storage

KILLS = [("asked", 0), ("evaluating", 0), ("writing", 3), ("asked", 5), ("telling", 7)]
KILLS += [("evaluating", 11)]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return {
        sampler: finish(tmp_path_factory.mktemp(sampler), settings(sampler)) for sampler in SAMPLERS
    }


def killed(folder: Path, sampler: str, moment: str, at: int) -> int | None:
    """The exit code of a process that ran the study until it was killed."""
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["tests.studies.examples"])
    process = processes.Process(
        target=run_and_die, args=(folder, settings(sampler), moment, at), daemon=True
    )
    process.start()
    process.join()
    code = process.exitcode
    process.close()
    return code


@pytest.mark.slow
@pytest.mark.parametrize("forget", [False, True], ids=["journal kept", "journal deleted"])
@pytest.mark.parametrize("sampler", SAMPLERS)
def test_a_study_killed_at_six_moments_ends_as_if_nothing_had_happened(
    sampler: str, forget: bool, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    for moment, at in KILLS:
        assert killed(tmp_path, sampler, moment, at) == -signal.SIGKILL, (moment, at)
        if forget:
            (tmp_path / "journal.log").unlink()
    assert finish(tmp_path, settings(sampler)) == undisturbed[sampler]
    assert (b'"failed"' in undisturbed[sampler]) is (sampler != "gp")
    assert [path.name for path in (tmp_path / "study").iterdir()] == ["study.json"]


@pytest.mark.parametrize(
    ("sampler", "first"),
    [("gp", 11), *((name, first) for name in SAMPLERS if name != "gp" for first in (1, 5, 6))],
)
def test_a_study_extended_later_is_the_longer_study(
    sampler: str, first: int, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    finish(tmp_path, settings(sampler, trials=first))
    assert len(read_study(tmp_path / "study").trials) == first
    assert finish(tmp_path, settings(sampler)) == undisturbed[sampler]


@pytest.mark.parametrize("forget", [False, True], ids=["journal kept", "journal deleted"])
@pytest.mark.slow
def test_after_kills_optuna_shows_what_the_record_holds(forget: bool, tmp_path: Path) -> None:
    given = settings("tpe")
    for moment, at in KILLS:
        killed(tmp_path, "tpe", moment, at)
    if forget:
        (tmp_path / "journal.log").unlink()
    finish(tmp_path, given)
    record = read_study(tmp_path / "study")
    study = optuna.load_study(
        study_name=given.storage_name, storage=open_storage(tmp_path / "journal.log")
    )
    shown = [trial for trial in study.trials if "interrupted" not in trial.user_attrs]
    assert [trial.params for trial in shown] == [trial.parameters for trial in record.trials]
    assert [trial.user_attrs["record"] for trial in shown] == list(range(12))
    assert {trial.state.name for trial in study.trials} == {"COMPLETE", "FAIL"}
    assert any("interrupted" in trial.user_attrs for trial in study.trials) is not forget
    best = {trial.user_attrs["record"] for trial in study.best_trials}
    assert best == front(record.trials, given.objectives)
    assert len(best) > 1

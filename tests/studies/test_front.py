"""The Pareto front against the definition and against Optuna."""

import numpy as np
import optuna
import pytest

from toolkit.studies.front import front
from toolkit.studies.records import Trial
from toolkit.studies.samplers import DIRECTIONS, quiet
from toolkit.studies.settings import OBJECTIVES, Objective


def trial(number: int, distortion: float, agreement: float) -> Trial:
    return Trial(
        number=number,
        parameters={},
        values={"distortion": distortion, "agreement": agreement},
    )


def test_a_trial_stays_unless_another_is_as_good_in_all_and_better_in_one() -> None:
    tried = [
        trial(0, 3.0, 0.9),
        trial(1, 1.0, 0.2),
        trial(2, 3.0, 0.8),  # beaten by 0: equal distortion, less agreement
        trial(3, 2.0, 0.5),
        trial(4, 2.0, 0.5),  # the equal of 3
        trial(5, 2.5, 0.1),  # beaten by all but 0 and 2
        Trial(number=6, parameters={}, values=None, reason="diverged"),
    ]
    assert [t.number for t in front(tried, OBJECTIVES)] == [1, 3, 4, 0]


def test_nothing_finished_has_no_front() -> None:
    assert front([Trial(number=0, parameters={}, values=None)], OBJECTIVES) == []


@pytest.mark.parametrize("directions", [("minimise", "maximise"), ("maximise", "maximise")])
@pytest.mark.parametrize("seed", range(4))
def test_the_front_is_optunas(seed: int, directions: tuple[str, str]) -> None:
    drawn = np.random.default_rng(seed).integers(0, 30, size=(40, 2)).astype(float)
    tried = [trial(number, *pair) for number, pair in enumerate(drawn.tolist())]
    goals = [
        Objective(name="distortion", direction=directions[0]),
        Objective(name="agreement", direction=directions[1]),
    ]
    with quiet():
        study = optuna.create_study(directions=[DIRECTIONS[way] for way in directions])
        study.add_trials(optuna.trial.create_trial(values=pair) for pair in drawn.tolist())
    found = {t.number for t in front(tried, goals)}
    assert found == {t.number for t in study.best_trials}
    assert len(found) > 1

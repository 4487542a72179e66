"""A study as Optuna and its dashboard see it: made from the record, made again when they differ.

Trials carry the record's number. A trial that a killed process left running is told failed; its
proposal still waits in the record and is shown again as a new trial.
"""

from collections.abc import Sequence
from pathlib import Path

import optuna
from optuna.distributions import BaseDistribution
from optuna.storages import BaseStorage
from optuna.trial import FrozenTrial, TrialState, create_trial

from toolkit.studies.records import StudyRecord, Trial
from toolkit.studies.samplers import DIRECTIONS, distributions, quiet
from toolkit.studies.settings import StudySettings
from toolkit.studies.space import Parameters
from toolkit.studies.storage import open_storage, reachable

NUMBER = "record"  # which trial of the record this is
LOST = "interrupted"
REASON = "reason"


class Projection:
    """One study in an Optuna storage; only the holder of the study's lock writes it."""

    def __init__(self, study: optuna.Study, settings: StudySettings, location: str | Path) -> None:
        self._study, self._settings, self._location = study, settings, location
        self._axes: dict[str, BaseDistribution] = distributions(settings.space)

    def begin(self, first: int, batch: Sequence[Parameters]) -> None:
        """Show a batch of proposals as running."""
        with reachable(self._location), quiet():
            self._study.add_trials(
                create_trial(
                    state=TrialState.RUNNING,
                    params=parameters,
                    distributions=self._axes,
                    user_attrs={NUMBER: first + place},
                )
                for place, parameters in enumerate(batch)
            )

    def finish(self, trial: Trial) -> None:
        """Tell what came of a running trial."""
        with reachable(self._location), quiet():
            running = self._study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))
            number = next(t.number for t in running if t.user_attrs[NUMBER] == trial.number)
            if trial.values is None:
                _fail(self._study, number, {REASON: trial.reason})
            else:
                self._study.tell(number, _values(trial, self._settings))


def project(settings: StudySettings, record: StudyRecord, location: str | Path) -> Projection:
    """Make the storage agree with the record: add what it lacks, or build the study anew.

    Raises a ToolkitError when the storage cannot be used.
    """
    storage = open_storage(location)
    with reachable(location), quiet():
        study = _study(settings, storage)
        for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
            _fail(study, trial.number, {LOST: True})
        known = [trial for trial in study.trials if LOST not in trial.user_attrs]
        if not _agree(known, record.trials, settings):
            optuna.delete_study(study_name=settings.storage_name, storage=storage)
            study, known = _study(settings, storage), []
        axes = distributions(settings.space)
        study.add_trials(_frozen(t, axes, settings) for t in record.trials[len(known) :])
    return Projection(study, settings, location)


def _study(settings: StudySettings, storage: BaseStorage) -> optuna.Study:
    """The study of that name, made if there is none, made anew if its objectives differ."""
    directions = [DIRECTIONS[objective.direction] for objective in settings.objectives]
    study = optuna.create_study(
        study_name=settings.storage_name,
        storage=storage,
        directions=directions,
        load_if_exists=True,
    )
    if study.directions != directions:
        optuna.delete_study(study_name=settings.storage_name, storage=storage)
        return _study(settings, storage)
    names = [objective.name for objective in settings.objectives]
    if study.metric_names != names:
        study.set_metric_names(names)
    return study


def _fail(study: optuna.Study, number: int, why: dict[str, str | bool | None]) -> None:
    """Tell that a running trial failed, and why."""
    storage, name = study._storage, study.study_name
    trial = storage.get_trial_id_from_study_id_trial_number(
        storage.get_study_id_from_name(name), number
    )
    for key, value in why.items():
        storage.set_trial_user_attr(trial, key, value)
    study.tell(number, state=TrialState.FAIL)


def _agree(known: Sequence[FrozenTrial], trials: Sequence[Trial], settings: StudySettings) -> bool:
    """Whether the storage's trials are the first ones of the record."""
    return len(known) <= len(trials) and all(
        shown.user_attrs.get(NUMBER) == trial.number
        and shown.params == trial.parameters
        and shown.state == (TrialState.COMPLETE if trial.complete else TrialState.FAIL)
        and shown.values == (_values(trial, settings) if trial.complete else None)
        for shown, trial in zip(known, trials, strict=False)
    )


def _frozen(
    trial: Trial, axes: dict[str, BaseDistribution], settings: StudySettings
) -> FrozenTrial:
    return create_trial(
        state=TrialState.COMPLETE if trial.complete else TrialState.FAIL,
        params=trial.parameters,
        distributions=axes,
        values=_values(trial, settings) if trial.complete else None,
        user_attrs={NUMBER: trial.number, **({REASON: trial.reason} if trial.reason else {})},
    )


def _values(trial: Trial, settings: StudySettings) -> list[float]:
    values = trial.values or {}
    return [values[objective.name] for objective in settings.objectives]

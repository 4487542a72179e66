"""A study as Optuna and its dashboard see it: made from the record, made again when they differ.

Trials carry the record's number. A trial that a killed process left running is told failed; its
proposal still waits in the record and is shown again as a new trial.
"""

from collections.abc import Sequence
from pathlib import Path

import optuna
from optuna.distributions import BaseDistribution
from optuna.storages import BaseStorage
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState, create_trial

from toolkit.records import StudyRecord, Trial, read_study
from toolkit.records.study import Parameters
from toolkit.studies.additions import LOST, NUMBER, REASON, Additions, is_start_point
from toolkit.studies.samplers import DIRECTIONS, distributions, quiet
from toolkit.studies.settings import StudySettings, settings_of
from toolkit.studies.storage import is_url, open_storage, reachable


class Projection:
    """One study in an Optuna storage; only the holder of the study's lock writes it.

    Whoever deletes the study, or the journal itself, while it runs costs it nothing: what is
    missing is built again from the record. What people added to a study that is there stays: start
    points that wait, attributes and notes.
    """

    def __init__(self, settings: StudySettings, location: str | Path) -> None:
        self._settings, self._location = settings, location
        self._axes: dict[str, BaseDistribution] = distributions(settings.space)
        self._storage: BaseStorage
        self._study: optuna.Study

    def agree(self, record: StudyRecord) -> None:
        """Add the trials that the storage lacks, or build a study that differs anew."""
        storage = open_storage(self._location)
        with reachable(self._location), quiet():
            study = _study(self._settings, storage)
            for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
                _fail(study, storage, trial.number, LOST, True)
            known = [
                trial
                for trial in study.trials
                if LOST not in trial.user_attrs and not is_start_point(trial)
            ]
            additions = Additions.of(study, storage)
            agrees = study.directions == _directions(self._settings) and _agree(
                known, record.trials, self._settings
            )
            if not agrees:
                optuna.delete_study(study_name=study.study_name, storage=storage)
                study, known = _study(self._settings, storage), []
            names = [objective.name for objective in self._settings.objectives]
            if study.metric_names != names:
                study.set_metric_names(names)
            study.add_trials(
                create_trial(
                    state=TrialState.COMPLETE if trial.complete else TrialState.FAIL,
                    params=dict(trial.parameters),
                    distributions=self._axes,
                    values=_values(trial, self._settings) if trial.complete else None,
                    user_attrs=additions.attributes_of(trial.number, trial.parameters)
                    | {NUMBER: trial.number}
                    | ({REASON: trial.reason} if trial.reason else {}),
                )
                for trial in record.trials[len(known) :]
            )
            if not agrees:
                additions.add_to(study, storage)
        self._storage, self._study = storage, study

    def begin(self, record: StudyRecord, batch: Sequence[Parameters]) -> None:
        """Show a batch of proposals as running."""
        if self._deleted():
            self.agree(record)
        try:
            self._show(len(record.trials), batch)
        except KeyError:  # the study is gone
            self.agree(record)
            self._show(len(record.trials), batch)

    def finish(self, record: StudyRecord) -> None:
        """Tell what came of the latest trial."""
        if self._deleted():
            self.agree(record)
            return
        trial = record.trials[-1]
        try:
            with reachable(self._location), quiet():
                running = self._study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))
                numbers = {shown.user_attrs[NUMBER]: shown.number for shown in running}
                number = numbers[trial.number]
                if trial.values is None:
                    _fail(self._study, self._storage, number, REASON, trial.reason)
                else:
                    self._study.tell(number, _values(trial, self._settings))
        except KeyError:  # the trial is gone, or the whole study
            self.agree(record)

    def _deleted(self) -> bool:
        return not (is_url(self._location) or Path(self._location).exists())

    def _show(self, first: int, batch: Sequence[Parameters]) -> None:
        with reachable(self._location), quiet():
            self._study.add_trials(
                create_trial(
                    state=TrialState.RUNNING,
                    params=dict(parameters),
                    distributions=self._axes,
                    user_attrs={NUMBER: number},
                )
                for number, parameters in enumerate(batch, start=first)
            )


def project(settings: StudySettings, record: StudyRecord, location: str | Path) -> Projection:
    """Make the storage agree with the record, and keep it so.

    Trials that a killed process left running are told failed. Raises a ToolkitError when the
    storage cannot be used.
    """
    projection = Projection(settings, location)
    projection.agree(record)
    return projection


def rebuild(folder: Path, location: str | Path) -> None:
    """Make the storage show the study in `folder` again, from its record alone.

    For a storage that was deleted while the studies need no further trial. Raises a ToolkitError
    when the record or the storage cannot be used.
    """
    record = read_study(folder)
    project(settings_of(record, trials=max(1, len(record.trials))), record, location)


def _study(settings: StudySettings, storage: BaseStorage) -> optuna.Study:
    """The study of that name, made if there is none; one there may have other objectives."""
    return optuna.create_study(
        study_name=settings.storage_name,
        storage=storage,
        directions=_directions(settings),
        load_if_exists=True,
    )


def _directions(settings: StudySettings) -> list[StudyDirection]:
    return [DIRECTIONS[objective.direction] for objective in settings.objectives]


def _fail(
    study: optuna.Study, storage: BaseStorage, number: int, key: str, why: str | bool | None
) -> None:
    """Tell that a running trial failed, and why."""
    study_id = storage.get_study_id_from_name(study.study_name)
    trial_id = storage.get_trial_id_from_study_id_trial_number(study_id, number)
    storage.set_trial_user_attr(trial_id, key, why)
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


def _values(trial: Trial, settings: StudySettings) -> list[float]:
    values = trial.values or {}
    return [values[objective.name] for objective in settings.objectives]

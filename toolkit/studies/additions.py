"""What people added to a study in Optuna, carried over when it is built anew from its record.

Start points that wait (`study.enqueue_trial`), attributes, and the notes of Optuna's dashboard,
which lie among the study's system attributes under the storage's own number of a trial.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import optuna
from optuna.storages import BaseStorage
from optuna.trial import FrozenTrial, TrialState

NUMBER = "record"  # which trial of the record this is
LOST = "interrupted"
REASON = "reason"
OURS = frozenset({NUMBER, LOST, REASON})
DASHBOARD = "dashboard:"
NOTE_OF_TRIAL = re.compile(r"dashboard:(\d+):(note_.*)", re.DOTALL)


def is_start_point(trial: FrozenTrial) -> bool:
    """Whether a person queued this trial, and nobody has begun it."""
    return trial.state == TrialState.WAITING and NUMBER not in trial.user_attrs


@dataclass(frozen=True, kw_only=True)
class TrialAdditions:
    """What people added to a finished trial.

    Arguments:
        parameters: of the trial, which must be the same for the additions to be about it.
        attributes: by name.
        notes: of the dashboard, by the rest of their name.
    """

    parameters: Mapping[str, object]
    attributes: Mapping[str, object]
    notes: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Additions:
    """What people added to a study.

    Arguments:
        attributes: of the study, by name.
        notes: of the study and settings of its pages in the dashboard, by their whole name.
        start_points: trials that wait.
        trials: additions by the record's number of a trial.
    """

    attributes: Mapping[str, object]
    notes: Mapping[str, Any]
    start_points: tuple[FrozenTrial, ...]
    trials: Mapping[int, TrialAdditions]

    @classmethod
    def of(cls, study: optuna.Study, storage: BaseStorage) -> "Additions":
        """What is in a study beside the record's trials."""
        study_id = storage.get_study_id_from_name(study.study_name)
        system = storage.get_study_system_attrs(study_id)
        by_trial: dict[int, dict[str, Any]] = {}
        notes: dict[str, Any] = {}
        for name, value in system.items():
            if found := NOTE_OF_TRIAL.fullmatch(name):
                by_trial.setdefault(int(found[1]), {})[found[2]] = value
            elif name.startswith(DASHBOARD):
                notes[name] = value
        trials = {}
        for trial in study.get_trials(deepcopy=False):
            attributes = {n: v for n, v in trial.user_attrs.items() if n not in OURS}
            trial_id = storage.get_trial_id_from_study_id_trial_number(study_id, trial.number)
            if NUMBER in trial.user_attrs and (attributes or trial_id in by_trial):
                trials[trial.user_attrs[NUMBER]] = TrialAdditions(
                    parameters=trial.params,
                    attributes=attributes,
                    notes=by_trial.get(trial_id, {}),
                )
        waiting = study.get_trials(states=(TrialState.WAITING,))
        return cls(
            attributes=study.user_attrs,
            notes=notes,
            start_points=tuple(trial for trial in waiting if is_start_point(trial)),
            trials=trials,
        )

    def add_to(self, study: optuna.Study, storage: BaseStorage) -> None:
        """Add everything to a study that was built anew, and holds the record's trials."""
        study_id = storage.get_study_id_from_name(study.study_name)
        for name, value in self.attributes.items():
            study.set_user_attr(name, value)
        for name, value in self.notes.items():
            storage.set_study_system_attr(study_id, name, value)
        for trial in study.get_trials(deepcopy=False):
            added = self.trials.get(trial.user_attrs.get(NUMBER, -1))
            if added is None or added.parameters != trial.params:
                continue
            trial_id = storage.get_trial_id_from_study_id_trial_number(study_id, trial.number)
            for name, value in added.notes.items():
                storage.set_study_system_attr(study_id, f"dashboard:{trial_id}:{name}", value)
        study.add_trials(self.start_points)

    def attributes_of(self, number: int, parameters: Mapping[str, object]) -> dict[str, object]:
        """What people called a trial of the record; nothing where its parameters are others."""
        added = self.trials.get(number)
        return dict(added.attributes) if added and added.parameters == parameters else {}

"""A study: Optuna proposes, an ensemble of seeds answers, and a trial is worth what it has."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from statistics import fmean
from typing import Any

from toolkit.config import Params, Study, trial_members
from toolkit.config.scores import declared
from toolkit.config.space import Parameters
from toolkit.config.targets import PREFIX, targets
from toolkit.data import PreparedData, read_prepared
from toolkit.files import digest_of_json
from toolkit.locks import exclusive
from toolkit.pipeline.members.agreement import agreement_of
from toolkit.pipeline.members.jobs import Job, jobs_for, member_folder, training_digest
from toolkit.pipeline.members.make import make_members, remove_undeclared
from toolkit.pipeline.scores import mean_scores, score_together, scoring_task, undefined_of
from toolkit.pipeline.sync import ask_store, track_results
from toolkit.records import (
    ANSWERS,
    MemberRecord,
    MemberReference,
    Owner,
    StudyRecord,
    Target,
    read_study,
    rounded,
)
from toolkit.records.names import STUDY
from toolkit.studies.outcomes import Evaluation, Failure, Outcome, trial_of
from toolkit.studies.run import Finished, run_study
from toolkit.studies.settings import StudySettings
from toolkit.training.settings import SCHEMA
from toolkit.workspace import Workspace


def make_study(workspace: Workspace, params: Params, name: str) -> None:
    """Bring a study to its number of trials, and show it in Optuna and MLflow."""
    section, folder = params.studies[name], workspace.study(name)
    with exclusive(workspace.lock(f"study-{name}"), f"study {name}"):
        ask_store(workspace)
        data = read_prepared(workspace.data(section.data), mapped=True)
        settings = study_settings(section, name, training_digest(data))
        before = read_study(folder) if (folder / STUDY).exists() else None
        if before is not None and before.settings != settings.digest:
            before = None  # of other settings: `run_study` begins anew, and says so
        trainer = Trainer(workspace, section, name, data, before=before)
        if before is not None:
            trainer.bring_up_to_date(before)
        events = run_study(
            folder, settings=settings, storage=workspace.journal, evaluate=trainer.evaluate
        )
        for event in events:
            if isinstance(event, Finished):
                trainer.done = event.done
                sys.stdout.write(f"study {name}: trial {event.done} of {event.total} is finished\n")
            else:
                sys.stdout.write(f"{event.text}\n")
            sys.stdout.flush()
        trials = read_study(folder).trials
        remove_undeclared(
            folder,
            [member_folder(folder, member.key) for trial in trials for member in trial.members],
        )
        tracked = track_results(workspace, params, studies=[name])
    sys.stdout.write(f"study {name}: in {folder}; {tracked}\n")


def study_settings(section: Study, name: str, data: str) -> StudySettings:
    """What decides a study; `evaluation` stands for everything that decides a trial's values."""
    evaluation = section.model_dump(
        mode="json",
        include={"network": True, "objective": True, "seeds": True, "training": True},
        exclude={"training": {"checkpoint_every", "strategy", "posteriors_at"}},
    )
    decisive: list[Any] = [SCHEMA, data, evaluation]
    protocol = declared(section.scores)
    known = targets([] if protocol is None else list(protocol.scores))
    aimed = {value.split("/")[1] for value in section.values if value.startswith(PREFIX)}
    if protocol is not None and aimed:  # other scores may change, the trials stand
        decisive.append(protocol.only(aimed).to_json())
    return StudySettings(
        name=name,
        space=section.space,
        sampler=section.sampler.name,
        seed=section.sampler.seed,
        trials=section.trials,
        batch=section.batch,
        evaluation=digest_of_json(decisive),
        objectives=tuple(Target(name=v, direction=known[v]) for v in section.values),
    )


class Trainer:
    """Turns proposals into ensembles, and ensembles into values.

    Arguments:
        before: the study as it stands, if it is one of these settings.
    """

    def __init__(
        self,
        workspace: Workspace,
        section: Study,
        name: str,
        data: PreparedData,
        *,
        before: StudyRecord | None,
    ) -> None:
        self._workspace = workspace
        self._section = section
        self._strategy = section.training.strategy
        self._name = name
        self._data = data
        self._protocol = declared(section.scores)
        self._scoring = scoring_task(section.scores, data, owner=f"study {name}")
        trials = () if before is None else before.trials
        self._digests = {m.key: m.record for trial in trials for m in trial.members}
        self.done = len(trials)

    def bring_up_to_date(self, record: StudyRecord) -> None:
        """Give the members of trials on record the scores and answers of today.

        Their training stands, and so do the values of the trials, unless they rest on an earlier
        version of answers: these are computed again from the members.
        """
        groups = [self._jobs(trial.parameters, trial=trial.number) for trial in record.trials]
        jobs = [job for group in groups for job in group]
        made = iter(make_members(f"study {self._name}, scores", jobs, strategy=self._strategy))
        trials = []
        for trial, group in zip(record.trials, groups, strict=True):
            members = self._together(group, made)
            renewed = replace(trial, members=tuple(map(MemberReference.to, members)))
            if not record.is_current:
                outcome = self._outcome(members)
                renewed = trial_of(trial.number, trial.parameters, outcome, record.objectives)
            trials.append(renewed)
        if not record.is_current:
            changed = sum(
                before.values != after.values
                for before, after in zip(record.trials, trials, strict=True)
            )
            sys.stdout.write(
                f"study {self._name}: the values of {len(trials)} trials were computed again from "
                f"their members, because they were of {record.answers} and the toolkit is at "
                f"{ANSWERS}; {changed} of them changed. Nothing was trained\n"
            )
        renewed_record = replace(record, trials=tuple(trials), answers=ANSWERS)
        if renewed_record != record:
            renewed_record.write(self._workspace.study(self._name))

    def evaluate(self, proposals: Sequence[Parameters]) -> Iterator[Outcome]:
        """Train the members of all proposals side by side, then value each proposal."""
        groups = [
            self._jobs(parameters, trial=self.done + index)
            for index, parameters in enumerate(proposals)
        ]
        numbers = ", ".join(str(self.done + index + 1) for index in range(len(proposals)))
        jobs = [job for group in groups for job in group]
        made = iter(
            make_members(f"study {self._name}, trial {numbers}", jobs, strategy=self._strategy)
        )
        for group in groups:
            yield self._outcome(self._together(group, made))

    def _jobs(self, parameters: Parameters, *, trial: int) -> list[Job]:
        members = trial_members(
            self._section,
            parameters,
            data=training_digest(self._data),
            image_shape=self._data.images.image_shape,
        )
        return jobs_for(
            self._workspace,
            self._section,
            members,
            data=self._data,
            folder=self._workspace.study(self._name),
            owner=Owner(study=self._name, trial=trial),
            scoring=self._scoring,
            digests=self._digests,
        )

    def _together(self, jobs: Sequence[Job], made: Iterator[MemberRecord]) -> list[MemberRecord]:
        """The next members, with the scores that they have together."""
        folders = [job.folder for job in jobs]
        return score_together(folders, [next(made) for _ in jobs], self._protocol)

    def _outcome(self, records: list[MemberRecord]) -> Outcome:
        members = tuple(map(MemberReference.to, records))
        for record in records:
            if record.failure is not None:
                reason = f"{record.name}: {record.failure.reason}"
                return Failure(reason=reason, members=members)
        folder = self._workspace.study(self._name)
        folders = [member_folder(folder, record.key) for record in records]
        means = mean_scores([record.scores for record in records])
        refused = undefined_of(records)
        values = {f"{PREFIX}{name}": value for name, value in means.items()}
        for aim in self._section.values:
            if aim == "distortion":
                values[aim] = fmean(record.final["distortion"] for record in records)
            elif aim == "agreement":
                values[aim] = agreement_of(folders).value
            elif aim == "corrected_agreement":  # 0 without axes: nothing is found beyond chance
                values[aim] = agreement_of(folders).corrected or 0.0
            elif (name := aim.split("/")[1]) in refused:
                return Failure(reason=f"{name}: {refused[name]}", members=members)
        values = {name: rounded(values[name]) for name in self._section.values}
        return Evaluation(values=values, members=members)

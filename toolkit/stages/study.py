"""`python -m toolkit.stages.study NAME`: Optuna proposes, an ensemble of seeds answers."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
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
from toolkit.pipeline.members.results import Record
from toolkit.pipeline.scores import mean_scores, score_together, scoring_task, undefined_of
from toolkit.pipeline.sync import track
from toolkit.stages.command import run_stage
from toolkit.studies.records import (
    FILE,
    Evaluation,
    Failure,
    Outcome,
    StudyRecord,
    read_study,
    write_study,
)
from toolkit.studies.run import Finished, run_study
from toolkit.studies.settings import Objective, StudySettings
from toolkit.training.settings import SCHEMA
from toolkit.workspace import Workspace


def make_study(workspace: Workspace, params: Params, name: str) -> None:
    """Bring a study to its number of trials, and show it in Optuna and MLflow."""
    section, folder = params.studies[name], workspace.study(name)
    with exclusive(workspace.lock(f"study-{name}"), f"study {name}"):
        data = read_prepared(workspace.data(section.data), mapped=True)
        settings = study_settings(section, name, training_digest(data))
        before = _on_record(folder, settings)
        trainer = Trainer(workspace, section, name, data, done=len(before.trials) if before else 0)
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
        remove_undeclared(folder, _member_folders(folder))
        summary = track(workspace, params, ensembles=[], studies=[name])
    sys.stdout.write(
        f"study {name}: in {folder}; MLflow: {summary.created} runs new, {summary.kept} kept\n"
    )


def study_settings(section: Study, name: str, data: str) -> StudySettings:
    """What decides a study; `evaluation` stands for everything that decides a trial's values."""
    evaluation = section.model_dump(
        mode="json",
        include={"network": True, "objective": True, "seeds": True, "training": True},
        exclude={"training": {"checkpoint_every", "strategy", "posteriors_at"}},
    )
    decisive: list[Any] = [SCHEMA, data, evaluation]
    protocol, known = declared(section.scores), targets(_score_names(section))
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
        objectives=tuple(Objective(name=v, direction=known[v]) for v in section.values),
    )


def _score_names(section: Study) -> list[str]:
    protocol = declared(section.scores)
    return [] if protocol is None else list(protocol.scores)


def _on_record(folder: Path, settings: StudySettings) -> StudyRecord | None:
    """The study as it stands, if it is one of these settings."""
    if not (folder / FILE).exists():
        return None
    record = read_study(folder)
    return record if record.digest == settings.digest else None


def _member_folders(folder: Path) -> list[Path]:
    trials = read_study(folder).trials
    return [member_folder(folder, member["key"]) for trial in trials for member in trial.members]


class Trainer:
    """Turns proposals into ensembles, and ensembles into values."""

    def __init__(
        self, workspace: Workspace, section: Study, name: str, data: PreparedData, *, done: int
    ) -> None:
        self._workspace = workspace
        self._section = section
        self._strategy = section.training.strategy
        self._name = name
        self._data = data
        self._protocol = declared(section.scores)
        self._scoring = scoring_task(section.scores, data, owner=f"study {name}")
        self.done = done

    def bring_up_to_date(self, record: StudyRecord) -> None:
        """Give the members of trials on record the scores that are declared now.

        Their training stands, and so do the values of the trials.
        """
        groups = [self._jobs(trial.parameters, trial=trial.number) for trial in record.trials]
        jobs = [job for group in groups for job in group]
        made = iter(make_members(f"study {self._name}, scores", jobs, strategy=self._strategy))
        trials = tuple(
            replace(trial, members=_members(self._together(group, made)))
            for trial, group in zip(record.trials, groups, strict=True)
        )
        if trials != record.trials:
            write_study(self._workspace.study(self._name), replace(record, trials=trials))

    def evaluate(self, proposals: Sequence[Parameters]) -> Iterator[Outcome]:
        """Train the members of all proposals side by side, then value each proposal."""
        groups = [
            self._jobs(parameters, trial=self.done + place)
            for place, parameters in enumerate(proposals)
        ]
        numbers = ", ".join(str(self.done + place + 1) for place in range(len(proposals)))
        jobs = [job for group in groups for job in group]
        made = iter(
            make_members(f"study {self._name}, trial {numbers}", jobs, strategy=self._strategy)
        )
        for group in groups:
            yield self._outcome(self._together(group, made))

    def _jobs(self, parameters: Parameters, *, trial: int) -> list[Job]:
        section, workspace = self._section, self._workspace
        members = trial_members(
            section,
            parameters,
            data=training_digest(self._data),
            image_shape=self._data.images.image_shape,
        )
        return jobs_for(
            workspace,
            section,
            members,
            data=self._data,
            folder=workspace.study(self._name),
            owner={"study": self._name, "trial": trial},
            scoring=self._scoring,
        )

    def _together(self, jobs: Sequence[Job], made: Iterator[Record]) -> list[Record]:
        """The next members, with the scores that they have together."""
        folders = [job.folder for job in jobs]
        return score_together(folders, [next(made) for _ in jobs], self._protocol)

    def _outcome(self, records: list[Record]) -> Outcome:
        members = _members(records)
        failed = next((r for r in records if r["status"] == "failed"), None)
        if failed is not None:
            reason = f"{failed['name']}: {failed['failure']['reason']}"
            return Failure(reason=reason, members=members)
        folder = self._workspace.study(self._name)
        folders = [member_folder(folder, r["key"]) for r in records]
        means, refused = mean_scores([r["scores"] for r in records]), undefined_of(records)
        values = {f"{PREFIX}{name}": value for name, value in means.items()}
        for aim in self._section.values:
            if aim == "distortion":
                values[aim] = fmean(record["final"]["distortion"] for record in records)
            elif aim == "agreement":
                values[aim] = agreement_of(folders)
            elif (name := aim.split("/")[1]) in refused:
                return Failure(reason=f"{name}: {refused[name]}", members=members)
        values = {name: float(f"{values[name]:.9g}") for name in self._section.values}
        return Evaluation(values=values, members=members)


def _members(records: Sequence[Record]) -> tuple[dict[str, str], ...]:
    return tuple({"name": r["name"], "key": r["key"], "record": digest_of_json(r)} for r in records)


if __name__ == "__main__":
    run_stage(make_study, kind="study", about=__doc__ or "")

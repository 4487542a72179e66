"""`python -m toolkit.stages.study NAME`: Optuna proposes, an ensemble of seeds answers."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import fmean

from toolkit.config import Params, Study, trial_members
from toolkit.config.space import Parameters
from toolkit.data import PreparedData, read_prepared
from toolkit.files import digest_of_json
from toolkit.stages.agreement import agreement_of
from toolkit.stages.command import run_stage
from toolkit.stages.lock import alone
from toolkit.stages.members import (
    Job,
    Record,
    job_for,
    make_members,
    member_folder,
    remove_undeclared,
    training_digest,
)
from toolkit.stages.tracking import track
from toolkit.studies.records import FILE, Evaluation, Failure, Outcome, read_study
from toolkit.studies.run import Finished, run_study
from toolkit.studies.settings import StudySettings
from toolkit.training.settings import SCHEMA
from toolkit.workspace import Workspace


def make_study(workspace: Workspace, params: Params, name: str) -> None:
    """Bring a study to its number of trials, and show it in Optuna and MLflow."""
    section, folder = params.studies[name], workspace.study(name)
    with alone(workspace.lock(f"study-{name}"), f"study {name}"):
        data = read_prepared(workspace.data(section.data), mapped=True)
        settings = study_settings(section, name, training_digest(data))
        trainer = Trainer(workspace, section, name, data, done=_trials_done(folder, settings))
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
        exclude={"training": {"checkpoint_every"}},
    )
    return StudySettings(
        name=name,
        space=section.space,
        sampler=section.sampler.name,
        seed=section.sampler.seed,
        trials=section.trials,
        batch=section.batch,
        evaluation=digest_of_json([SCHEMA, data, evaluation]),
    )


def _trials_done(folder: Path, settings: StudySettings) -> int:
    """How many trials of these settings are on record."""
    if not (folder / FILE).exists():
        return 0
    record = read_study(folder)
    return len(record.trials) if record.digest == settings.digest else 0


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
        self._name = name
        self._data = data
        self.done = done

    def evaluate(self, proposals: Sequence[Parameters]) -> Iterator[Outcome]:
        """Train the members of all proposals side by side, then value each proposal."""
        groups = [
            self._jobs(parameters, trial=self.done + place)
            for place, parameters in enumerate(proposals)
        ]
        numbers = ", ".join(str(self.done + place + 1) for place in range(len(proposals)))
        jobs = [job for group in groups for job in group]
        made = iter(make_members(f"study {self._name}, trial {numbers}", jobs))
        for group in groups:
            yield self._outcome([next(made) for _ in group])

    def _jobs(self, parameters: Parameters, *, trial: int) -> list[Job]:
        section, workspace = self._section, self._workspace
        members = trial_members(
            section,
            parameters,
            data=training_digest(self._data),
            image_shape=self._data.images.image_shape,
        )
        folder, owner = workspace.study(self._name), {"study": self._name, "trial": trial}
        return [
            job_for(workspace, section, member, folder=folder, owner=owner) for member in members
        ]

    def _outcome(self, records: list[Record]) -> Outcome:
        members = tuple(
            {"name": r["name"], "key": r["key"], "record": digest_of_json(r)} for r in records
        )
        failed = next((r for r in records if r["status"] == "failed"), None)
        if failed is not None:
            return Failure(
                reason=f"{failed['name']}: {failed['failure']['reason']}", members=members
            )
        folder = self._workspace.study(self._name)
        values = {
            "distortion": fmean(record["final"]["distortion"] for record in records),
            "agreement": agreement_of([member_folder(folder, r["key"]) for r in records]),
        }
        values = {name: float(f"{value:.9g}") for name, value in values.items()}
        return Evaluation(values=values, members=members)


if __name__ == "__main__":
    run_stage(make_study, kind="study", about=__doc__ or "")

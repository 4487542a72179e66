"""What a training leaves of a member: its files, and its record, which is written last."""

import shutil
from pathlib import Path
from typing import Any

import torch

from toolkit.data import PreparedData
from toolkit.files import digest_of_file, write_csv, write_json
from toolkit.information import channel_information
from toolkit.networks import Autoencoder
from toolkit.pipeline.members.jobs import Job
from toolkit.pipeline.members.pictures import draw_member
from toolkit.pipeline.scores import SCORES_FILE
from toolkit.pipeline.scores.member import NO_SCORES
from toolkit.posteriors import (
    NonFiniteError,
    encode,
    load_posteriors,
    save_posteriors,
)
from toolkit.training import (
    DivergedError,
    Fitted,
    MemberSettings,
    Snapshot,
    evaluate,
    load_member,
    save_weights,
)
from toolkit.training.member import RECORD, RECORD_SCHEMA, WEIGHTS
from toolkit.training.views import factors_of

Record = dict[str, Any]
CURVE = "curve.csv"
POSTERIORS = "posteriors.safetensors"


def course_file(step: int) -> str:
    """Where the posteriors after so many updates lie in a member's folder."""
    return f"course/{step:08d}.safetensors"


def visit_for(job: Job, data: PreparedData) -> Snapshot:
    """Keeps the posteriors at the declared steps beside the checkpoint, until the member is whole.

    They are there before the checkpoint of the same step, so a resumed training lacks none.
    """
    settings = job.member.settings
    probe = torch.from_numpy(data.probe_images).to(settings.dtype) / 255

    def keep(step: int, model: Autoencoder) -> None:
        try:
            answers = encode(model.encode, probe, probe=data.probe.digest)
        except NonFiniteError:
            return  # the member is diverging, and its training will say so
        save_posteriors(_course(job) / course_file(step), answers)

    return Snapshot(steps=frozenset(job.posteriors_at), call=keep)


def write_down(job: Job, data: PreparedData, outcome: Fitted | DivergedError) -> Record:
    """Write a member's files and then its record; what stood in for the training goes."""
    settings = job.member.settings
    if job.folder.exists():
        shutil.rmtree(job.folder)
    try:
        if isinstance(outcome, DivergedError):
            raise outcome
        record = _record(job, data, status="finished", **_results(job, data, outcome))
    except DivergedError as error:
        failure = {"step": error.step, "reason": str(error)}
        record = _record(job, data, status="failed", failure=failure)
    except NonFiniteError as error:
        failure = {"step": settings.steps, "reason": str(error)}
        record = _record(job, data, status="failed", failure=failure)
    write_json(job.folder / RECORD, record)
    shutil.rmtree(_course(job), ignore_errors=True)
    return record


def answer_again(job: Job, data: PreparedData, record: Record) -> Record:
    """Show a trained member another probe set; its new record, written.

    Scores are taken out of it, because some of them look at the posteriors.
    """
    probe_set = {"digest": data.probe.digest, "size": len(data.probe)}
    if record["status"] == "failed":
        answered = {**record, "probe": probe_set}
    else:
        model = load_member(job.folder)
        (job.folder / SCORES_FILE).unlink(missing_ok=True)
        bits, files = _answers(job, data, model)
        kept = {name: told for name, told in record["files"].items() if name != SCORES_FILE}
        answered = {
            **record,
            **NO_SCORES,
            "probe": probe_set,
            "channels": {**record["channels"], "information": bits},
            "files": {**kept, **{name: digest_of_file(job.folder / name) for name in files}},
        }
    write_json(job.folder / RECORD, answered)
    return answered


def _answers(job: Job, data: PreparedData, model: Autoencoder) -> tuple[list[float], list[str]]:
    """The bits of a member's channels, and the files that show what it answers, written."""
    settings = job.member.settings
    probe = torch.from_numpy(data.probe_images).to(settings.dtype) / 255
    answers = encode(model.encode, probe, probe=data.probe.digest)
    bits = channel_information(answers.mean, answers.log_variance)
    save_posteriors(job.folder / POSTERIORS, answers)
    pictures = draw_member(job.folder, model, probe, bits, likelihood=settings.likelihood)
    return [round(value, 9) for value in bits.tolist()], [POSTERIORS, *pictures]


def _course(job: Job) -> Path:
    return job.checkpoint.path.with_name(job.checkpoint.path.name + ".course")


def _results(job: Job, data: PreparedData, fitted: Fitted) -> Record:
    """Everything a trained member tells, its files written."""
    settings, folder = job.member.settings, job.folder
    evaluation = evaluate(
        fitted, settings, data.held_out_rows, factors=factors_of(data.images, data.held_out)
    )
    bits, answered = _answers(job, data, fitted.model)
    save_weights(folder, fitted.model, key=settings.key)
    write_csv(folder / CURVE, fitted.curve)
    course = _keep_course(job)
    files = [WEIGHTS, CURVE, *map(course_file, job.posteriors_at), *answered]
    return {
        "final": _rounded(evaluation.terms),
        "channels": {
            "information": bits,
            "rate": [round(value, 9) for value in evaluation.rates],
        },
        "course": course,
        "files": {name: digest_of_file(folder / name) for name in files},
    }


def _record(job: Job, data: PreparedData, **results: Any) -> Record:  # noqa: ANN401 - JSON
    settings: MemberSettings = job.member.settings
    return {
        "schema": RECORD_SCHEMA,
        "key": settings.key,
        "name": job.member.name,
        "data": job.data_name,
        "ensemble": None,
        "study": None,
        "trial": None,
        **job.owner,
        "settings": settings.as_json(),
        "probe": {"digest": data.probe.digest, "size": len(data.probe)},
        "failure": None,
        "final": {},
        "channels": {"information": [], "rate": []},
        "course": [],
        "files": {},
        **NO_SCORES,
        **results,
    }


def _rounded(numbers: dict[str, float]) -> dict[str, float]:
    return {name: float(f"{value:.9g}") for name, value in numbers.items()}


def _keep_course(job: Job) -> list[Record]:
    """Move the posteriors of declared steps to the member; the bits of its channels at each."""
    told = []
    for step in job.posteriors_at:
        answers = load_posteriors(_course(job) / course_file(step))
        save_posteriors(job.folder / course_file(step), answers)
        bits = channel_information(answers.mean, answers.log_variance)
        told.append({"step": step, "information": [round(value, 9) for value in bits.tolist()]})
    return told

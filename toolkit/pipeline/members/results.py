"""What a training leaves of a member: its files, and its record, which is written last."""

import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import torch
from jaxtyping import Float
from torch import Tensor

from toolkit.data import PreparedData
from toolkit.errors import ToolkitError
from toolkit.files import digest_of_file, write_csv
from toolkit.information import DivergedChannelsError, channel_information
from toolkit.networks import Autoencoder
from toolkit.objectives import BetaVAE, Likelihood
from toolkit.pipeline.members.jobs import Job
from toolkit.pipeline.members.pictures import draw_member
from toolkit.pipeline.scores import without_scores
from toolkit.posteriors import (
    NonFiniteError,
    Posteriors,
    encode,
    load_posteriors,
    save_posteriors,
)
from toolkit.records import (
    ANSWERS,
    Channels,
    Failure,
    MemberRecord,
    TrajectoryPoint,
)
from toolkit.records.names import CURVE, POSTERIORS, SCORES, WEIGHTS, trajectory_file
from toolkit.training import (
    DivergedError,
    Fitted,
    Snapshot,
    evaluate,
    load_member,
    save_weights,
)
from toolkit.training.views import factors_of


def visit_for(job: Job, data: PreparedData) -> Snapshot:
    """Keeps the posteriors at the declared steps beside the checkpoint, until the member is whole.

    They are there before the checkpoint of the same step, so a resumed training lacks none.
    """
    probe = _probe_images(job, data)

    def keep(step: int, model: Autoencoder) -> None:
        try:
            posteriors = encode(model.encode, probe, probe=data.probe.digest)
            channel_information(posteriors.mean, posteriors.log_variance)
        except (NonFiniteError, DivergedChannelsError) as error:
            raise DivergedError(step, str(error)) from error
        save_posteriors(_kept_snapshots(job) / trajectory_file(step), posteriors)

    def kept(step: int) -> bool:
        try:
            posteriors = load_posteriors(_kept_snapshots(job) / trajectory_file(step))
        except ToolkitError:
            return False
        return posteriors.probe == data.probe.digest

    return Snapshot(steps=frozenset(job.posteriors_at), take=keep, kept=kept)


def _kept_snapshots(job: Job) -> Path:
    return job.checkpoint.path.with_name(job.checkpoint.path.name + ".trajectory")


def _probe_images(job: Job, data: PreparedData) -> Float[Tensor, "n c h w"]:
    """The probe images as a member sees them, values in [0, 1]."""
    return torch.from_numpy(data.probe_images).to(job.member.settings.dtype) / 255


def write_down(job: Job, data: PreparedData, outcome: Fitted | DivergedError) -> MemberRecord:
    """Write a member's files and then its record; what stood in for the training goes."""
    if job.folder.exists():
        shutil.rmtree(job.folder)
    record = blank_record(job)
    try:
        if isinstance(outcome, DivergedError):
            raise outcome
        record = _finished_record(job, data, record, outcome)
    except (DivergedError, NonFiniteError, DivergedChannelsError) as error:
        record = _failed(record, job, error)
    record.write(job.folder)
    shutil.rmtree(_kept_snapshots(job), ignore_errors=True)
    return record


def _failed(record: MemberRecord, job: Job, error: Exception) -> MemberRecord:
    step = error.step if isinstance(error, DivergedError) else job.member.settings.steps
    return replace(record, status="failed", failure=Failure(step=step, reason=str(error)))


def blank_record(job: Job) -> MemberRecord:
    """The record of a member of which nothing is known yet but what it is."""
    settings = job.member.settings
    return MemberRecord(
        key=settings.key,
        name=job.member.name,
        data=job.data_name,
        ensemble=job.owner.ensemble,
        study=job.owner.study,
        trial=job.owner.trial,
        settings=settings.as_json(),
        probe=job.probe,
        status="finished",
        failure=None,
        final={},
        channels=Channels(),
        trajectory=(),
        files={},
        scores={},
        scores_undefined={},
        scoring=None,
        scoring_together=None,
        answers=ANSWERS,
    )


def _finished_record(
    job: Job, data: PreparedData, record: MemberRecord, fitted: Fitted
) -> MemberRecord:
    """Everything that a trained member tells, its files written."""
    settings, folder = job.member.settings, job.folder
    evaluation = evaluate(
        fitted, settings, data.held_out_rows, factors=factors_of(data.images, data.held_out)
    )
    probe = _probe_images(job, data)
    posteriors = encode(fitted.model.encode, probe, probe=data.probe.digest)
    bits, answered = write_answers(folder, fitted.model, probe, posteriors, settings.likelihood)
    save_weights(folder, fitted.model, key=settings.key)
    write_csv(folder / CURVE, fitted.curve)
    for step in job.posteriors_at:
        snapshot = load_posteriors(_kept_snapshots(job) / trajectory_file(step))
        save_posteriors(folder / trajectory_file(step), snapshot)
    files = [WEIGHTS, CURVE, *map(trajectory_file, job.posteriors_at), *answered]
    return replace(
        record,
        final=evaluation.terms,
        channels=Channels(information=bits, rate=evaluation.rates),
        trajectory=_trajectory(job),
        files={name: digest_of_file(folder / name) for name in files},
    )


def write_answers(
    folder: Path,
    model: Autoencoder,
    probe: Float[Tensor, "n c h w"],
    posteriors: Posteriors,
    likelihood: Likelihood,
) -> tuple[tuple[float, ...], list[str]]:
    """Write what a member answers and the pictures that show it.

    Arguments:
        folder: of the member.
        model: the member.
        probe: the probe images, values in [0, 1].
        posteriors: what it answers to them.
        likelihood: under which the member was trained.

    Returns:
        the information of each channel, in bits; the names of the files.

    Raises:
        DivergedChannelsError: the numbers have no information, because the member diverged.
    """
    bits = channel_information(posteriors.mean, posteriors.log_variance)
    save_posteriors(folder / POSTERIORS, posteriors)
    pictures = draw_member(folder, model, probe, bits, likelihood=likelihood)
    return tuple(bits.tolist()), [POSTERIORS, *pictures]


def _trajectory(job: Job) -> tuple[TrajectoryPoint, ...]:
    """The bits at each step whose posteriors lie in the member's folder."""
    points = []
    for step in job.posteriors_at:
        kept = load_posteriors(job.folder / trajectory_file(step))
        bits = channel_information(kept.mean, kept.log_variance)
        points.append(TrajectoryPoint(step=step, information=tuple(bits.tolist())))
    return tuple(points)


def answer_again(job: Job, data: PreparedData, record: MemberRecord) -> MemberRecord:
    """Compute again what follows from a trained member's weights; its new record, written.

    For another probe set, or for an older version of answers. Scores are taken out of it, because
    some of them look at the posteriors. Posteriors of the same probe set are kept as they are.
    """
    folder, settings = job.folder, job.member.settings
    answered = replace(without_scores(record), probe=job.probe, answers=ANSWERS)
    if record.finished:
        model = load_member(folder)
        (folder / SCORES).unlink(missing_ok=True)
        try:
            if not record.is_current:
                answered = _evaluated(job, data, answered, model)
            probe = _probe_images(job, data)
            if POSTERIORS in record.files and record.probe == job.probe:
                posteriors = load_posteriors(folder / POSTERIORS)
            else:
                posteriors = encode(model.encode, probe, probe=data.probe.digest)
            bits, names = write_answers(folder, model, probe, posteriors, settings.likelihood)
            answered = replace(
                answered,
                channels=replace(answered.channels, information=bits),
                trajectory=_trajectory(job),
                files={**answered.files, **{name: digest_of_file(folder / name) for name in names}},
            )
        except (DivergedError, NonFiniteError, DivergedChannelsError) as error:
            answered = _failed(blank_record(job), job, error)
    answered.write(folder)
    return answered


def _evaluated(
    job: Job, data: PreparedData, record: MemberRecord, model: Autoencoder
) -> MemberRecord:
    """The record with its evaluation over the held-out split computed again.

    A discriminator is not kept with the weights: terms that need one stand as they were measured.
    """
    settings = job.member.settings
    needs_discriminator = settings.objective.adversary() is not None
    if needs_discriminator:
        settings = replace(settings, objective=BetaVAE(beta=1.0))
    fitted = Fitted(model=model, adversary=None, curve=pd.DataFrame())
    evaluation = evaluate(
        fitted, settings, data.held_out_rows, factors=factors_of(data.images, data.held_out)
    )
    terms = evaluation.terms
    if needs_discriminator:
        terms = {**record.final, "distortion": terms["distortion"], "rate": terms["rate"]}
    return replace(record, final=terms, channels=replace(record.channels, rate=evaluation.rates))

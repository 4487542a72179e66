"""From posteriors to findings: everything a report says is computed here, once."""

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
import torch
from jaxtyping import Int
from torch import Tensor

from toolkit.errors import ToolkitError
from toolkit.information import compare_channels
from toolkit.posteriors import Posteriors
from toolkit.report.findings.build_findings import Compared, assemble
from toolkit.report.records import Findings
from toolkit.report.runs import ComparedRun, FailedMember, admit
from toolkit.structure import default_min_samples, find_structure

Progress = Callable[[int, int], None]


def find(
    runs: Sequence[ComparedRun],
    posteriors: Sequence[Posteriors],
    *,
    labels: Int[Tensor, "n k"] | None,
    factor_names: Sequence[str],
    threshold_bits: float,
    by: Literal["vi", "nmi"],
    min_samples: int | None,
    resamples: int,
    seed: int,
    failed: Sequence[FailedMember] = (),
    progress: Progress | None = None,
) -> Findings:
    """Compare the channels of all runs and keep all that a report needs.

    Arguments:
        runs: in any order; a run whose key was seen already is left out and listed.
        posteriors: for every run what it answered; all to the same probe images.
        labels: known factors of the probe images, a column each, or none.
        factor_names: a name per column of `labels`.
        threshold_bits: channels that tell no more are left out of the structure.
        by: what channels are ordered and grouped by.
        min_samples: how many channels make a dense place for OPTICS; chosen from the number of
            runs if none.
        resamples: groups of images left out in turn, for intervals; one an image at most.
        seed: of the lots that deal images out to groups and draw fewer of them.
        failed: members that a report should say it leaves out.
        progress: called with the number of pairs done and the number of all.

    Raises:
        ToolkitError: fewer than two different runs, different probe images, or factors that do
            not fit their names or the images.
    """
    admitted, copies = admit(runs, posteriors)
    answers = [given for _, given in admitted]
    _check_factors(labels, factor_names, answers[0])
    samples = min_samples if min_samples is not None else default_min_samples(len(answers))
    owner = np.repeat(np.arange(len(answers)), [given.mean.shape[1] for given in answers])
    mean = torch.cat([given.mean for given in answers], dim=1)
    log_variance = torch.cat([given.log_variance for given in answers], dim=1)
    comparison = compare_channels(
        mean, log_variance, labels=labels, threshold_bits=threshold_bits, progress=progress
    )
    structure = find_structure(
        comparison,
        by=by,
        min_samples=samples,
        threshold_bits=threshold_bits,
        members=torch.from_numpy(owner),
    )
    return assemble(
        Compared(
            runs=tuple(run for run, _ in admitted),
            answers=tuple(answers),
            mean=mean,
            log_variance=log_variance,
            owner=owner,
            comparison=comparison,
            structure=structure,
            factor_names=tuple(factor_names),
        ),
        copies=tuple(run.name for run in copies),
        failed=tuple(failed),
        by=by,
        threshold_bits=threshold_bits,
        min_samples=samples,
        resamples=resamples,
        seed=seed,
    )


def _check_factors(
    labels: Int[Tensor, "n k"] | None, factor_names: Sequence[str], answers: Posteriors
) -> None:
    columns = 0 if labels is None else labels.shape[1]
    if columns != len(factor_names):
        raise ToolkitError(
            f"{columns} known factors came with {len(factor_names)} names; "
            "give one name for each column."
        )
    if labels is not None and labels.shape[0] != answers.mean.shape[0]:
        raise ToolkitError(
            f"factors are known of {labels.shape[0]} images, but the runs were shown "
            f"{answers.mean.shape[0]}. Give the factors of the probe images."
        )

"""From posteriors to findings: everything a report says is computed here, once."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from jaxtyping import Int
from torch import Tensor

from toolkit.errors import ToolkitError
from toolkit.information import compare_channels
from toolkit.posteriors import Posteriors
from toolkit.report.findings.build_findings import ComparedChannels, build_findings
from toolkit.report.records import Findings
from toolkit.report.runs import ComparedRun, FailedMember, admit
from toolkit.report.settings import ComparisonSettings
from toolkit.structure import find_structure

Progress = Callable[[int, int], None]


def compare_runs(
    runs: Sequence[ComparedRun],
    posteriors: Sequence[Posteriors],
    *,
    settings: ComparisonSettings,
    labels: Int[Tensor, "n k"] | None = None,
    factor_names: Sequence[str] = (),
    failed: Sequence[FailedMember] = (),
    progress: Progress | None = None,
) -> Findings:
    """Compare the channels of all runs and keep all that a report needs.

    Arguments:
        runs: in any order; a run whose key was seen already is left out and listed.
        posteriors: of every run, all for the same probe images.
        settings: how to compare.
        labels: known factors of the probe images, one column per factor, or None.
        factor_names: one name per column of `labels`.
        failed: members that the report should list as left out.
        progress: called with the number of pairs done and the number of all.

    Raises:
        ToolkitError: fewer than two different runs, different probe images, or factors that do
            not fit their names or the images.
    """
    admitted, copies = admit(runs, posteriors)
    answers = [run_posteriors for _, run_posteriors in admitted]
    columns, images = 0 if labels is None else labels.shape[1], answers[0].mean.shape[0]
    if columns != len(factor_names):
        raise ToolkitError(
            f"{columns} known factors came with {len(factor_names)} names; "
            "give one name for each column."
        )
    if labels is not None and labels.shape[0] != images:
        raise ToolkitError(
            f"factors are known of {labels.shape[0]} images, but the runs were shown {images}. "
            "Give the factors of the probe images."
        )
    widths = [run_posteriors.mean.shape[1] for run_posteriors in answers]
    run_of_channel = np.repeat(np.arange(len(answers)), widths)
    mean = torch.cat([run_posteriors.mean for run_posteriors in answers], dim=1)
    log_variance = torch.cat([run_posteriors.log_variance for run_posteriors in answers], dim=1)
    comparison = compare_channels(
        mean,
        log_variance,
        labels=labels,
        threshold_bits=settings.threshold_bits,
        progress=progress,
    )
    structure = find_structure(
        comparison,
        method=settings.method,
        threshold_bits=settings.threshold_bits,
        members=torch.from_numpy(run_of_channel),
    )
    return build_findings(
        ComparedChannels(
            runs=tuple(run for run, _ in admitted),
            posteriors=tuple(answers),
            mean=mean,
            log_variance=log_variance,
            run_of_channel=run_of_channel,
            comparison=comparison,
            structure=structure,
            labels=labels,
            factor_names=tuple(factor_names),
        ),
        settings,
        copies=tuple(run.name for run in copies),
        failed=tuple(failed),
    )

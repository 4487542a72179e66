"""From posteriors to findings: everything a report says is computed here, once."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Literal

import numpy as np
import torch
from jaxtyping import Int
from torch import Tensor

from toolkit.errors import ToolkitError
from toolkit.information import ChannelComparison, compare_channels, cross_run_agreement
from toolkit.posteriors import Posteriors
from toolkit.report.findings.channels import channels_of, hot_spots_of, summaries_of
from toolkit.report.findings.curves import find_curves
from toolkit.report.records import Findings
from toolkit.report.runs import ComparedRun, admit
from toolkit.structure import Structure, default_min_samples, find_structure

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
    comparison = _comparison(answers, labels, threshold_bits, progress)
    structure = find_structure(
        comparison,
        by=by,
        min_samples=samples,
        threshold_bits=threshold_bits,
        members=torch.from_numpy(owner),
    )
    return _assemble(
        comparison,
        structure,
        owner,
        runs=tuple(run for run, _ in admitted),
        copies=tuple(run.name for run in copies),
        probe=answers[0].probe,
        factor_names=tuple(factor_names),
        by=by,
        threshold_bits=threshold_bits,
        min_samples=samples,
    )


def _comparison(
    answers: Sequence[Posteriors],
    labels: Int[Tensor, "n k"] | None,
    threshold_bits: float,
    progress: Progress | None,
) -> ChannelComparison:
    return compare_channels(
        torch.cat([given.mean for given in answers], dim=1),
        torch.cat([given.log_variance for given in answers], dim=1),
        labels=labels,
        threshold_bits=threshold_bits,
        progress=progress,
    )


def _assemble(
    comparison: ChannelComparison,
    structure: Structure,
    owner: Int[np.ndarray, " c"],
    *,
    runs: tuple[ComparedRun, ...],
    copies: tuple[str, ...],
    probe: str,
    factor_names: tuple[str, ...],
    by: str,
    threshold_bits: float,
    min_samples: int,
) -> Findings:
    spots = hot_spots_of(comparison, structure, owner, factor_names)
    channels = channels_of(comparison, structure, spots, owner, factor_names)
    summaries = summaries_of(comparison, channels, owner)
    agreement = partial(_agreement, comparison, owner, threshold_bits)
    return Findings(
        runs=runs,
        copies=copies,
        images=comparison.images,
        probe=probe,
        factor_names=factor_names,
        factor_bits=tuple(comparison.label_information.tolist()),
        comparison=comparison,
        structure=structure,
        channels=channels,
        hot_spots=spots,
        summaries=summaries,
        curves=find_curves(runs, summaries, agreement=agreement),
        agreement=agreement(tuple(range(len(runs)))),
        by=by,
        threshold_bits=threshold_bits,
        min_samples=min_samples,
    )


def _agreement(
    comparison: ChannelComparison,
    owner: Int[np.ndarray, " c"],
    threshold_bits: float,
    runs: tuple[int, ...],
) -> float:
    """Of some of the runs with one another."""
    inside = torch.from_numpy(np.isin(owner, runs))
    return cross_run_agreement(
        comparison.information[inside],
        comparison.nmi[inside][:, inside],
        torch.from_numpy(owner)[inside],
        threshold_bits=threshold_bits,
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

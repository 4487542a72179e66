"""Scores that members have together, as how far other seeds find the same channels; and means.

A group is all finished members that differ in nothing but their seed. What a member scores among
the others stands in its own record, and is computed again when the group changes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import TypeVar

import numpy as np
import torch

from toolkit.disentanglement import SCORES, Protocol, Takes
from toolkit.errors import ToolkitError
from toolkit.files import canonical_json, digest_of_json
from toolkit.information import compare_channels
from toolkit.posteriors import load_posteriors
from toolkit.records import MemberRecord, rounded
from toolkit.records.names import POSTERIORS

T = TypeVar("T")
Values = dict[str, float]
Refused = dict[str, str]


def mean_scores(scores: Sequence[Mapping[str, float]]) -> Values:
    """The mean of every value over those that have it, by name.

    >>> mean_scores([{"mig/mig": 0.25}, {"mig/mig": 0.5, "sap/sap": 0.125}])
    {'mig/mig': 0.375, 'sap/sap': 0.125}
    """
    names = sorted({name for values in scores for name in values})
    return {
        name: rounded(fmean(values[name] for values in scores if name in values)) for name in names
    }


def undefined_of(records: Sequence[MemberRecord]) -> Refused:
    """For each score that some members lack, how many, and the first reason."""
    refused: Refused = {}
    for name in sorted({name for record in records for name in record.scores_undefined}):
        lacking = [record for record in records if name in record.scores_undefined]
        first = lacking[0]
        refused[name] = (
            f"{len(lacking)} of {len(records)} members lack it; {first.name}: "
            f"{first.scores_undefined[name]}"
        )
    return refused


def without_seed(records: Iterable[MemberRecord]) -> dict[str, list[MemberRecord]]:
    """Finished members that differ in nothing but their seed, by the rest of their name."""
    groups: dict[str, list[MemberRecord]] = {}
    for record in records:
        if record.finished:
            settings = {name: v for name, v in record.settings.items() if name != "seed"}
            groups.setdefault(canonical_json(settings), []).append(record)
    return {
        group[0].name.removesuffix(f" seed={group[0].seed}"): group for group in groups.values()
    }


def score_together(
    folders: Sequence[Path], records: Sequence[MemberRecord], protocol: Protocol | None
) -> list[MemberRecord]:
    """Bring the scores that members have together up to date; their records, written.

    Arguments:
        folders: of the members.
        records: of the members, in the same order.
        protocol: what is declared; scores of single members are passed over.
    """
    folder_of = {record.key: folder for record, folder in zip(records, folders, strict=True)}
    wanted = None if protocol is None or not protocol.of_groups.scores else protocol.of_groups
    changed: dict[str, MemberRecord] = {}
    for group in without_seed({record.key: record for record in records}.values()).values():
        members = [[record.key, record.files[POSTERIORS]] for record in group]
        digest = None if wanted is None else digest_of_json([wanted.to_json(), members])
        if all(record.scoring_together == digest for record in group):
            continue
        values: list[Values] = [{} for _ in group]
        refused: Refused = {}
        if wanted is not None:
            group_folders = [folder_of[record.key] for record in group]
            rates = [np.array(record.channels.rate) for record in group]
            values, refused = scores_of_group(group_folders, rates, wanted)
        for record, added in zip(group, values, strict=True):
            scored = replace(
                record,
                scores=_of_single_members(record.scores) | added,
                scores_undefined=_of_single_members(record.scores_undefined) | refused,
                scoring_together=digest,
            )
            scored.write(folder_of[record.key])
            changed[record.key] = scored
    return [changed.get(record.key, record) for record in records]


def _of_single_members(named: Mapping[str, T]) -> dict[str, T]:
    """Without what members have together."""
    return {
        name: value
        for name, value in named.items()
        if Takes.MEMBERS not in SCORES[name.partition("/")[0]].takes
    }


def scores_of_group(
    folders: Sequence[Path], rates: Sequence[np.ndarray], protocol: Protocol
) -> tuple[list[Values], Refused]:
    """For each member its values; for scores that are undefined the sentence why.

    Arguments:
        folders: of the members, with their posteriors.
        rates: nats of each channel, (d,), of each member.
        protocol: of scores that only several members have.
    """
    posteriors = [load_posteriors(folder / POSTERIORS) for folder in folders]
    codes = [found.mean.double().numpy() for found in posteriors]
    values: list[Values] = [{} for _ in folders]
    refused: Refused = {}
    for name, settings in sorted(protocol.scores.items()):
        inputs: dict[str, object] = {"rates": rates}
        if Takes.NMI in SCORES[name].takes:
            inputs["nmi"] = compare_channels(
                torch.cat([found.mean for found in posteriors], dim=1),
                torch.cat([found.log_variance for found in posteriors], dim=1),
            ).nmi.numpy()
        try:
            result = SCORES[name].compute(codes, None, settings, seed=protocol.seed, **inputs)
        except ToolkitError as error:
            refused[name] = str(error)
            continue
        for value, numbers in result.per_channel.items():  # one for each member
            for of_member, number in zip(values, numbers.tolist(), strict=True):
                of_member[f"{name}/{value}"] = rounded(number)
    return values, refused

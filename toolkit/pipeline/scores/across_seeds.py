"""Scores that members have together, as how far other seeds find the same channels; and means.

A group is all finished members that differ in nothing but their seed. What a member scores among
the others stands in its own record, and is computed again when the group changes.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
import torch

from toolkit.disentanglement import SCORES, Protocol
from toolkit.errors import ToolkitError
from toolkit.files import canonical_json, digest_of_json, write_json
from toolkit.information import compare_channels
from toolkit.posteriors import Posteriors, load_posteriors
from toolkit.training.member import RECORD

Record = dict[str, Any]
Values = dict[str, float]
Refused = dict[str, str]
POSTERIORS = "posteriors.safetensors"


def mean_scores(scores: Sequence[Mapping[str, float]]) -> Values:
    """The mean of every value over those that have it, by name.

    >>> mean_scores([{"mig/mig": 0.25}, {"mig/mig": 0.5, "sap/sap": 0.125}])
    {'mig/mig': 0.375, 'sap/sap': 0.125}
    """
    names = sorted({name for each in scores for name in each})
    return {name: _short(fmean(each[name] for each in scores if name in each)) for name in names}


def undefined_of(records: Sequence[Record]) -> Refused:
    """For each score that some members lack, how many, and the first reason."""
    refused: Refused = {}
    for name in sorted({name for record in records for name in record["scores_undefined"]}):
        lacking = [record for record in records if name in record["scores_undefined"]]
        first = lacking[0]
        refused[name] = (
            f"{len(lacking)} of {len(records)} members lack it; {first['name']}: "
            f"{first['scores_undefined'][name]}"
        )
    return refused


def without_seed(records: Iterable[Record]) -> dict[str, list[Record]]:
    """Finished members that differ in nothing but their seed, by the rest of their name."""
    groups: dict[str, list[Record]] = {}
    for record in records:
        if record["status"] == "finished":
            settings = {name: v for name, v in record["settings"].items() if name != "seed"}
            groups.setdefault(canonical_json(settings), []).append(record)
    return {_common_name(group): group for group in groups.values()}


def _common_name(group: Sequence[Record]) -> str:
    name: str = group[0]["name"]
    return name.removesuffix(f" seed={group[0]['settings']['seed']}")


def score_together(
    folders: Sequence[Path], records: Sequence[Record], protocol: Protocol | None
) -> list[Record]:
    """Bring the scores that members have together up to date; their records, written.

    Arguments:
        folders: of the members.
        records: of the members, in the same order.
        protocol: what is declared; scores of single members are passed over.
    """
    place = {record["key"]: folder for record, folder in zip(records, folders, strict=True)}
    wanted = None if protocol is None else protocol.of_groups
    changed: dict[str, Record] = {}
    for group in without_seed({record["key"]: record for record in records}.values()).values():
        for record in _scored(group, place, wanted if wanted and wanted.scores else None):
            write_json(place[record["key"]] / RECORD, record)
            changed[record["key"]] = record
    return [changed.get(record["key"], record) for record in records]


def _scored(
    group: list[Record], place: Mapping[str, Path], wanted: Protocol | None
) -> list[Record]:
    """The new records of a group, or none where they are up to date."""
    told = [[record["key"], record["files"][POSTERIORS]] for record in group]
    digest = None if wanted is None else digest_of_json([wanted.record(), told])
    if all(record["scoring_together"] == digest for record in group):
        return []
    values, refused = _computed(group, [place[record["key"]] for record in group], wanted)
    return [
        {
            **record,
            "scores": _own(record["scores"]) | each,
            "scores_undefined": _own(record["scores_undefined"]) | refused,
            "scoring_together": digest,
        }
        for record, each in zip(group, values, strict=True)
    ]


def _own(named: Mapping[str, Any]) -> dict[str, Any]:
    """Without what members have together."""
    return {
        name: value
        for name, value in named.items()
        if "models" not in SCORES[name.partition("/")[0]].needs
    }


def _computed(
    group: Sequence[Record], folders: Sequence[Path], wanted: Protocol | None
) -> tuple[list[Values], Refused]:
    """For each member its values; for scores that are undefined the sentence why."""
    values: list[Values] = [{} for _ in group]
    refused: Refused = {}
    if wanted is None:
        return values, refused
    answers = [load_posteriors(folder / POSTERIORS) for folder in folders]
    codes = [answer.mean.double().numpy() for answer in answers]
    rates = [np.array(record["channels"]["rate"]) for record in group]
    for name, options in sorted(wanted.scores.items()):
        more = {"nmi": _nmi(answers)} if "nmi" in SCORES[name].needs else {}
        try:
            result = SCORES[name].compute(
                codes, None, seed=wanted.seed, rates=rates, **more, **options
            )
        except ToolkitError as error:
            refused[name] = str(error)
            continue
        for value, numbers in result.per_channel.items():  # one for each member
            for each, number in zip(values, numbers.tolist(), strict=True):
                each[f"{name}/{value}"] = _short(number)
    return values, refused


def _nmi(answers: Sequence[Posteriors]) -> np.ndarray:
    found = compare_channels(
        torch.cat([answer.mean for answer in answers], dim=1),
        torch.cat([answer.log_variance for answer in answers], dim=1),
    )
    return found.nmi.numpy()


def _short(value: float) -> float:
    return float(f"{value:.9g}")

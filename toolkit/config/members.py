"""The members that a section of params.yaml declares, in one fixed order.

Stages ask here which members there are; they never list a folder.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from toolkit.analyses import ANALYSES, Analysis
from toolkit.config.row_models import record_of, schedule_of, values_of
from toolkit.config.sections import Ensemble, Study, Training
from toolkit.networks import NETWORKS, Network
from toolkit.networks.autoencoder import ImageShape
from toolkit.objectives import LIKELIHOODS, OBJECTIVES, Objective, Schedule, schedule_as_json
from toolkit.training import MemberSettings


@dataclass(frozen=True, kw_only=True)
class Member:
    """A member before it is trained: the weights that set it apart, its seed, its settings."""

    weights: Mapping[str, Any]
    settings: MemberSettings

    @property
    def name(self) -> str:
        """What people call it: "beta=4 seed=0"."""
        words = [f"{name}={_word(value)}" for name, value in self.weights.items()]
        return " ".join([*words, f"seed={self.settings.seed}"])


def declared_members(
    ensemble: Ensemble, *, data: str, image_shape: ImageShape
) -> tuple[Member, ...]:
    """Every point of the grid under every seed: weights in declared order, seeds fastest.

    Arguments:
        ensemble: the section.
        data: digest of the training images.
        image_shape: of the data set.
    """
    rows = {
        name: [schedule_of(value) for value in values]
        for name, values in ensemble.objective
        if name != "name"
    }
    varied = [name for name, values in rows.items() if len(values) > 1]
    points = [dict(zip(rows, values, strict=True)) for values in itertools.product(*rows.values())]
    objectives = [OBJECTIVES[ensemble.objective.name](**point) for point in points]
    declared = [name for name in rows if name in ensemble.objective.model_fields_set]
    shown = varied or (declared or list(rows))[:1]
    return tuple(
        _member(ensemble, objective, {name: point[name] for name in shown}, seed, data, image_shape)
        for point, objective in zip(points, objectives, strict=True)
        for seed in ensemble.seeds
    )


def trial_members(
    study: Study, parameters: Mapping[str, Any], *, data: str, image_shape: ImageShape
) -> tuple[Member, ...]:
    """The ensemble that is one trial: the proposed weights under every seed."""
    numbers = {**values_of(study.objective), **parameters}
    kind = OBJECTIVES[study.objective.name]
    return tuple(
        _member(study, kind(**numbers), parameters, seed, data, image_shape) for seed in study.seeds
    )


def declared_analysis(row: BaseModel) -> tuple[Analysis, Any]:
    """Which analysis a row under `analyses` is, and its settings."""
    analysis = ANALYSES[dict(row)["name"]]
    return analysis, record_of(analysis.settings, row)


def _member(
    section: Ensemble | Study,
    objective: Objective,
    weights: Mapping[str, Any],
    seed: int,
    data: str,
    image_shape: ImageShape,
) -> Member:
    training: Training = section.training
    settings = MemberSettings(
        data=data,
        image_shape=image_shape,
        network=_network(section.network),
        objective=objective,
        likelihood=LIKELIHOODS[training.likelihood.name](**values_of(training.likelihood)),
        learning_rate=training.learning_rate,
        steps=training.steps,
        batch_size=training.batch_size,
        precision=training.precision,
        seed=seed,
    )
    return Member(weights=weights, settings=settings)


def _word(value: int | float | str | Schedule) -> str:
    """A setting as part of a name: 4, mss, yes, linear(0,4,1000)."""
    if isinstance(value, Schedule):
        kind, *settings = schedule_as_json(value).values()
        return f"{kind}({','.join(_word(each) for each in settings)})"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else f"{value:g}"


def _network(row: BaseModel) -> Network:
    numbers = dict(row)
    return NETWORKS[numbers.pop("name")](**numbers)

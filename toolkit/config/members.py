"""The members that a section of params.yaml declares, in one fixed order.

Stages ask here which members there are; they never list a folder.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from toolkit.analyses import ANALYSES, Analysis
from toolkit.config.sections import Ensemble, Study, Training
from toolkit.networks import NETWORKS
from toolkit.networks.autoencoder import ImageShape
from toolkit.objectives import LIKELIHOODS, OBJECTIVES, SCHEDULES, Objective, Schedule
from toolkit.tables import from_json, to_json
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
    axes = ensemble.objective.model_dump(exclude={"name"})
    varied = [name for name, values in axes.items() if len(values) > 1]
    declared = [name for name in axes if name in ensemble.objective.model_fields_set]
    shown = varied or (declared or list(axes))[:1]
    row = {"name": ensemble.objective.name}
    objectives = [
        from_json("objective", OBJECTIVES, row | dict(zip(axes, values, strict=True)))
        for values in itertools.product(*axes.values())
    ]
    return tuple(
        _member(
            ensemble,
            objective,
            {name: getattr(objective, name) for name in shown},
            seed,
            data,
            image_shape,
        )
        for objective in objectives
        for seed in ensemble.seeds
    )


def trial_members(
    study: Study, parameters: Mapping[str, Any], *, data: str, image_shape: ImageShape
) -> tuple[Member, ...]:
    """The ensemble that is one trial: the proposed weights under every seed."""
    row = study.objective.model_dump() | dict(parameters)
    objective = from_json("objective", OBJECTIVES, row)
    return tuple(
        _member(study, objective, parameters, seed, data, image_shape) for seed in study.seeds
    )


def declared_analysis(row: BaseModel) -> tuple[Analysis, Any]:
    """Which analysis a row under `analyses` is, and its settings."""
    analysis = ANALYSES[dict(row)["name"]]
    settings = {name: kind.settings for name, kind in ANALYSES.items()}
    return analysis, from_json("analysis", settings, row.model_dump())


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
        network=from_json("network", NETWORKS, section.network.model_dump()),
        objective=objective,
        likelihood=from_json("likelihood", LIKELIHOODS, training.likelihood.model_dump()),
        learning_rate=training.learning_rate,
        steps=training.steps,
        batch_size=training.batch_size,
        precision=training.precision,
        seed=seed,
    )
    return Member(weights=weights, settings=settings)


def _word(value: object) -> str:
    """A setting as part of a name: 4, mss, yes, linear(0,4,1000)."""
    if isinstance(value, Schedule):
        kind, *settings = to_json(SCHEDULES, value, tag="schedule").values()
        return f"{kind}({','.join(_word(setting) for setting in settings)})"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, int | float) else str(value)

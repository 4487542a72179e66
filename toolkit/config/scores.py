"""The `scores` of an ensemble or study: which are computed of its members, and by which protocol.

scores: {preset: locatello2019, names: [mig_sup], train: 1000, test: 500, seed: 0,
         options: {mig: {bins: 10}}}
"""

from typing import Annotated, Any

from pydantic import BaseModel, Field, field_validator, model_validator

from toolkit.config.row_models import STRICT, name_in
from toolkit.disentanglement import PRESETS, SCORES, Protocol, score_settings


class Scores(BaseModel):
    """Scores by name, by preset, or both; a preset also gives the number of images and options.

    `options` go to single scores, over those of the preset. They and the numbers are part of what
    is declared, so that a table of scores is never without its protocol.
    """

    model_config = STRICT

    names: list[Annotated[str, name_in("score", SCORES)]] = []
    preset: Annotated[str, name_in("preset", PRESETS)] | None = None
    train: Annotated[int, Field(ge=1)] | None = None
    test: Annotated[int, Field(ge=0)] | None = None
    options: dict[str, dict[str, Any]] = {}
    seed: Annotated[int, Field(ge=0, lt=2**32)]

    @field_validator("names")
    @classmethod
    def _once_each(cls, names: list[str]) -> list[str]:
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"{twice[0]} is listed twice. Give each score once")
        return names

    @model_validator(mode="after")
    def _something_of_some_images(self) -> "Scores":
        if not self.names and self.preset is None:
            raise ValueError("no score is named. Give `names`, a `preset`, or both")
        if self.preset is None and (self.train is None or self.test is None):
            raise ValueError(
                "the number of images is not known. Give `train` and `test`, or a `preset` "
                "that has them"
            )
        return self

    def protocol(self) -> Protocol:
        """What is to be computed, nothing left open.

        Raises:
            ToolkitError: an option is unknown, or has an impossible value.
        """
        preset = None if self.preset is None else PRESETS[self.preset]
        published = {} if preset is None else preset.scores
        names = [*published, *(name for name in self.names if name not in published)]
        train, test = (0, 0) if preset is None else (preset.train, preset.test)
        scores = {}
        for name in names:
            defaults = published[name].to_json() if name in published else {}
            scores[name] = score_settings(name, **{**defaults, **self.options.get(name, {})})
        return Protocol(
            scores=scores,
            train=train if self.train is None else self.train,
            test=test if self.test is None else self.test,
            seed=self.seed,
        )


def declared(section: Scores | None) -> Protocol | None:
    """The protocol of a section that may be absent."""
    return None if section is None else section.protocol()

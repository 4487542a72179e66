"""The `scores` of an ensemble or study: which are computed of its members, and by which protocol.

scores: {preset: locatello2019, names: [mig_sup], train: 1000, test: 500, seed: 0,
         options: {mig: {bins: 10}}}
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, Field, field_validator, model_validator

from toolkit.config.row_models import STRICT, name_in
from toolkit.disentanglement import PRESETS, SCORES

SCHEMA = "scores/1"  # raise it when a score's meaning changes: all are then computed again


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """Scores with all that decides their values but the member and the data.

    Arguments:
        scores: options of each score by name.
        train, test: images drawn to learn from, and further ones to be asked about.
        seed: of all draws.
    """

    scores: Mapping[str, Mapping[str, Any]]
    train: int
    test: int
    seed: int

    def record(self) -> dict[str, Any]:
        """The same as JSON.

        >>> Protocol(scores={"mig": {}}, train=10, test=0, seed=1).record()["scores"]
        {'mig': {}}
        """
        return {
            "schema": SCHEMA,
            "scores": {name: dict(options) for name, options in sorted(self.scores.items())},
            "train": self.train,
            "test": self.test,
            "seed": self.seed,
        }

    def only(self, names: set[str]) -> "Protocol":
        """The same protocol for fewer scores."""
        kept = {name: options for name, options in self.scores.items() if name in names}
        return Protocol(scores=kept, train=self.train, test=self.test, seed=self.seed)

    @property
    def of_members(self) -> "Protocol":
        """Of scores that one member has by itself."""
        return self.only({name for name in self.scores if "models" not in SCORES[name].needs})

    @property
    def of_groups(self) -> "Protocol":
        """Of scores that only several members have together."""
        return self.only({name for name in self.scores if "models" in SCORES[name].needs})


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
            raise ValueError(f"{twice[0]} is there twice. Give each score once")
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
        """What is to be computed, nothing left open."""
        preset = None if self.preset is None else PRESETS[self.preset]
        published = {} if preset is None else preset.scores
        names = [*published, *(name for name in self.names if name not in published)]
        train, test = (0, 0) if preset is None else (preset.train, preset.test)
        return Protocol(
            scores={n: {**published.get(n, {}), **self.options.get(n, {})} for n in names},
            train=train if self.train is None else self.train,
            test=test if self.test is None else self.test,
            seed=self.seed,
        )


def declared(section: Scores | None) -> Protocol | None:
    """The protocol of a section that may be absent."""
    return None if section is None else section.protocol()

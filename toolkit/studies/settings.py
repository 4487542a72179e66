"""What a study is asked to do: its space, its objectives, its sampler, how many trials."""

from dataclasses import dataclass
from typing import Annotated, Any

from annotated_types import Ge, MinLen

from toolkit.config.space import Choices, Range, Space, space_digest, space_record
from toolkit.config.targets import DEFAULT_VALUES, TARGETS
from toolkit.errors import ToolkitError
from toolkit.files import digest_of_json
from toolkit.records import StudyRecord, Target

DEFAULT_TARGETS = tuple(Target(name=name, direction=TARGETS[name]) for name in DEFAULT_VALUES)


@dataclass(frozen=True, kw_only=True)
class StudySettings:
    """All that decides a study's trials, and how many of them are wanted.

    `evaluation` is a digest of whatever else decides a trial's values (data, network, seeds,
    steps); a study whose settings differ in anything but `trials` is another study.
    """

    name: Annotated[str, MinLen(1)]
    space: Space
    sampler: str
    seed: Annotated[int, Ge(0)]
    trials: Annotated[int, Ge(1)]
    batch: Annotated[int, Ge(1)]
    evaluation: str
    objectives: tuple[Target, ...] = DEFAULT_TARGETS

    def __post_init__(self) -> None:
        if not self.space:
            raise ToolkitError(
                f"study {self.name!r} has nothing to choose from. "
                "Give its space a range or a list of choices."
            )
        for name, least in (("trials", 1), ("batch", 1), ("seed", 0)):
            if getattr(self, name) < least:
                raise ToolkitError(
                    f"study {self.name!r} has `{name}: {getattr(self, name)}`. "
                    f"Give a whole number of {least} or more."
                )

    @property
    def digest(self) -> str:
        """SHA-256 of everything but the number of trials."""
        return digest_of_json(self.record())

    @property
    def storage_name(self) -> str:
        """The study's name in Optuna, where a name cannot change its space."""
        return f"{self.name}-{space_digest(self.space)[:8]}"

    def record(self) -> dict[str, Any]:
        """The settings as JSON, without the number of trials."""
        return {
            "name": self.name,
            "space": space_record(self.space),
            "sampler": {"name": self.sampler, "seed": self.seed, "batch": self.batch},
            "evaluation": self.evaluation,
            "objectives": [{"name": o.name, "direction": o.direction} for o in self.objectives],
        }


def settings_of(record: StudyRecord, *, trials: int) -> StudySettings:
    """The settings that a study's record was begun with, asking for a number of trials."""
    space: dict[str, Range | Choices] = {}
    for name, axis in record.space.items():
        values: Any = axis
        space[name] = (
            Choices(choices=tuple(values["choices"])) if "choices" in values else Range(**values)
        )
    sampler: Any = record.sampler
    return StudySettings(
        name=record.name,
        space=space,
        sampler=sampler["name"],
        seed=sampler["seed"],
        batch=sampler["batch"],
        trials=trials,
        evaluation=record.evaluation,
        objectives=record.objectives,
    )

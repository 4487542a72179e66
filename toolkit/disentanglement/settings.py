"""Settings of scores: frozen records that are held to the limits in their annotations."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, get_type_hints

from pydantic import ConfigDict, TypeAdapter, ValidationError

from toolkit.errors import ToolkitError

STRICT = ConfigDict(strict=True, allow_inf_nan=False)
_ADAPTERS: dict[tuple[type, str], TypeAdapter[Any]] = {}


@dataclass(frozen=True, kw_only=True)
class ScoreSettings:
    """Settings of a score that has none, and the base of all others.

    A field is an option in params.yaml; its annotation holds its limits, its default the value
    of the score's own publication.

    Raises:
        ToolkitError: a value is outside the limits of its annotation.
    """

    def __post_init__(self) -> None:
        for option in self.options():
            value = getattr(self, option)
            reason = self.refusal(option, value)
            if reason is not None:
                raise ToolkitError(f"`{option}` is {value!r}; it {reason}.")

    @classmethod
    def options(cls) -> list[str]:
        """Names of the fields, in order.

        >>> ScoreSettings.options()
        []
        """
        return [field.name for field in fields(cls)]

    @classmethod
    def refusal(cls, option: str, value: object) -> str | None:
        """Why an option cannot have a value, as the rest of a sentence; None where it can."""
        try:
            cls._checked(option, value)
        except ValidationError as error:
            return error.errors()[0]["msg"].removeprefix("Input ")
        return None

    @classmethod
    def _checked(cls, option: str, value: object) -> object:
        """The value, as its annotation has it: a whole number where a float is meant is one."""
        adapter = _ADAPTERS.get((cls, option))
        if adapter is None:
            hint = get_type_hints(cls, include_extras=True)[option]
            adapter = _ADAPTERS.setdefault((cls, option), TypeAdapter(hint, config=STRICT))
        return adapter.validate_python(value)

    @classmethod
    def from_json(cls, value: Mapping[str, object]) -> "ScoreSettings":
        """Settings from options as JSON or YAML hold them: lists stand for tuples."""
        return cls(
            **{
                option: tuple(part) if isinstance(part, list) else part
                for option, part in value.items()
            }
        )

    def to_json(self) -> dict[str, object]:
        """Every option with its value, as JSON holds them.

        >>> ScoreSettings().to_json()
        {}
        """
        values = {option: self._checked(option, getattr(self, option)) for option in self.options()}
        return {
            option: list(value) if isinstance(value, tuple) else value
            for option, value in values.items()
        }


NONE = ScoreSettings()

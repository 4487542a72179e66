"""A row of the table of data sets: how to read one, and what a person wants to know of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Protocol, get_type_hints

from pydantic import TypeAdapter, ValidationError

from toolkit.data.images import ImageSet
from toolkit.errors import ToolkitError, UnknownNameError


@dataclass(frozen=True, kw_only=True)
class ExpectedFile:
    """A file as its publisher ships it.

    Arguments:
        name: of the file.
        size: in bytes, where it is known.
        sha256: digest, where the publisher or a catalogue that keeps a copy states one.
        urls: addresses, the publisher's or safest first; others give the same bytes.
    """

    name: str
    size: int | None = None
    sha256: str | None = None
    urls: tuple[str, ...] = ()


class ImageGrid(Protocol):
    """Images that are known in number and shape before they are drawn."""

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Channels, height, width."""
        ...

    def __len__(self) -> int: ...


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a data set comes from, and the function that turns it into an `ImageSet`.

    Arguments:
        load: from the folder with the publisher's files (procedural sets do not look at it) and a
            record of options to the images.
        options: the frozen dataclass of those options, constraints in its annotations.
        about: one sentence.
        licence: a note, not legal advice.
        home: the publisher's page.
        files: what has to lie in the folder; empty when images are computed.
        factors: names and sizes with the options left at their defaults, in canonical order;
            empty when unknown.
        image_shape: channels, height, width with the options left at their defaults.
        grid: of a computed set, from its options to the grid of its images, none of them drawn.
    """

    load: Callable[[Path, Any], ImageSet]
    options: type
    about: str
    licence: str
    home: str
    files: tuple[ExpectedFile, ...] = ()
    factors: tuple[tuple[str, int], ...] = ()
    image_shape: tuple[int, int, int] | None = None
    grid: Callable[[Any], ImageGrid] | None = None

    @property
    def procedural(self) -> bool:
        """Whether the images are computed, so that no file is needed."""
        return not self.files


def build_options(source: Source, name: str, settings: Mapping[str, object]) -> Any:  # noqa: ANN401
    """The options record of a data set from plain values; every name and number is checked."""
    known = [field.name for field in fields(source.options)]
    for key in settings:
        if key not in known:
            raise UnknownNameError(f"option of data set {name}", key, known)
    hints = get_type_hints(source.options, include_extras=True)
    values: dict[str, object] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in settings.items()
    }
    for key, value in values.items():
        try:
            values[key] = TypeAdapter(hints[key]).validate_python(value, strict=True)
        except ValidationError as error:
            reason = "; ".join(item["msg"] for item in error.errors())
            raise ToolkitError(
                f"data set {name} cannot be made with {key} = {value!r}: {reason}."
            ) from error
    return source.options(**values)

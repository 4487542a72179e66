"""What all records have in common: a file, a schema, a digest, and one reader."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, TypeVar

from toolkit.errors import ToolkitError
from toolkit.files import digest_of_json, unreadable, write_json
from toolkit.records.parts import FieldError, Part, part_from_json

JsonObject = Mapping[str, object]  # settings as they stand in JSON; typed on floors above
Upgrade = Callable[[dict[str, object]], dict[str, object]]
R = TypeVar("R", bound="Record")
T = TypeVar("T")
MAKE_AGAIN = "Run `dvc repro` to make it again."
DIGEST = "digest"  # of a record in its own file


@dataclass(frozen=True, kw_only=True)
class Record(Part):
    """A record with a file of its own.

    The file also states the digest of the record, by which a number that was changed in it is seen;
    unless another record, that of its owner, states it already.
    """

    FILE: ClassVar[str]
    SCHEMA: ClassVar[str]
    UPGRADES: ClassVar[Mapping[str, Upgrade]] = {}  # from the schemas of earlier versions
    REMEDY: ClassVar[str] = MAKE_AGAIN  # for one that is damaged

    def to_json(self) -> dict[str, object]:
        """The schema and the fields as JSON holds them; `from_json` reads them back."""
        return {"schema": self.SCHEMA, **super().to_json()}

    @property
    def digest(self) -> str:
        """SHA-256 of the JSON form: 64 hexadecimal digits."""
        return digest_of_json(self.to_json())

    @property
    def has_owner(self) -> bool:
        """Whether the record of an owner states the digest of this one."""
        return False

    def write(self, folder: Path) -> None:
        """Write the record, with its digest, into its folder, whole or not at all."""
        stated = {} if self.has_owner else {DIGEST: self.digest}
        write_json(folder / self.FILE, {**self.to_json(), **stated})

    @classmethod
    def read(cls: type[R], folder: Path, *, remedy: str | None = None) -> R:
        """The record that lies in a folder.

        Arguments:
            folder: that holds the file `FILE`.
            remedy: the last sentence of the message for one that is damaged; `REMEDY` if left out.

        Raises:
            ToolkitError: it is missing, no JSON, incomplete, holds values of wrong types, is of a
                schema that this version of the toolkit does not know, or is not the record whose
                digest it states.
        """
        path = folder / cls.FILE
        remedy = cls.REMEDY if remedy is None else remedy
        return cls.from_json(read_object(path, remedy=remedy), source=str(path), remedy=remedy)

    @classmethod
    def from_json(
        cls: type[R], value: Mapping[str, object], *, source: str, remedy: str | None = None
    ) -> R:
        """The record that JSON describes.

        Arguments:
            value: as `to_json` gives it, or as any version of the toolkit wrote it.
            source: where it was found, for messages: a path, or "the record of run 1234".
            remedy: the last sentence of the message; `REMEDY` if left out.

        Raises:
            ToolkitError: it is incomplete, holds values of wrong types, is of an unknown schema, or
                is not the record whose digest it states.
        """
        remedy = cls.REMEDY if remedy is None else remedy
        content = dict(value)
        digest = content.pop(DIGEST, None)
        schema = content.pop("schema", None)
        if schema != cls.SCHEMA:
            if not isinstance(schema, str) or schema not in cls.UPGRADES:
                known = " and ".join([cls.SCHEMA, *cls.UPGRADES])
                raise ToolkitError(
                    f"{source} is of schema {schema!r}, and this version of the toolkit reads "
                    f"{known}. {remedy}"
                )
            try:
                content = cls.UPGRADES[schema](content)
            except (AttributeError, KeyError, TypeError, ValueError) as error:
                lacks = f"it lacks {error}" if isinstance(error, KeyError) else str(error)
                raise ToolkitError(f"{source} is damaged: {lacks}. {remedy}") from error
        record = fields_from_json(cls, content, source=source, remedy=remedy)
        if digest is not None and schema == cls.SCHEMA:
            try:
                matches = digest == digest_of_record(value)
            except (ToolkitError, UnicodeError):  # it holds what no record can
                matches = False
            if not matches:
                raise ToolkitError(
                    f"{source} was changed after it was written: it does not match its digest. "
                    f"{remedy}"
                )
        return record


def fields_from_json(
    kind: type[T], value: JsonObject, *, source: str, remedy: str = MAKE_AGAIN
) -> T:
    """The dataclass whose fields a JSON object holds, each of the type that the field declares.

    Arguments:
        kind: a dataclass of numbers, texts, tuples, mappings by name, and such dataclasses.
        value: its fields by name.
        source: where it was found, for messages.
        remedy: the last sentence of the message.

    Raises:
        ToolkitError: a field is missing, unknown or of another type.
    """
    try:
        found: T = part_from_json(kind, value, "")
    except FieldError as error:
        raise ToolkitError(f"{source} is damaged: {error}. {remedy}") from error
    return found


def digest_of_record(value: JsonObject) -> str:
    """SHA-256 of a record as its file holds it, whether or not the file states it.

    >>> digest_of_record({"a": 1, "digest": "x"}) == digest_of_record({"a": 1})
    True
    """
    return digest_of_json({name: part for name, part in value.items() if name != DIGEST})


def read_object(path: Path, *, remedy: str = MAKE_AGAIN) -> dict[str, object]:
    """The JSON object in a file.

    Raises:
        ToolkitError: the file is missing, cannot be read, or holds something else.
    """
    try:
        value = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise ToolkitError(f"{path} is missing. {MAKE_AGAIN}") from error
    except OSError as error:
        raise unreadable(path, error) from error
    except (ValueError, RecursionError) as error:
        raise ToolkitError(f"{path} is damaged: it is not JSON. {remedy}") from error
    if not isinstance(value, dict):
        raise ToolkitError(f"{path} is damaged: it is not a JSON object. {remedy}")
    return value

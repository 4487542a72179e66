"""Reading a YAML file as plain values: those that JSON can hold too, and not too many of them.

It is parsed by what DVC parses params.yaml with, so that both find the same in it. A file that is
short but stands for much (aliases of aliases) is measured before it is unfolded.
"""

import math
import re
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer, MaxDepthExceededError
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from toolkit.errors import ToolkitError, shortened

if TYPE_CHECKING:
    Value = None | bool | int | float | str | list["Value"] | dict[str, "Value"]
else:
    Value = object  # run-time checks do not resolve a type that holds itself

MOST_BYTES = 100_000
MOST_VALUES = 10_000
MOST_LEVELS = 32
MOST_DIGITS = 18  # whole numbers of more do not fit into 64 bits
TAG = "tag:yaml.org,2002:"
KINDS = {
    "bool": "a truth value",
    "float": "a number",
    "int": "a number",
    "map": "a mapping",
    "null": "no value",
    "seq": "a list",
    "timestamp": "a date",
}
FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


class YamlContent(NamedTuple):
    """What a file holds, and a line for each value that was left out because JSON has no such."""

    value: Value
    mistakes: list[str]


def read_yaml(path: Path) -> YamlContent:
    """The values of a YAML file; an empty file is an empty mapping.

    Raises:
        ToolkitError: the file is missing, too large, not UTF-8 or not YAML.
    """
    text = _read_text(path)
    parser: Any = YAML(typ="safe")  # its types do not admit another composer
    parser.max_depth = MOST_LEVELS
    parser.Composer = _BoundedComposer
    try:
        with warnings.catch_warnings(action="ignore"):
            node = parser.compose(text)
    except _TooManyValues:
        raise _too_large(path, f"more than {MOST_VALUES:,} values") from None
    except MaxDepthExceededError as error:
        raise _too_large(path, f"values nested more than {MOST_LEVELS} levels deep") from error
    except ReaderError as error:
        number = text[: error.position].count("\n") + 1
        raise ToolkitError(
            f"{path} holds the character U+{error.character:04X} in line {number}, which YAML does "
            "not allow. Remove it."
        ) from error
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"line {mark.line + 1}: " if mark is not None else ""
        problem = _shown(getattr(error, "problem", None) or "it cannot be parsed", 200)
        raise ToolkitError(f"{path} is not valid YAML ({line}{problem}). Fix that line.") from error
    except Exception as error:  # the parser has no limit to what it raises at hostile text
        raise ToolkitError(
            f"{path} is not valid YAML (the parser ended with {type(error).__name__}). "
            "Look for unusual characters and tags."
        ) from error
    if node is None:
        return YamlContent({}, [])
    builder = _Builder(parser.constructor)
    built = builder.build(node, "")
    if built.levels > MOST_LEVELS:
        raise _too_large(path, f"values nested more than {MOST_LEVELS} levels deep")
    if built.size > MOST_VALUES:
        raise _too_large(path, f"more than {MOST_VALUES:,} values once its aliases are unfolded")
    return YamlContent({} if built.value is None else built.value, builder.mistakes)


def _read_text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except FileNotFoundError as error:
        raise ToolkitError(
            f"{path} is missing. Run this in the project's root, or put an experiment in place: "
            "`toolkit experiment NAME`."
        ) from error
    except OSError as error:
        raise ToolkitError(f"{path} cannot be read ({error.strerror}).") from error
    if len(content) > MOST_BYTES:
        raise _too_large(path, f"more than {MOST_BYTES:,} bytes")
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise ToolkitError(f"{path} is UTF-16 text. Save it as UTF-8.") from error
        line = content[: error.start].count(b"\n") + 1
        raise ToolkitError(
            f"{path} is not UTF-8 text (byte 0x{content[error.start]:02x} in line {line}). "
            "Save it as UTF-8."
        ) from error


def _too_large(path: Path, much: str) -> ToolkitError:
    return ToolkitError(f"{path} holds {much}, and no more are read. Declare less in one file.")


class _TooManyValues(Exception):
    """There are more values in the text than are read."""


class _BoundedComposer(Composer):
    """Stops at a number of values, before they take time and memory."""

    def __init__(self, loader: Any) -> None:  # noqa: ANN401 - ruamel has no types
        super().__init__(loader)
        self.count = 0

    def compose_node(self, parent: Any, index: Any) -> Any:  # noqa: ANN401
        self.count += 1
        if self.count > MOST_VALUES:
            raise _TooManyValues
        return super().compose_node(parent, index)


class _Built(NamedTuple):
    value: Value
    size: int  # values in it when aliases are unfolded; a long text counts as several
    levels: int


LEFT_OUT = _Built(None, 1, 1)


class _Builder:
    """From YAML's nodes to plain values, each node once, however many aliases lead to it."""

    def __init__(self, constructor: Any) -> None:  # noqa: ANN401 - ruamel has no types
        self.constructor = constructor
        self.mistakes: list[str] = []
        self._built: dict[int, _Built | None] = {}  # None while a node is being built

    def build(self, node: Node, path: str) -> _Built:
        if id(node) in self._built:
            built = self._built[id(node)]
            return built or self._refuse(f"{path} contains itself. Write its values out.")
        self._built[id(node)] = None
        kind = (node.tag or "").removeprefix(TAG)
        if isinstance(node, ScalarNode):
            built = self._scalar(kind, node.value, node, path)
        elif isinstance(node, SequenceNode) and kind == "seq":
            built = self._list(node, path)
        elif isinstance(node, MappingNode) and kind == "map":
            built = self._mapping(node, path)
        else:
            built = self._refuse(f"{path} has the tag {_shown(kind)}. Remove the tag.")
        self._built[id(node)] = built
        return built

    def _refuse(self, mistake: str) -> _Built:
        self.mistakes.append(mistake)
        return LEFT_OUT

    def _scalar(self, kind: str, text: str, node: ScalarNode, path: str) -> _Built:
        if kind == "timestamp":
            return self._refuse(f"{path} = {shortened(text)} is a date to YAML. Put it in quotes.")
        if kind == "str":
            if FORBIDDEN.search(text):
                mistake = f"{path} = {shortened(repr(text))} holds a control character. Remove it."
                return self._refuse(mistake)
            return _Built(text, 1 + len(text) // 64, 1)
        if kind not in ("bool", "int", "float", "null"):
            mistake = f"{path} = {shortened(text)} has the tag {_shown(kind)}."
            return self._refuse(f"{mistake} Put it in quotes, without a tag.")
        number = kind in ("int", "float")
        if number and len(text) > 4 * MOST_DIGITS:
            return self._refuse(
                f"{path} = {shortened(text)} is a number of {len(text)} digits. "
                f"Numbers have at most {MOST_DIGITS}."
            )
        try:
            value = self.constructor.yaml_constructors[node.tag](self.constructor, node)
        except (ValueError, LookupError, ArithmeticError):
            name = {"int": "whole number", "float": "number"}.get(kind, "truth value")
            return self._refuse(f"{path} = {shortened(text)} is not a {name}. Remove its tag.")
        if number and not math.isfinite(value):
            mistake = f"{path} = {text} is not a finite number. Give a number."
            return self._refuse(mistake)
        if kind == "int" and abs(value) >= 10**MOST_DIGITS:
            return self._refuse(
                f"{path} = {shortened(text)} is a number of {len(str(abs(value)))} digits. "
                f"Numbers have at most {MOST_DIGITS}."
            )
        return _Built(value, 1, 1)

    def _list(self, node: SequenceNode, path: str) -> _Built:
        parts = [self.build(part, f"{path}[{index}]") for index, part in enumerate(node.value)]
        return _whole([part.value for part in parts], parts)

    def _mapping(self, node: MappingNode, path: str) -> _Built:
        parts: dict[str, _Built] = {}
        merged: list[_Built] = []
        for key, value in node.value:
            at = _join(path, _name_of(key))
            kind = (key.tag or "").removeprefix(TAG)
            if kind == "merge":
                merged += self._merged(value, path)
            elif kind != "str" or not isinstance(key, ScalarNode):
                self._refuse(_wrong_key(at, kind))
            elif not key.value.isprintable():
                self._refuse(f"{at} holds a control character. Remove it.")
            elif key.value in parts:
                self._refuse(f"{at} is given twice. Keep one of them.")
            else:
                parts[key.value] = self.build(value, at)
        held = {name: part.value for name, part in parts.items()}
        for mapping in merged:
            if isinstance(mapping.value, Mapping):
                held = {**mapping.value, **held}
        return _whole(held, [*parts.values(), *merged])

    def _merged(self, node: Node, path: str) -> list[_Built]:
        """The mappings that `<<` names, in their order: of two values the earlier one holds."""
        nodes = node.value if isinstance(node, SequenceNode) else [node]
        if not all(isinstance(part, MappingNode) for part in nodes):
            self._refuse(f"{_join(path, '<<')} is not a mapping. Give `<<` an alias of a mapping.")
            return []
        return [self.build(part, path) for part in nodes]


def _whole(value: Value, parts: list[_Built]) -> _Built:
    levels = 1 + max((part.levels for part in parts), default=0)
    return _Built(value, 1 + sum(part.size for part in parts), levels)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _shown(text: str, most: int = 60) -> str:
    """A text as a message quotes it, without characters that a terminal would act on."""
    return shortened(text if text.isprintable() else repr(text), most)


def _name_of(key: Node) -> str:
    return _shown(key.value) if isinstance(key, ScalarNode) else "?"


def _wrong_key(path: str, kind: str) -> str:
    if kind in ("map", "seq"):
        return f"{path}: {KINDS[kind]} cannot be a key. Use a text."
    what = KINDS.get(kind, f"tagged {_shown(kind)}")
    is_what = "means no value" if kind == "null" else f"is {what}"
    return f"{path} {is_what} to YAML, and DVC would leave it out without a word. Put it in quotes."

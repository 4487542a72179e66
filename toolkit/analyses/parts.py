"""Pieces of long work that outlive their process: what a block gave is not worked for again.

A part is named by a digest of everything that decides it, so other settings are other parts, and
more blocks find those of fewer.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from toolkit.execution import Done, Execute, Work
from toolkit.files import load_tensors, save_tensors, write_json, writing

SCHEMA = "part/1"
INDEX, INDEX_SCHEMA = "parts.json", "parts/1"
Block = TypeVar("Block")


@dataclass(frozen=True, kw_only=True)
class Parts:
    """A folder of parts.

    Arguments:
        folder: where they lie.
        used: names of those that were asked for.
    """

    folder: Path
    used: set[str] = field(default_factory=set)

    def keep(
        self,
        kind: type[Any],
        *,
        engine: Callable[[int], Execute],
        key: Callable[[Any], str],
        units: int,
    ) -> Execute:
        """An engine that works only on blocks without a part, and makes a part of every result.

        Only the process that asks writes; what is found is told first, as one event.

        Arguments:
            kind: of the results: a dataclass of tensors.
            engine: from how many blocks there are to what runs them.
            key: SHA-256 of everything that decides the result on a block.
            units: of work in a block, as its events count them.
        """

        def execute(work: Work[Block], blocks: Sequence[Block]) -> Iterator[tuple[int, Any]]:
            names = [f"{key(block)[:16]}.safetensors" for block in blocks]
            self.used.update(names)
            paths = [self.folder / name for name in names]
            found = [position for position, path in enumerate(paths) if path.exists()]
            if found:
                yield found[0], units * len(found)
            for position in found:
                tensors, _ = load_tensors(paths[position], schema=SCHEMA)
                yield position, Done(kind(**tensors))
            missing = [position for position in range(len(paths)) if position not in set(found)]
            if not missing:
                return
            for index, event in engine(len(missing))(work, [blocks[p] for p in missing]):
                position = missing[index]
                if isinstance(event, Done):
                    content = {f.name: getattr(event.value, f.name) for f in fields(event.value)}
                    save_tensors(paths[position], content, schema=SCHEMA)
                yield position, event

        return execute

    def close(self) -> None:
        """Take away parts that nothing asked for and drafts of killed processes; list the rest."""
        with writing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            for path in self.folder.iterdir():
                if path.name not in self.used:
                    path.unlink()
        write_json(self.folder / INDEX, {"schema": INDEX_SCHEMA, "parts": sorted(self.used)})

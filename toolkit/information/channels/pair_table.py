"""The table of all pairs, block by block, so that long work can be stopped and taken up again."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from jaxtyping import Float
from torch import Tensor

from toolkit.errors import ToolkitError
from toolkit.files import digest_of_arrays, load_tensors, save_tensors
from toolkit.information.channels.gram import joint_information
from toolkit.information.gaussian import Coefficients

BLOCK = 1024  # channels of a block's side
SCHEMA = "joint-information/1"
Progress = Callable[[int, int], None]
Tile = tuple[slice, slice]
Watched = tuple[Tile, Callable[[int], None]]


@dataclass(frozen=True, kw_only=True)
class Blocks:
    """How a table of pairs is cut, watched and kept.

    Arguments:
        size: channels of a block's side.
        folder: finished blocks are kept here until all are done; work that was stopped and is
            started again on the same channels takes them from here.
        progress: called with pairs done and all pairs.

    Raises:
        ToolkitError: a block would hold no pair.
    """

    size: int = BLOCK
    folder: Path | None = None
    progress: Progress | None = None

    def __post_init__(self) -> None:
        if self.size < 1:
            raise ToolkitError(f"a block of {self.size} channels holds no pair; give 1 or more.")

    def tiles(self, rows: int, columns: int | None) -> list[Tile]:
        """The blocks of a table, row by row; of a symmetric one (no columns) the upper ones.

        >>> len(Blocks(size=2).tiles(5, None)), len(Blocks(size=2).tiles(5, 5))
        (6, 9)
        """
        down = list(self._cut(rows))
        across = down if columns is None else list(self._cut(columns))
        pairs = [(one, other) for one in down for other in across]
        return [(a, b) for a, b in pairs if columns is not None or a.start <= b.start]

    def watched(self, tiles: list[Tile], images: int, *, symmetric: bool) -> Iterator[Watched]:
        """Each tile with what to call when some of its images are done: tells the pairs done."""
        pairs = [_pairs(tile, symmetric=symmetric) for tile in tiles]
        for position, tile in enumerate(tiles):
            yield tile, self._advance(sum(pairs[:position]), pairs[position], sum(pairs), images)

    def _advance(self, before: int, pairs: int, total: int, images: int) -> Callable[[int], None]:
        seen = 0

        def advance(some: int) -> None:
            nonlocal seen
            seen += some
            if self.progress is not None:
                self.progress(before + pairs * seen // images, total)

        return advance

    def _cut(self, count: int) -> Iterator[slice]:
        for start in range(0, count, self.size):
            yield slice(start, min(start + self.size, count))


def _pairs(tile: Tile, *, symmetric: bool) -> int:
    """Pairs of a block; on the diagonal of a symmetric table each counts once."""
    rows: int = tile[0].stop - tile[0].start
    columns: int = tile[1].stop - tile[1].start
    return rows * (rows + 1) // 2 if symmetric and tile[0] == tile[1] else rows * columns


def joint_in_blocks(
    left: Coefficients,
    right: Coefficients | None = None,
    *,
    blocks: Blocks,
    alone: Float[Tensor, " c"] | None = None,
) -> Float[Tensor, "c e"]:
    """As `joint_information`, but in blocks that can be watched and kept.

    Arguments:
        left: channels, a row of the result each.
        right: channels, a column each; without it `left` itself, each pair computed once.
        blocks: how the table is cut, watched and kept.
        alone: if given, the bits of each channel of `left` are written here on the way.
    """
    other = left if right is None else right
    joint = left.half_mean.new_empty(left.count, other.count)
    alone = joint.new_empty(left.count) if alone is None else alone
    tiles = blocks.tiles(left.count, None if right is None else right.count)
    files = _files(tiles, blocks, left, other)
    watched = blocks.watched(tiles, left.images, symmetric=right is None)
    for position, ((rows, columns), advance) in enumerate(watched):
        same = right is None and rows == columns
        place, own = joint[rows, columns], alone[rows]
        if files and files[position].exists():
            found, _ = load_tensors(files[position], schema=SCHEMA)
            place.copy_(found["joint"])
            own.copy_(found["alone"])
            advance(left.images)
        else:
            beside = None if same else other.take(columns)
            place.copy_(joint_information(left.take(rows), beside, alone=own, advance=advance))
            if files:
                save_tensors(files[position], {"joint": place, "alone": own}, schema=SCHEMA)
        if right is None and not same:
            joint[columns, rows] = place.T
    for file in files:
        file.unlink()
    return joint


def _files(
    tiles: list[Tile], blocks: Blocks, left: Coefficients, right: Coefficients
) -> list[Path]:
    """Where each block is kept, named after everything that decides its numbers."""
    if blocks.folder is None:
        return []
    parts = [(c.half_mean, c.variance, c.log_root, c.labels) for c in (left, right)]
    digest = digest_of_arrays(*parts[0], *parts[1])[:32]
    return [
        blocks.folder / f"{digest}-{a.start}.{a.stop}-{b.start}.{b.stop}.safetensors"
        for a, b in tiles
    ]

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
TileWithProgress = tuple[Tile, Callable[[int], None]]


@dataclass(frozen=True, kw_only=True)
class BlockPlan:
    """How a table of pairs is cut into blocks, reported and kept.

    Arguments:
        size: channels of a block's side.
        folder: finished blocks are kept here until all are done; work that was stopped and is
            started again on the same channels takes them from here.
        progress: called with the number of pairs done and the number of all.

    Raises:
        ToolkitError: a block would hold no pair.
    """

    size: int = BLOCK
    folder: Path | None = None
    progress: Progress | None = None

    def __post_init__(self) -> None:
        if self.size < 1:
            raise ToolkitError(f"the block size is {self.size} channels; it must be at least 1.")

    def tiles(self, rows: int, columns: int | None) -> list[Tile]:
        """The blocks of a table, row by row; of a symmetric one (no columns) the upper ones.

        >>> len(BlockPlan(size=2).tiles(5, None)), len(BlockPlan(size=2).tiles(5, 5))
        (6, 9)
        """
        down = self._slices(rows)
        across = down if columns is None else self._slices(columns)
        tiles = [(row_slice, column_slice) for row_slice in down for column_slice in across]
        if columns is None:
            tiles = [tile for tile in tiles if tile[0].start <= tile[1].start]
        return tiles

    def with_progress(
        self, tiles: list[Tile], images: int, *, symmetric: bool
    ) -> Iterator[TileWithProgress]:
        """Each tile with a function to call with the number of images done, which reports pairs."""
        pairs = []
        for rows, columns in tiles:
            height, width = rows.stop - rows.start, columns.stop - columns.start
            diagonal = symmetric and rows == columns  # each of its pairs counts once
            pairs.append(height * (height + 1) // 2 if diagonal else height * width)
        for position, tile in enumerate(tiles):
            yield tile, self._advance(sum(pairs[:position]), pairs[position], sum(pairs), images)

    def _advance(self, before: int, pairs: int, total: int, images: int) -> Callable[[int], None]:
        images_done = 0

        def advance(some: int) -> None:
            nonlocal images_done
            images_done += some
            if self.progress is not None:
                self.progress(before + pairs * images_done // images, total)

        return advance

    def _slices(self, count: int) -> list[slice]:
        return [slice(start, min(start + self.size, count)) for start in range(0, count, self.size)]


def joint_information_in_blocks(
    left: Coefficients,
    right: Coefficients | None = None,
    *,
    plan: BlockPlan,
    single: Float[Tensor, " c"] | None = None,
) -> Float[Tensor, "c e"]:
    """As `joint_information`, but in blocks that report progress and can be kept.

    Arguments:
        left: channels, one row of the result each.
        right: channels, one column each; without it `left` itself, each pair computed once.
        plan: how the table is cut, reported and kept.
        single: if given, the bits of each channel of `left` alone are written here as well.
    """
    other = left if right is None else right
    joint = left.half_mean.new_empty(left.count, other.count)
    single = joint.new_empty(left.count) if single is None else single
    tiles = plan.tiles(left.count, None if right is None else right.count)
    files: list[Path] = []
    if plan.folder is not None:
        # Everything that decides the numbers
        parts = [(c.half_mean, c.variance, c.log_root, c.labels) for c in (left, other)]
        digest = digest_of_arrays(*parts[0], *parts[1])[:32]
        files = [
            plan.folder / f"{digest}-{a.start}.{a.stop}-{b.start}.{b.stop}.safetensors"
            for a, b in tiles
        ]
    reported = plan.with_progress(tiles, left.images, symmetric=right is None)
    for position, ((rows, columns), advance) in enumerate(reported):
        diagonal = right is None and rows == columns
        block, block_single = joint[rows, columns], single[rows]
        if files and files[position].exists():
            kept, _ = load_tensors(files[position], schema=SCHEMA)
            block.copy_(kept["joint"])
            block_single.copy_(kept["alone"])
            advance(left.images)
        else:
            partners = None if diagonal else other.take(columns)
            block.copy_(
                joint_information(left.take(rows), partners, single=block_single, advance=advance)
            )
            if files:
                save_tensors(
                    files[position], {"joint": block, "alone": block_single}, schema=SCHEMA
                )
        if right is None and not diagonal:
            joint[columns, rows] = block.T
    for file in files:
        file.unlink()
    return joint

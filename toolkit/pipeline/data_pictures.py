"""The pictures of a data set: samples, and where factors are known what each of them does.

Drawn by the stage that makes the data set ready, and by `toolkit data show`.
"""

from pathlib import Path

from toolkit.data import ImageSet
from toolkit.figures.datasets import factor_loop, sample_rows, to_png, traversal_rows
from toolkit.files import write_bytes, writing

ROWS, COLUMNS = 6, 12
SEED = 0  # of the pictures that are kept with a data set
SHEETS = ("samples.png", "factors.png", "factors.gif")


def draw_sheets(folder: Path, images: ImageSet, *, seed: int) -> list[Path]:
    """Draw `samples.png`, and `factors.png` and `factors.gif` where factors are known.

    Arguments:
        folder: where to; sheets of an earlier data set that has no successor go.
        images: of the data set; only those that are shown are read.
        seed: decides which are shown.

    Returns:
        the files drawn.

    Raises:
        ToolkitError: a file cannot be written.
    """
    sheets = {"samples.png": to_png(sample_rows(images, rows=ROWS, columns=COLUMNS, seed=seed))}
    if images.factor_names:
        sheets["factors.png"] = to_png(traversal_rows(images, columns=COLUMNS, seed=seed))
        sheets["factors.gif"] = factor_loop(images, seed=seed)
    for name in SHEETS:
        with writing(folder / name):
            (folder / name).unlink(missing_ok=True)
    for name, content in sheets.items():
        write_bytes(folder / name, content)
    return [folder / name for name in sheets]

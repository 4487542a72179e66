"""Files that are equal byte for byte, here and in another process."""

import hashlib
import io
import subprocess
import sys

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from toolkit.figures import picture_to_png, quiet, to_png, to_svg

DRAW = """
import hashlib
from matplotlib.figure import Figure
from toolkit.figures import draw_curve, quiet, to_png, to_svg
with quiet():
    figure = Figure(figsize=(3, 2), layout="constrained")
    draw_curve([1.0, 4.0, 16.0], [1.0, 2.0, 3.0], figure.add_subplot(),
               members=[(1.0, 0.5), (4.0, 2.5)], name="beta", title="rate")
print(hashlib.sha256(to_svg(figure).encode()).hexdigest())
print(hashlib.sha256(to_png(figure)).hexdigest())
"""


@pytest.mark.slow
def test_two_processes_make_the_same_bytes() -> None:
    made = [
        subprocess.run(
            [sys.executable, "-c", DRAW], capture_output=True, text=True, check=True
        ).stdout.split()
        for _ in range(2)
    ]
    assert made[0] == made[1]
    assert [len(digest) for digest in made[0]] == [hashlib.sha256().digest_size * 2] * 2


def test_files_do_not_say_when_or_by_what_they_were_made() -> None:
    with quiet():
        figure = Figure()
        figure.add_subplot().plot([1, 2])
    svg = to_svg(figure)
    assert "<metadata>" not in svg
    assert "dc:date" not in svg
    assert Image.open(io.BytesIO(to_png(figure))).info.keys() <= {"dpi"}


def test_text_stays_text_in_svg() -> None:
    with quiet():
        figure = Figure()
        figure.text(0.5, 0.5, "three hot spots")
    assert "three hot spots</text>" in to_svg(figure)


@pytest.mark.parametrize("shape", [(4, 6), (4, 6, 2), (4, 6, 3)])
def test_pixels_come_back_from_png(shape: tuple[int, ...]) -> None:
    picture = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    np.testing.assert_array_equal(
        np.asarray(Image.open(io.BytesIO(picture_to_png(picture)))), picture
    )

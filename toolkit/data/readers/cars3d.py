"""Cars3D from its MATLAB files: 183 car models seen from 24 sides at four heights.

Reed, Zhang, Zhang & Lee, "Deep visual analogy-making" (2015), http://www.scottreed.info
"""

import io
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge, Le
from PIL import Image

from toolkit.data.images import ImageSet, allocate
from toolkit.data.readers.formats.opening import find, reading
from toolkit.data.source import ExpectedFile, Source
from toolkit.errors import ToolkitError

HOME = "http://www.scottreed.info"
ARCHIVE = "nips2015-analogy-data.tar.gz"
PLACES = ("data/cars", "cars", ARCHIVE)
CARS, AZIMUTHS, ELEVATIONS = 183, 24, 4
SIDE = 128
MESH = (SIDE, SIDE, 3, AZIMUTHS, ELEVATIONS)  # of all pictures of a car model


@dataclass(frozen=True, kw_only=True)
class Cars3dOptions:
    """How large.

    Arguments:
        image_size: pixels a side; other than 128, images are resized (Lanczos).
    """

    image_size: Annotated[int, Ge(8), Le(128)] = 64


def load_cars3d(root: Path, options: Cars3dOptions, *, cars: int = CARS) -> ImageSet:
    """Images over elevation, azimuth and object type, the last fastest; cars in name order."""
    from scipy.io import matlab  # a fifth of a second, which workers that read no MATLAB need not

    load: Any = matlab.loadmat  # it takes open files too, whatever its annotation says
    path = find(root, PLACES, home=HOME)
    meshes = sorted(_meshes(path), key=lambda item: item[0])
    if len(meshes) != cars:
        raise ToolkitError(
            f"{path} holds {len(meshes)} car models (*.mat); Cars3D has {cars}. "
            f"Download it again from {HOME}"
        )
    side = options.image_size
    images = allocate((ELEVATIONS * AZIMUTHS * cars, 3, side, side))
    grid = images.reshape(ELEVATIONS, AZIMUTHS, cars, 3, side, side)
    for car, (name, content) in enumerate(meshes):
        with reading(path / name, kind="MATLAB file"):
            try:
                held = load(io.BytesIO(content), variable_names=["im"])
            except matlab.MatReadError as error:
                raise ValueError(error) from error
        mesh = np.asarray(held.get("im", ()))
        if mesh.shape != MESH or mesh.dtype != np.uint8:
            raise ToolkitError(
                f"{path / name} holds `im` of {mesh.dtype} and shape {mesh.shape}; "
                f"expected uint8 of shape {MESH}. Download it again."
            )
        for azimuth, elevation in np.ndindex(AZIMUTHS, ELEVATIONS):
            picture = Image.fromarray(np.ascontiguousarray(mesh[..., azimuth, elevation]))
            small = picture.resize((side, side), Image.Resampling.LANCZOS)
            grid[elevation, azimuth, car] = np.asarray(small).transpose(2, 0, 1)
    sizes = (ELEVATIONS, AZIMUTHS, cars)
    return ImageSet(
        name="cars3d",
        images=images,
        factors=np.stack(np.unravel_index(np.arange(len(images)), sizes), axis=1),
        factor_names=("elevation", "azimuth", "object_type"),
        factor_sizes=sizes,
    )


def _meshes(path: Path) -> Iterator[tuple[str, bytes]]:
    with reading(path, kind="folder or tar of MATLAB files"):
        if path.is_dir():
            for entry in path.glob("*.mat"):
                yield entry.name, entry.read_bytes()
        else:
            with tarfile.open(path) as tar:
                for member in tar:
                    path_in_tar = Path(member.name)
                    in_cars = path_in_tar.parts[-2:-1] == ("cars",)
                    if member.isreg() and in_cars and member.name.endswith(".mat"):
                        file = tar.extractfile(member)
                        if file:
                            yield path_in_tar.name, file.read()


CARS3D = Source(
    load=load_cars3d,
    options=Cars3dOptions,
    about="17,568 renderings of 183 car models from 24 sides at four heights.",
    licence="none stated; research use",
    home=HOME,
    files=(ExpectedFile(name=ARCHIVE, urls=(f"{HOME}/files/{ARCHIVE}",)),),
    factors=(("elevation", ELEVATIONS), ("azimuth", AZIMUTHS), ("object_type", CARS)),
    image_shape=(3, 64, 64),
)

"""smallNORB, Cars3D, Shapes3D, MPI3D, Isaac3D, CelebA, chairs: written as published, read back."""

from pathlib import Path

import h5py
import numpy as np
import pytest
import scipy.io
from PIL import Image

from tests.data import writers
from toolkit.data.images import ImageSet
from toolkit.data.readers import cars3d, celeba, folders, grids, nvidia, small_norb
from toolkit.errors import ToolkitError

SHAPES = (("floor_hue", 2), ("wall_hue", 3), ("shape", 2))
SHAPES_SIZES = (2, 3, 2)
RELEASES = {8: (2, 2, 2, 1, 1, 1, 1), 18: (3, 3, 2, 1, 1, 1, 1)}
ISAAC = (("object_shape", 2), ("robot_x", 3))
CHAIRS = (("chair", 2), ("elevation", 2), ("azimuth", 3))


@pytest.mark.parametrize("packed", [True, False])
def test_small_norb_is_put_into_the_order_of_its_factors(tmp_path: Path, packed: bool) -> None:
    pictures = writers.write_norb(tmp_path, packed=packed)
    options = small_norb.SmallNorbOptions(image_size=96)
    image_set = small_norb.load_small_norb(tmp_path, options, sizes=writers.NORB_SIZES)
    np.testing.assert_array_equal(image_set.images[:, 0], pictures["training"])
    assert image_set.factor_sizes == writers.NORB_SIZES
    assert image_set.factors is not None
    codes = np.ravel_multi_index(tuple(image_set.factors.T), image_set.factor_sizes)
    assert codes.tolist() == list(range(120))


def test_both_parts_of_small_norb_have_all_instances(tmp_path: Path) -> None:
    pictures = writers.write_norb(tmp_path)
    options = small_norb.SmallNorbOptions(subset="all", image_size=96)
    image_set = small_norb.load_small_norb(tmp_path, options, sizes=writers.NORB_SIZES)
    assert image_set.factor_sizes == (5, 4, 2, 3, 2)
    shape = (5, 2, 12, 96, 96)
    whole = image_set.images.reshape(5, 4, 12, 96, 96)
    np.testing.assert_array_equal(whole[:, :2], pictures["testing"].reshape(shape))
    np.testing.assert_array_equal(whole[:, 2:], pictures["training"].reshape(shape))


def test_small_norb_refuses_exchanged_files_and_other_counts(tmp_path: Path) -> None:
    writers.write_norb(tmp_path)
    stem = tmp_path / "smallnorb-5x46789x9x18x6x2x96x96-training"
    options = small_norb.SmallNorbOptions()
    with pytest.raises(ToolkitError) as caught:
        small_norb.load_small_norb(tmp_path, options)
    assert str(caught.value) == (
        f"{stem.name} has dat, cat and info of shapes ((120, 2, 96, 96), (120,), (120, 4)); "
        "expected ((24300, 2, 96, 96), (24300,), (24300, 4)). "
        "Take the three files from one release."
    )
    info, category = Path(f"{stem}-info.mat"), Path(f"{stem}-cat.mat")
    category.write_bytes(writers.norb_bytes(np.zeros(120, dtype=np.int32)))
    with pytest.raises(ToolkitError) as caught:
        small_norb.load_small_norb(tmp_path, options, sizes=writers.NORB_SIZES)
    assert str(caught.value) == (
        f"the files in {tmp_path} do not show every combination of {writers.NORB_SIZES} values of "
        "category, instance, elevation, azimuth and lighting once. "
        "Download dat, cat and info again."
    )
    category.write_bytes(info.read_bytes())
    with pytest.raises(ToolkitError) as caught:
        small_norb.load_small_norb(tmp_path, options, sizes=writers.NORB_SIZES)
    assert str(caught.value) == (
        f"{category} begins with 0x1e3d4c54 and 2 dimensions; expected int32 of 1 dimensions. "
        "Known: 0x1e3d4c51 (float32), 0x1e3d4c53 (float64), 0x1e3d4c54 (int32), "
        "0x1e3d4c55 (uint8), 0x1e3d4c56 (int16). Check that dat, cat and info are not exchanged."
    )
    category.write_bytes(writers.norb_bytes(np.zeros(120, dtype=np.int32))[:-4])
    with pytest.raises(ToolkitError) as caught:
        small_norb.load_small_norb(tmp_path, options, sizes=writers.NORB_SIZES)
    assert str(caught.value) == (
        f"{category} announces 120 = 480 bytes and holds 476. Download it again."
    )


@pytest.mark.parametrize("packed", [True, False])
def test_cars_lie_over_elevation_azimuth_and_type(tmp_path: Path, packed: bool) -> None:
    meshes = writers.write_cars(tmp_path, 2, packed=packed)
    image_set = cars3d.load_cars3d(tmp_path, cars3d.Cars3dOptions(image_size=8), cars=2)
    assert image_set.factor_sizes == (4, 24, 2)
    assert image_set.factors is not None
    for image, (elevation, azimuth, car) in zip(
        image_set.images, image_set.factors.tolist(), strict=True
    ):
        colour = meshes[car][0, 0, :, azimuth, elevation]
        assert (image == colour[:, None, None]).all()


def test_cars_of_another_shape_or_number_are_refused(tmp_path: Path) -> None:
    writers.write_cars(tmp_path, 1)
    options = cars3d.Cars3dOptions()
    with pytest.raises(ToolkitError) as caught:
        cars3d.load_cars3d(tmp_path, options)
    assert str(caught.value) == (
        f"{tmp_path}/cars holds 1 car models (*.mat); Cars3D has 183. "
        "Download it again from http://www.scottreed.info"
    )
    path = tmp_path / "cars" / "car_000_mesh.mat"
    scipy.io.savemat(path, {"im": np.zeros((2, 3))})
    with pytest.raises(ToolkitError) as caught:
        cars3d.load_cars3d(tmp_path, options, cars=1)
    assert str(caught.value) == (
        f"{path} holds `im` of float64 and shape (2, 3); "
        "expected uint8 of shape (128, 128, 3, 24, 4). Download it again."
    )


def test_shapes3d_is_read_and_its_labels_compared(tmp_path: Path) -> None:
    images = writers.write_shapes3d(tmp_path, SHAPES_SIZES)
    image_set = grids.load_shapes3d(tmp_path, grids.GridOptions(), factors=SHAPES)
    np.testing.assert_array_equal(image_set.images.transpose(0, 2, 3, 1), images)
    assert image_set.factor_sizes == SHAPES_SIZES
    part = grids.load_shapes3d(tmp_path, grids.GridOptions(limit=5), factors=SHAPES)
    np.testing.assert_array_equal(
        part.images, image_set.images[grids.GridOptions(limit=5).indices(12)]
    )
    path = tmp_path / "3dshapes.h5"
    with h5py.File(path, "r+") as file:
        file["labels"][...] = file["labels"][...][::-1]
    with pytest.raises(ToolkitError) as caught:
        grids.load_shapes3d(tmp_path, grids.GridOptions(), factors=SHAPES)
    assert str(caught.value) == (
        f"{path} orders its images otherwise than Shapes3D does: images and labels disagree. "
        "Download it again."
    )


def test_an_hdf5_file_without_the_array_is_named(tmp_path: Path) -> None:
    path = tmp_path / "3dshapes.h5"
    with h5py.File(path, "w") as file:
        file.create_group("images")
        file["labels"] = np.zeros(3)
    with pytest.raises(ToolkitError) as caught:
        grids.load_shapes3d(tmp_path, grids.GridOptions())
    assert str(caught.value) == f"{path} holds no array 'images'; it holds images, labels."
    with h5py.File(path, "w") as file:
        file["images"] = "text"
    with pytest.raises(ToolkitError) as caught:
        grids.load_shapes3d(tmp_path, grids.GridOptions())
    assert str(caught.value) == (
        f"{path} holds 'images' as something else than an array of numbers."
    )


@pytest.mark.parametrize("count", RELEASES)
def test_the_number_of_images_tells_the_release_of_mpi3d(tmp_path: Path, count: int) -> None:
    images = writers.write_mpi3d(tmp_path, count)
    image_set = grids.load_mpi3d(tmp_path, grids.GridOptions(), kind="toy", releases=RELEASES)
    np.testing.assert_array_equal(image_set.images.transpose(0, 2, 3, 1), images)
    assert image_set.factor_sizes == RELEASES[count]


def test_another_release_of_mpi3d_is_refused(tmp_path: Path) -> None:
    writers.write_mpi3d(tmp_path, 9)
    with pytest.raises(ToolkitError) as caught:
        grids.load_mpi3d(tmp_path, grids.GridOptions(), kind="toy")
    assert str(caught.value) == (
        f"{tmp_path}/mpi3d_toy.npz holds images of uint8 and shape (9, 64, 64, 3); expected uint8 "
        "of shape (n, 64, 64, 3) with n = 460,800 or 1,036,800. Download it again."
    )


def write_isaac(folder: Path, rows: list[tuple[int, int]]) -> list[np.ndarray]:
    pictures = [writers.random_bytes(16, 16, 3, seed=i) for i in range(len(rows))]
    writers.write_pictures(folder / "images", {f"{i:06d}.png": p for i, p in enumerate(pictures)})
    np.save(folder / "labels.npy", np.array(rows, dtype=np.float32) / 4 - 0.5)
    return pictures


def read_isaac(folder: Path) -> ImageSet:
    options = nvidia.NvidiaOptions(image_size=16)
    return nvidia.load_nvidia(folder, options, name="isaac3d", table="labels.npy", factors=ISAAC)


def test_numbered_pictures_go_with_their_rows(tmp_path: Path) -> None:
    rows = [(a, b) for b in range(3) for a in range(2)]
    pictures = write_isaac(tmp_path, rows)
    image_set = read_isaac(tmp_path)
    np.testing.assert_array_equal(image_set.images.transpose(0, 2, 3, 1), np.stack(pictures))
    assert image_set.factors is not None
    assert image_set.factors.tolist() == [list(row) for row in rows]


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        pytest.param(
            [(0, 0), (1, 1)] * 3,
            "{0}/labels.npy has 2 values of robot_x in column 1; expected 3. Download it again.",
            id="a value missing",
        ),
        pytest.param(
            [(0, 0), (1, 1), (0, 2), (0, 0), (1, 2), (1, 0)],
            "{0}/labels.npy does not list each of the 6 combinations once, in 6 rows. "
            "Download it again.",
            id="a combination twice",
        ),
    ],
)
def test_tables_that_are_no_grid_are_refused(
    tmp_path: Path, rows: list[tuple[int, int]], sentence: str
) -> None:
    write_isaac(tmp_path, rows)
    with pytest.raises(ToolkitError) as caught:
        read_isaac(tmp_path)
    assert str(caught.value) == sentence.format(tmp_path)


def test_pictures_and_rows_of_different_number_are_refused(tmp_path: Path) -> None:
    write_isaac(tmp_path, [(a, b) for b in range(3) for a in range(2)])
    (tmp_path / "images" / "000003.png").unlink()
    with pytest.raises(ToolkitError) as caught:
        read_isaac(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}/images holds 5 pictures but {tmp_path}/labels.npy 6 rows. "
        "Unpack the archive again."
    )
    np.save(tmp_path / "labels.npy", np.zeros(4))
    with pytest.raises(ToolkitError) as caught:
        read_isaac(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}/labels.npy holds a table of shape (4,); "
        "expected a column for each of object_shape, robot_x."
    )


def test_faces_are_cut_and_have_their_attributes(tmp_path: Path) -> None:
    named, signs = writers.write_celeba(tmp_path, 5)
    options = celeba.CelebaOptions(image_size=148, crop=148, attributes=True)
    image_set = celeba.load_celeba(tmp_path, options, count=5)
    assert image_set.factor_names == writers.ATTRIBUTES
    np.testing.assert_array_equal(image_set.factors, signs)
    cut = np.stack([face[35:183, 15:163] for face in named.values()])
    np.testing.assert_array_equal(image_set.images.transpose(0, 2, 3, 1), cut)
    whole = celeba.load_celeba(tmp_path, celeba.CelebaOptions(crop=0), count=5)
    first = Image.fromarray(next(iter(named.values()))).resize((64, 64), Image.Resampling.LANCZOS)
    np.testing.assert_array_equal(whole.images[0].transpose(1, 2, 0), np.asarray(first))
    assert whole.factors is None


def test_faces_and_attributes_must_belong_together(tmp_path: Path) -> None:
    writers.write_celeba(tmp_path, 5)
    with pytest.raises(ToolkitError) as caught:
        celeba.load_celeba(tmp_path, celeba.CelebaOptions())
    assert str(caught.value) == (
        f"{tmp_path}/img_align_celeba.zip holds 5 pictures; CelebA has 202599. "
        "Download it again from https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html"
    )
    table = tmp_path / "list_attr_celeba.txt"
    lines = table.read_text().splitlines()
    options = celeba.CelebaOptions(attributes=True)

    def said(text: list[str]) -> str:
        table.write_text("\n".join(text))
        with pytest.raises(ToolkitError) as caught:
            celeba.load_celeba(tmp_path, options, count=5)
        return str(caught.value)

    assert said(["4", *lines[1:6]]) == (
        f"{table} lists 4 pictures, and not the 5 that {tmp_path}/img_align_celeba.zip holds. "
        "Take both from one release."
    )
    assert said(lines[:-1]) == (
        f"{table} is no whole attribute table (it announces 5 pictures and lists 4). "
        "Download it again."
    )
    assert said([*lines[:-1], "000005.jpg 1 0 1"]) == (
        f"{table} is no whole attribute table (the row of 000005.jpg is not 3 times 1 or -1). "
        "Download it again."
    )


def chair_names() -> list[str]:
    return [
        f"rendered_chairs/{chair}/renders/image_{i:03d}_p{p}_t{t}_r096.png"
        for chair in ("1a6f", "9bc0")
        for i, (p, t) in enumerate((p, t) for p in ("020", "030") for t in ("011", "023", "034"))
    ]


@pytest.mark.parametrize("kind", ["folder", "tar", "zip"])
def test_chairs_are_told_by_their_names(tmp_path: Path, kind: str) -> None:
    pictures = {name: writers.random_bytes(20, 20, seed=i) for i, name in enumerate(chair_names())}
    if kind == "folder":
        writers.write_pictures(tmp_path, pictures)
    elif kind == "tar":
        writers.tar_pictures(tmp_path / "rendered_chairs.tar", pictures)
    else:
        writers.zip_pictures(tmp_path / "rendered_chairs.zip", pictures)
    options = folders.ChairsOptions(image_size=20, crop=0)
    image_set = folders.load_chairs(tmp_path, options, factors=CHAIRS)
    np.testing.assert_array_equal(image_set.images[:, 0], np.stack(list(pictures.values())))
    assert image_set.factors is not None
    assert np.ravel_multi_index(tuple(image_set.factors.T), (2, 2, 3)).tolist() == list(range(12))


def test_other_pictures_are_no_chairs(tmp_path: Path) -> None:
    pictures = {name: writers.random_bytes(20, 20) for name in chair_names()[:-1]}
    writers.write_pictures(tmp_path, pictures)
    with pytest.raises(ToolkitError) as caught:
        folders.load_chairs(tmp_path, folders.ChairsOptions(), factors=CHAIRS)
    assert str(caught.value) == (
        f"{tmp_path}/rendered_chairs holds 11 pictures of 2 × 2 × 3 chairs, heights and sides; "
        "expected 2 × 2 × 3. Download it again."
    )
    writers.write_pictures(tmp_path, {"rendered_chairs/me.png": writers.random_bytes(20, 20)})
    with pytest.raises(ToolkitError) as caught:
        folders.load_chairs(tmp_path, folders.ChairsOptions(), factors=CHAIRS)
    assert str(caught.value) == (
        f"{tmp_path}/rendered_chairs holds 'me.png'; a chair's picture is called like "
        "CHAIR/renders/image_000_p020_t011_r096.png. Take other pictures out of the folder."
    )

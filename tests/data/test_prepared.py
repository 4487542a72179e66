"""A prepared data set is written whole and refuses what does not belong together."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.data.examples import grid_set
from toolkit.data.images import ImageSet
from toolkit.data.prepared import PreparedData, prepare, read_prepared, write_prepared
from toolkit.errors import ToolkitError
from toolkit.files import save_tensors


def prepared_set(image_set: ImageSet | None = None) -> PreparedData:
    return prepare(
        image_set or grid_set(6, 5, 4), held_out=0.25, split_seed=1, probe_size=12, probe_seed=2
    )


@pytest.mark.parametrize("mapped", [False, True])
def test_what_is_read_is_what_was_written(tmp_path: Path, mapped: bool) -> None:
    prepared = prepared_set()
    write_prepared(tmp_path, prepared)
    again = read_prepared(tmp_path, mapped=mapped)
    assert isinstance(again.images.images, np.memmap) is mapped
    assert again.record() == prepared.record()
    for name in ("train_images", "held_out_images", "probe_images", "probe_factors"):
        np.testing.assert_array_equal(getattr(again, name), getattr(prepared, name))
    np.testing.assert_array_equal(again.train, prepared.train)
    assert again.images.digest == prepared.images.digest


def test_the_record_says_what_there_is(tmp_path: Path) -> None:
    prepared = prepared_set()
    write_prepared(tmp_path, prepared)
    assert json.loads((tmp_path / "data.json").read_text()) == {
        "schema": "data/1",
        "name": "grid",
        "digest": prepared.images.digest,
        "image_shape": [1, 2, 3],
        "count": 120,
        "train": 90,
        "held_out": 30,
        "probe": {"size": 12, "digest": prepared.probe.digest},
        "factors": [{"name": n, "size": s} for n, s in (("a", 6), ("b", 5), ("c", 4))],
    }


def test_two_writings_are_the_same_bytes(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        write_prepared(tmp_path / folder, prepared_set())
    for file in sorted((tmp_path / "one").iterdir()):
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes()


def test_images_without_factors_go_the_same_way(tmp_path: Path) -> None:
    write_prepared(tmp_path, prepared_set())
    bare = prepared_set(ImageSet(name="bare", images=grid_set(6, 5, 4).images))
    write_prepared(tmp_path, bare)
    again = read_prepared(tmp_path)
    assert again.images.factors is None
    assert again.probe_factors is None
    assert not (tmp_path / "factors.npy").exists()


def test_split_and_probe_can_go_by_factors() -> None:
    prepared = prepare(
        grid_set(6, 5, 4), held_out=0.5, split_seed=1, probe_size=12, probe_seed=2,
        held_out_over=["a"], probe_over="c",
    )  # fmt: skip
    factors = prepared.images.factors
    assert factors is not None
    assert not set(factors[prepared.train, 0]) & set(factors[prepared.held_out, 0])
    assert prepared.probe_factors is not None
    assert np.bincount(prepared.probe_factors[:, 2]).tolist() == [3, 3, 3, 3]


def test_a_writing_that_breaks_off_leaves_nothing_to_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_prepared(tmp_path, prepared_set())

    def full(*arguments: object, **named: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    with pytest.raises(ToolkitError) as caught:
        write_prepared(tmp_path, prepared_set())
    assert str(caught.value) == (
        f"{tmp_path}/images.npy cannot be written (No space left on device). "
        "Give yourself permission to write there, or choose another folder."
    )
    with pytest.raises(ToolkitError) as caught:
        read_prepared(tmp_path)
    assert str(caught.value) == f"{tmp_path}/data.json is missing. Run `dvc repro` to make it."
    assert sorted(file.name for file in tmp_path.iterdir()) == ["images.npy", "split.safetensors"]


def test_an_image_that_changed_is_noticed(tmp_path: Path) -> None:
    prepared = prepared_set()
    write_prepared(tmp_path, prepared)
    other = prepared.images.images.copy()
    other[0] ^= 1
    np.save(tmp_path / "images.npy", other)
    changed = ImageSet(
        name="grid",
        images=other,
        factors=prepared.images.factors,
        factor_names=prepared.images.factor_names,
        factor_sizes=prepared.images.factor_sizes,
    )
    with pytest.raises(ToolkitError) as caught:
        read_prepared(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}/data.json says digest = {prepared.images.digest}, but the files beside it "
        f"hold {changed.digest}. Delete the folder and run `dvc repro`."
    )
    outside = np.setdiff1d(np.arange(120), prepared.probe.indices)
    assert outside[0] == 0
    assert read_prepared(tmp_path, verify=False).probe.digest == prepared.probe.digest


def test_a_probe_image_that_changed_is_noticed_even_without_reading_all(tmp_path: Path) -> None:
    prepared = prepared_set()
    write_prepared(tmp_path, prepared)
    other = prepared.images.images.copy()
    other[prepared.probe.indices[0]] ^= 1
    np.save(tmp_path / "images.npy", other)
    with pytest.raises(ToolkitError, match=r"data\.json says probe = .*Delete the folder and run"):
        read_prepared(tmp_path, verify=False)


def test_indices_beyond_the_images_are_refused(tmp_path: Path) -> None:
    write_prepared(tmp_path, prepared_set())
    parts = {name: torch.arange(118, 122) for name in ("train", "held_out", "probe")}
    save_tensors(tmp_path / "split.safetensors", parts, schema="split/1")
    with pytest.raises(ToolkitError) as caught:
        read_prepared(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}/split.safetensors points train at images 118 to 121, but there are 120. "
        "Delete the folder and run `dvc repro`."
    )


@pytest.mark.parametrize("name", ["images.npy", "factors.npy", "split.safetensors"])
def test_a_file_that_is_gone_is_named(tmp_path: Path, name: str) -> None:
    write_prepared(tmp_path, prepared_set())
    (tmp_path / name).unlink()
    with pytest.raises(ToolkitError) as caught:
        read_prepared(tmp_path)
    assert str(caught.value) == f"{tmp_path}/{name} is missing. Run `dvc repro` to make it."


@pytest.mark.parametrize("name", ["images.npy", "factors.npy"])
def test_a_file_that_is_cut_is_named(tmp_path: Path, name: str) -> None:
    write_prepared(tmp_path, prepared_set())
    content = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(ToolkitError) as caught:
        read_prepared(tmp_path)
    assert str(caught.value).startswith(f"{tmp_path}/{name} is damaged (")
    assert str(caught.value).endswith("). Delete the folder and run `dvc repro`.")


def test_pickled_arrays_are_refused(tmp_path: Path) -> None:
    write_prepared(tmp_path, prepared_set())
    np.save(tmp_path / "images.npy", np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(ToolkitError, match=r"images\.npy is damaged \(Object arrays cannot be"):
        read_prepared(tmp_path)


def test_a_record_that_lacks_a_key_is_refused(tmp_path: Path) -> None:
    write_prepared(tmp_path, prepared_set())
    record = json.loads((tmp_path / "data.json").read_text())
    del record["probe"]
    (tmp_path / "data.json").write_text(json.dumps(record))
    with pytest.raises(ToolkitError) as caught:
        read_prepared(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}/data.json lacks 'probe' or holds it in another form. "
        "Delete the folder and run `dvc repro`."
    )

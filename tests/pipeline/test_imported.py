import shutil
from pathlib import Path

import pytest
import torch

from tests.importers.models import state, write
from toolkit.config import Params, read_params
from toolkit.data import read_prepared
from toolkit.errors import ToolkitError, UnknownNameError
from toolkit.files import digest_of_file
from toolkit.importers import load_disvae
from toolkit.objectives import bernoulli, rate
from toolkit.pipeline.imported import Imported, import_member, imported_records
from toolkit.pipeline.sync import track_all
from toolkit.posteriors import load_posteriors
from toolkit.records import MemberRecord
from toolkit.stages.data import make_data
from toolkit.tracking import open_store, select
from toolkit.training import load_member
from toolkit.workspace import Workspace

QUERY = "tags.imported = 'disentangling-vae'"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write(tmp_path / "model")


def imported(
    workspace: Workspace,
    params: Params,
    path: Path,
    *,
    kind: str = "disvae",
    data: str = "tiny",
    name: str | None = None,
) -> Imported:
    return import_member(workspace, params, kind=kind, path=path, data=data, name=name)


@pytest.mark.usefixtures("one_thread")
def test_an_import_is_a_member_with_everything_a_member_has(
    copy: Workspace, params: Params, model: Path
) -> None:
    made = imported(copy, params, model)
    assert made.folder == copy.root / "runs" / "imported" / "betaH_tiny"
    assert not made.kept
    record = MemberRecord.read(made.folder)
    assert record == made.record
    assert record.finished
    published = record.settings["published"]
    assert isinstance(published, dict)
    assert published["epochs"] == 30
    for name, digest in record.files.items():
        assert digest_of_file(made.folder / name) == digest
    data = read_prepared(copy.data("tiny"), mapped=True)
    foreign = load_disvae(model).model
    images = torch.from_numpy(data.probe_images).float() / 255
    answers = load_posteriors(made.folder / "posteriors.safetensors")
    with torch.no_grad():
        mean, log_variance = foreign.encode(images)
    torch.testing.assert_close(answers.mean, mean, rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(answers.log_variance, log_variance, rtol=1e-5, atol=1e-6)
    assert answers.probe == record.probe.digest == data.probe.digest
    back = load_member(made.folder).state_dict()
    assert all(torch.equal(back[name], value) for name, value in foreign.state_dict().items())


def test_distortion_and_rate_are_those_of_the_whole_held_out_split(
    copy: Workspace, params: Params, model: Path
) -> None:
    """By another route: distortion as the mean over 200 draws of all codes."""
    record = imported(copy, params, model).record
    data = read_prepared(copy.data("tiny"), mapped=True)
    images = data.held_out_rows[torch.arange(len(data.held_out))].float() / 255
    foreign = load_disvae(model).model
    generator = torch.Generator().manual_seed(5)
    with torch.no_grad():
        mean, log_variance = foreign.encode(images)
        rates = rate(mean, log_variance)
        distortions = [
            bernoulli(
                foreign.decode(
                    mean + (log_variance / 2).exp() * torch.randn(mean.shape, generator=generator)
                ),
                images,
            ).mean()
            for _ in range(200)
        ]
    assert record.final["rate"] == pytest.approx(rates.sum(dim=1).mean().item(), rel=1e-5)
    assert list(record.channels.rate) == pytest.approx(rates.mean(dim=0).tolist(), rel=1e-4)
    every = torch.stack(distortions)
    spread = every.std().item()
    assert abs(record.final["distortion"] - every.mean().item()) < 5 * spread
    assert record.final.keys() == {"distortion", "rate"}


def test_the_same_import_again_changes_nothing_and_a_broken_one_is_made_again(
    copy: Workspace, params: Params, model: Path
) -> None:
    first = imported(copy, params, model)
    files = {path.name: digest_of_file(path) for path in first.folder.iterdir()}
    again = imported(copy, params, model)
    assert (again.record, again.kept) == (first.record, True)
    (first.folder / "weights.safetensors").write_bytes(b"")
    mended = imported(copy, params, model)
    assert not mended.kept
    assert {path.name: digest_of_file(path) for path in mended.folder.iterdir()} == files


@pytest.mark.slow
def test_mlflow_shows_imports_among_members_once_and_sync_brings_them_back(
    copy: Workspace, params: Params, model: Path
) -> None:
    made = imported(copy, params, model)
    assert track_all(copy, params).created > 1
    assert track_all(copy, params).created == 0
    (run,) = select(open_store(copy.home), QUERY).runs
    record = run.record
    assert record.key == made.record.key
    assert run.run.digest == made.record.digest
    assert (record.objective_name, record.data, record.seed) == ("disvae_betaH", "tiny", 1234)
    assert run.run.metrics["hp/beta"] == 4.0
    assert record.final == pytest.approx(dict(made.record.final))
    trained = select(open_store(copy.home), "tags.ensemble = 'tiny-beta'").runs
    assert trained[0].record.probe == record.probe  # so that they can be compared


def test_a_new_probe_set_means_a_new_record_of_the_same_member(
    copy: Workspace, params: Params, model: Path
) -> None:
    before = imported(copy, params, model).record
    copy.params.write_text(
        copy.params.read_text().replace("probe: {size: 40, seed: 0}", "probe: {size: 30, seed: 0}")
    )
    changed = read_params(copy.params)
    make_data(copy, changed, "tiny")
    after = imported(copy, changed, model)
    assert not after.kept
    assert after.record.key == before.key
    assert after.record.probe.size == 30
    assert [record for _, record in imported_records(copy)] == [after.record]


def test_two_models_of_one_name_are_told_apart(
    copy: Workspace, params: Params, model: Path, tmp_path: Path
) -> None:
    first = imported(copy, params, model)
    other = write(tmp_path / "other", state(seed=1))
    ours, theirs = (load_disvae(path).weights[:8] for path in (model, other))
    with pytest.raises(ToolkitError) as caught:
        imported(copy, params, other)
    assert str(caught.value) == (
        f"{first.folder} holds another import: weights {ours} on data set tiny, not {theirs} on "
        "tiny. Give this one another `--name`, or delete that folder."
    )
    second = imported(copy, params, other, name="second")
    assert [folder for folder, _ in imported_records(copy)] == [first.folder, second.folder]


def test_images_of_another_size_are_refused(
    copy: Workspace, params: Params, tmp_path: Path
) -> None:
    path = write(tmp_path / "large", state(side=64), img_size=[1, 64, 64])
    with pytest.raises(ToolkitError) as caught:
        imported(copy, params, path)
    assert str(caught.value) == (
        "betaH_tiny takes images of 1 x 64 x 64, but data set tiny has 1 x 32 x 32. "
        "Name a data set of images that it takes."
    )
    assert not (copy.root / "runs" / "imported").exists()


def test_names_that_are_not_there_are_told(copy: Workspace, params: Params, model: Path) -> None:
    with pytest.raises(UnknownNameError) as caught:
        imported(copy, params, model, data="tini")
    assert str(caught.value) == (
        "no data set of params.yaml is called 'tini'. Did you mean 'tiny'?"
    )
    with pytest.raises(UnknownNameError) as caught:
        imported(copy, params, model, kind="disva")
    assert str(caught.value) == "no kind of model is called 'disva'. Did you mean 'disvae'?"


@pytest.mark.parametrize("name", ["../out", "", "-x", "a" * 65, "a b"])
def test_names_that_are_no_folder_names_are_refused(
    copy: Workspace, params: Params, model: Path, name: str
) -> None:
    with pytest.raises(ToolkitError) as caught:
        imported(copy, params, model, name=name)
    assert str(caught.value) == (
        f"{name!r} cannot name a member: names have letters, digits, _ - and . only, 64 at most, "
        "and start with a letter or digit. Give another with `--name`."
    )


def test_a_data_set_that_is_not_made_yet_is_told(
    copy: Workspace, params: Params, model: Path
) -> None:
    shutil.rmtree(copy.data("tiny"))
    with pytest.raises(ToolkitError, match="dvc repro"):
        imported(copy, params, model)
    assert imported_records(copy) == []

"""Every objective goes from params.yaml through MLflow into one comparison."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
import torch

from tests.objectives.examples import REQUIRED
from toolkit.config import Params, read_params
from toolkit.data import read_prepared
from toolkit.errors import ToolkitError
from toolkit.files import canonical_json
from toolkit.objectives import OBJECTIVES
from toolkit.pipeline.comparison import make_comparison
from toolkit.pipeline.ensemble import make_ensemble
from toolkit.posteriors import load_posteriors
from toolkit.stages.data import make_data
from toolkit.tracking import open_store
from toolkit.tracking.experiments import experiment_ids
from toolkit.training import load_member
from toolkit.workspace import Workspace

SETTINGS = {"factor_vae": {"discriminator_width": 8}, "vq_vae": {"width": 4}}
HEAD = """\
data:
  tiny:
    source: sprites
    raw: toolkit/data/procedural/sprites.py
    options: {shapes: 2, scales: 2, orientations: 1, positions_x: 4, positions_y: 5}
    held_out: 0.3
    probe: {size: 20, seed: 0}
studies: {}
comparisons:
  all: {query: "tags.kind = 'member'", resamples: 2}
ensembles:
"""
ROW = """\
  {name}:
    data: tiny
    network: {{name: {network}, latents: {latents}}}
    objective: {objective}
    seeds: [0, 1]
    training: {{steps: 2, batch_size: 6, checkpoint_every: 2, strategy: loop}}
"""
QUANTISED = ("qlae", "vq_vae")


def declared(name: str, *, latents: int = 5) -> str:
    """An ensemble of the objective's name."""
    objective = {"name": name, **REQUIRED.get(name, {}), **SETTINGS.get(name, {})}
    return ROW.format(
        name=name, network="burgess", latents=latents, objective=canonical_json(objective).strip()
    )


def project(root: Path, rows: list[str]) -> tuple[Workspace, Params]:
    (root / "params.yaml").write_text(HEAD + "".join(rows))
    source = root / "toolkit/data/procedural"
    source.mkdir(parents=True)
    (source / "sprites.py").touch()
    return Workspace(root=root, home=root), read_params(root / "params.yaml")


@pytest.fixture(scope="module")
def every(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """An ensemble of two members for each objective, compared with one another."""
    root = tmp_path_factory.mktemp("objectives")
    workspace, params = project(root, [declared(name) for name in OBJECTIVES])
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        make_data(workspace, params, "tiny")
        for name in OBJECTIVES:
            make_ensemble(workspace, params, name)
        make_comparison(workspace, params, "all")
    return workspace


def folders(workspace: Workspace, name: str) -> list[Path]:
    return sorted(path.parent for path in workspace.ensemble(name).glob("members/*/record.json"))


@pytest.mark.slow
@pytest.mark.parametrize("name", OBJECTIVES)
def test_members_are_trained_drawn_kept_and_read_again(every: Workspace, name: str) -> None:
    found = folders(every, name)
    assert len(found) == 2
    data = read_prepared(every.data("tiny"))
    for folder in found:
        record = json.loads((folder / "record.json").read_text())
        assert record["status"] == "finished"
        assert record["settings"]["objective"]["name"] == name
        assert {"loss", "distortion", "rate"} <= record["final"].keys()
        assert len(record["channels"]["information"]) == len(record["channels"]["rate"]) == 5
        for picture in ("reconstructions.png", "traversals.png"):
            assert (folder / picture).stat().st_size > 1000
        answers = load_posteriors(folder / "posteriors.safetensors")
        with torch.no_grad():
            mean, log_variance = load_member(folder).encode(
                torch.from_numpy(data.probe_images).float() / 255
            )
        assert torch.equal(answers.mean, mean)
        assert torch.equal(answers.log_variance, log_variance)


@pytest.mark.slow
def test_all_of_them_are_in_mlflow_and_in_the_comparison(every: Workspace) -> None:
    store = open_store(every.home)
    runs = store.client.search_runs(experiment_ids(store), "tags.kind = 'member'")
    told = {(run.data.tags["objective"], run.data.tags["key"]) for run in runs}
    assert sorted(objective for objective, _ in told) == sorted([*OBJECTIVES, *OBJECTIVES])
    table = pd.read_csv(every.report("all") / "tables/runs.csv")
    assert sorted({run.split("/")[0] for run in table["run"]}) == sorted(OBJECTIVES)
    numbers = json.loads((every.report("all") / "metrics.json").read_text())
    assert numbers["runs"] == 2 * len(OBJECTIVES)


@pytest.mark.slow
@pytest.mark.parametrize("name", QUANTISED)
def test_quantised_channels_tell_no_more_than_their_entries(every: Workspace, name: str) -> None:
    for folder in folders(every, name):
        answers = load_posteriors(folder / "posteriors.safetensors")
        record = json.loads((folder / "record.json").read_text())
        for channel, bits in enumerate(record["channels"]["information"]):
            _, counts = answers.mean[:, channel].unique(return_counts=True)
            shares = counts.double() / counts.sum()
            assert bits == pytest.approx(-(shares * shares.log2()).sum().item(), abs=1e-8)
        rates = record["channels"]["rate"]
        entries = {"qlae": 10, "vq_vae": 512}[name]
        log_entries = torch.tensor(float(entries)).log().item()
        assert rates == pytest.approx([log_entries] * 5, rel=1e-6)


@pytest.mark.parametrize("name", ["gvae", "ml_vae"])
def test_too_few_channels_for_labels_are_refused_before_any_training(
    tmp_path: Path, name: str
) -> None:
    workspace, params = project(tmp_path, [declared(name, latents=4)])
    make_data(workspace, params, "tiny")
    with pytest.raises(ToolkitError) as caught:
        make_ensemble(workspace, params, name)
    assert str(caught.value) == (
        f"{type(OBJECTIVES[name]()).__name__} needs a channel for each of the 5 factors, and the "
        "network has 4. Set `latents` to 5 or more."
    )
    assert not folders(workspace, name)
    shutil.rmtree(tmp_path)


def test_held_out_images_without_partners_are_refused_before_any_training(tmp_path: Path) -> None:
    rows = [declared("ada_gvae")]
    workspace, _ = project(tmp_path, rows)
    workspace.params.write_text(HEAD.replace("held_out: 0.3", "held_out: 0.0125") + "".join(rows))
    params = read_params(workspace.params)
    make_data(workspace, params, "tiny")
    with pytest.raises(ToolkitError) as caught:
        make_ensemble(workspace, params, "ada_gvae")
    assert str(caught.value) == (
        "images that differ in 1 to 3 factors are too rare among these 1. Let more factors change, "
        "or hold out other combinations."
    )
    assert not folders(workspace, "ada_gvae")

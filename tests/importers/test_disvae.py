import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.importers.models import SPECS, state, theirs, write
from toolkit.errors import ToolkitError
from toolkit.files import digest_of_file
from toolkit.importers import ForeignMember, load_disvae
from toolkit.networks import Burgess
from toolkit.objectives import bernoulli, rate
from toolkit.training import ImportedSettings

GOLDEN = Path(__file__).parents[1] / "golden"
SHARED = Path(__file__).parents[3] / "shared" / "data" / "disvae"
MODELS = ("VAE_mnist", "betaB_mnist", "btcvae_dsprites", "betaH_dsprites")


def published(name: str) -> Path:
    """The folder of a published model."""
    for root in (GOLDEN / "disvae", SHARED):
        if (root / name).is_dir():
            return root / name
    pytest.skip(f"the published model {name} is not beside this project")


@pytest.mark.parametrize("name", MODELS)
def test_golden_published_models_answer_as_their_own_code_did(name: str) -> None:
    folder = published(name)
    facts = json.loads((GOLDEN / "disvae_pretrained.json").read_text())[name]
    with np.load(GOLDEN / "disvae_pretrained.npz") as file:
        golden = {key: torch.from_numpy(file[key]) for key in file.files}
    images = golden["mnist_input32"] / 255 if "mnist" in name else golden["shapes64"].float()
    foreign = load_disvae(folder)
    assert foreign.weights == facts["model_pt_sha256"]
    with torch.no_grad():
        mean, log_variance = foreign.model.encode(images)
        logits = foreign.model.decode(mean)
        decoded = foreign.model.decode(golden[f"{name}_z_probe"]).sigmoid()
    for ours, key in (
        (mean, "mu"),
        (log_variance, "logvar"),
        (logits.sigmoid(), "recon"),
        (decoded, "decoded_probe"),
    ):
        torch.testing.assert_close(ours, golden[f"{name}_{key}"], rtol=2e-4, atol=1e-4)
    rates = rate(mean, log_variance).mean(dim=0)
    torch.testing.assert_close(rates.tolist(), facts["kl_per_dim_16"], rtol=2e-4, atol=1e-4)
    distortion = bernoulli(logits, images).mean().item()
    assert distortion == pytest.approx(facts["bce_per_image"], rel=1e-5)


def images(side: int, colours: int = 1) -> torch.Tensor:
    return torch.rand(4, colours, side, side, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("zipped", [False, True], ids=["legacy", "zip"])
@pytest.mark.parametrize(("side", "colours"), [(32, 1), (64, 3)])
def test_a_model_answers_as_the_published_forward_pass_written_out(
    tmp_path: Path, side: int, colours: int, zipped: bool
) -> None:
    tensors = state(side=side, colours=colours)
    write(tmp_path, tensors, zipped=zipped, img_size=[colours, side, side])
    model = load_disvae(tmp_path).model
    assert not model.training
    mean, log_variance, decoded = theirs(tensors, images(side, colours))
    with torch.no_grad():
        found = (*model.encode(images(side, colours)), model.decode(mean).sigmoid())
    for ours, expected in zip(found, (mean, log_variance, decoded), strict=True):
        torch.testing.assert_close(ours, expected, rtol=1e-4, atol=1e-5)


def test_p28_means_and_log_variances_are_no_longer_interleaved(tmp_path: Path) -> None:
    tensors = state()
    tensors["encoder.mu_logvar_gen.weight"].zero_()
    tensors["encoder.mu_logvar_gen.bias"].copy_(torch.arange(6.0))
    mean, log_variance = load_disvae(write(tmp_path, tensors)).model.encode(images(32)[:1])
    assert mean.tolist() == [[0.0, 2.0, 4.0]]
    assert log_variance.tolist() == [[1.0, 3.0, 5.0]]


def test_reading_draws_nothing_from_the_global_stream(tmp_path: Path) -> None:
    write(tmp_path)
    before = torch.get_rng_state()
    load_disvae(tmp_path)
    assert torch.equal(torch.get_rng_state(), before)


def test_what_is_known_of_the_model_is_kept(tmp_path: Path) -> None:
    foreign = load_disvae(str(write(tmp_path / "model")))
    assert (foreign.name, foreign.source) == ("betaH_tiny", "disentangling-vae")
    assert foreign.image_shape == (1, 32, 32)
    assert foreign.network == Burgess(latents=3)
    assert foreign.objective == {"name": "disvae_betaH", "beta": 4.0, "anneal_steps": 10000.0}
    assert foreign.seed == 1234
    assert foreign.weights == digest_of_file(tmp_path / "model" / "model.pt")
    assert foreign.published["epochs"] == 30
    assert "log_level" not in foreign.published


def test_a_checkpoints_specs_say_little_and_that_is_enough(tmp_path: Path) -> None:
    """P27: its checkpoints overwrite specs.json with the size of images and the network."""
    kept = ("img_size", "latent_dim", "model_type")
    drop = tuple(name for name in SPECS if name not in kept)
    foreign = load_disvae(write(tmp_path / "epoch-10", drop=drop))
    assert foreign.name == "epoch-10"
    assert foreign.objective == {"name": "disvae"}
    assert foreign.seed == 0


def keys(folder: Path) -> tuple[str, str]:
    foreign = load_disvae(folder)
    return foreign.settings(data="a").key, foreign.settings(data="b").key


def test_the_key_rests_on_the_weights_and_on_the_images_it_is_shown(tmp_path: Path) -> None:
    one, other = write(tmp_path / "one"), write(tmp_path / "other", state(seed=1))
    again = shutil.copytree(one, tmp_path / "again")
    assert keys(one) == keys(again)
    assert len({*keys(one), *keys(other)}) == 4


def test_settings_come_back_from_their_record(tmp_path: Path) -> None:
    foreign: ForeignMember = load_disvae(write(tmp_path))
    settings = foreign.settings(data="a" * 64)
    assert ImportedSettings.from_json(json.loads(json.dumps(settings.as_json()))) == settings


def test_weights_of_another_size_are_refused(tmp_path: Path) -> None:
    write(tmp_path, latent_dim=4)
    assert refusal(tmp_path) == (
        f"{tmp_path / 'model.pt'} holds encoder.mu_logvar_gen.weight of 6 x 256, but images of "
        "1 x 32 x 32 and latent_dim 4 ask for 8 x 256. Check that specs.json belongs to this model."
    )


def test_layers_that_lack_are_told(tmp_path: Path) -> None:
    write(tmp_path, img_size=[1, 64, 64])
    assert refusal(tmp_path) == (
        f"{tmp_path / 'model.pt'} holds no decoder.convT_64.bias, which the Burgess network for "
        "images of 1 x 64 x 64 has. Check that specs.json belongs to this model."
    )


def test_layers_too_many_are_told(tmp_path: Path) -> None:
    write(tmp_path, state(side=64))
    assert refusal(tmp_path) == (
        f"{tmp_path / 'model.pt'} holds decoder.convT_64.bias, which the Burgess network for "
        "images of 1 x 32 x 32 does not have. Check that specs.json belongs to this model."
    )


def test_a_number_where_a_matrix_belongs_is_told(tmp_path: Path) -> None:
    tensors = state()
    tensors["decoder.lin1.bias"] = torch.tensor(1.0)
    write(tmp_path, tensors)
    assert refusal(tmp_path) == (
        f"{tmp_path / 'model.pt'} holds decoder.lin1.bias of one number, but images of "
        "1 x 32 x 32 and latent_dim 3 ask for 256. Check that specs.json belongs to this model."
    )


def refusal(folder: Path) -> str:
    with pytest.raises(ToolkitError) as caught:
        load_disvae(folder)
    return str(caught.value)

"""Scores of quantised members: those with a discrete form are of the integer codes."""

from pathlib import Path

import numpy as np
import pytest
import torch

from toolkit.data import PreparedData, read_prepared
from toolkit.disentanglement import SCORES, MemberData, Protocol, evaluate, score_settings
from toolkit.networks import NETWORKS, Autoencoder
from toolkit.objectives import LIKELIHOODS, OBJECTIVES
from toolkit.pipeline.scores import member
from toolkit.pipeline.scores.encoded import known_factors
from toolkit.posteriors import encode, save_posteriors
from toolkit.training.settings import MemberSettings
from toolkit.workspace import Workspace

DISCRETE = ("mig", "mig_sup", "jemmig", "modularity", "infom", "infoc", "pairwise_information")
PROTOCOL = Protocol(
    scores={name: score_settings(name) for name in (*DISCRETE, "sap_continuous", "channel_nmi")},
    train=60,
    test=0,
    seed=0,
)


@pytest.fixture
def data(built: Workspace) -> PreparedData:
    return read_prepared(built.data("tiny"))


def model_of(objective: str, data: PreparedData) -> Autoencoder:
    """A member as it is before its training."""
    return MemberSettings(
        data=data.images.digest,
        image_shape=data.images.image_shape,
        network=NETWORKS["burgess"](latents=4),
        objective=OBJECTIVES[objective](),
        likelihood=LIKELIHOODS["bernoulli"](),
        learning_rate=1e-3,
        steps=1,
        batch_size=8,
        precision="float32",
        seed=0,
    ).build()


def member_data(
    model: Autoencoder, data: PreparedData, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> MemberData:
    probe = torch.from_numpy(data.images.images[data.probe.indices]).float() / 255
    answers = encode(model.encode, probe, probe=data.probe.digest)
    save_posteriors(folder / "posteriors.safetensors", answers)
    monkeypatch.setattr(member, "load_member", lambda at: model)
    return member.member_data(folder, data, known_factors(data.images), PROTOCOL)


@pytest.mark.parametrize("objective", ["qlae", "vq_vae"])
def test_scores_with_a_discrete_form_are_those_of_the_integer_codes(
    objective: str, data: PreparedData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = model_of(objective, data)
    found = member_data(model, data, tmp_path, monkeypatch)
    assert found.integer_codes is not None
    assert found.factors is not None
    # Integer codes are another form of the same clustering, and the images are those of the codes
    for channel, entries in zip(found.codes.T, found.integer_codes.T, strict=True):
        pairs = np.unique(np.column_stack([channel, entries]), axis=0)
        assert len(pairs) == len(np.unique(entries))
    results = evaluate(found, PROTOCOL.scores, seed=0).results
    for name in DISCRETE:
        alone = SCORES[name].compute(found.integer_codes, found.factors, seed=0)
        assert results[name].to_json() == alone.to_json()
    floats = SCORES["sap_continuous"].compute(found.codes, found.factors, seed=0)
    assert results["sap_continuous"].to_json() == floats.to_json()


def test_members_with_posteriors_have_no_integer_codes(
    data: PreparedData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = model_of("beta_vae", data)
    assert member_data(model, data, tmp_path, monkeypatch).integer_codes is None

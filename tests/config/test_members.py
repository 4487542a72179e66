"""The members a section declares: which, in which order, under which names."""

from pathlib import Path

from tests.config.test_params import GOOD
from toolkit.config import Params, declared_members, read_params, trial_members
from toolkit.config.sections import SAMPLER_NAMES
from toolkit.objectives import AnnealedVAE, BetaVAE
from toolkit.studies.samplers import SAMPLERS


def params(tmp_path: Path, text: str = GOOD) -> Params:
    """The records of a params.yaml."""
    path = tmp_path / "params.yaml"
    path.write_text(text)
    return read_params(path)


def test_a_grid_has_every_point_under_every_seed(tmp_path: Path) -> None:
    members = declared_members(
        params(tmp_path).ensembles["one"], data="digest", image_shape=(1, 32, 32)
    )
    assert [member.name for member in members] == [
        "beta=1 seed=0",
        "beta=1 seed=1",
        "beta=4 seed=0",
        "beta=4 seed=1",
    ]
    assert [member.settings.objective for member in members] == [
        BetaVAE(beta=1.0),
        BetaVAE(beta=1.0),
        BetaVAE(beta=4.0),
        BetaVAE(beta=4.0),
    ]
    assert len({member.settings.key for member in members}) == 4


def test_a_grid_of_two_weights_is_their_product(tmp_path: Path) -> None:
    text = GOOD.replace(
        "{name: beta_vae, beta: [1.0, 4]}",
        "{name: annealed_vae, gamma: [1.0, 2.0], capacity: [5.0, 6.0], capacity_steps: 3}",
    )
    members = declared_members(
        params(tmp_path, text).ensembles["one"], data="digest", image_shape=(1, 32, 32)
    )
    assert [m.name for m in members][::2] == [
        "gamma=1 capacity=5 seed=0",
        "gamma=1 capacity=6 seed=0",
        "gamma=2 capacity=5 seed=0",
        "gamma=2 capacity=6 seed=0",
    ]


def test_a_trial_is_one_member_a_seed(tmp_path: Path) -> None:
    members = trial_members(
        params(tmp_path).studies["two"],
        {"gamma": 3.0, "capacity": 8.0},
        data="digest",
        image_shape=(1, 32, 32),
    )
    assert [member.name for member in members] == [
        "gamma=3 capacity=8 seed=0",
        "gamma=3 capacity=8 seed=1",
    ]
    expected = AnnealedVAE(gamma=3.0, capacity=8.0, capacity_steps=5)
    assert {member.settings.objective for member in members} == {expected}


def test_how_often_a_checkpoint_is_written_does_not_change_a_member(tmp_path: Path) -> None:
    text = GOOD.replace("{steps: 10}", "{steps: 10, checkpoint_every: 3}", 1)

    def keys(text: str) -> list[str]:
        section = params(tmp_path, text).ensembles["one"]
        members = declared_members(section, data="digest", image_shape=(1, 32, 32))
        return [member.settings.key for member in members]

    assert keys(text) == keys(GOOD)


def test_the_samplers_that_may_be_declared_are_those_there_are() -> None:
    assert sorted(SAMPLER_NAMES) == sorted(SAMPLERS)

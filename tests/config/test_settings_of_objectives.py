"""Schedules, texts and likelihoods in params.yaml: what they become, and what is refused."""

import warnings
from pathlib import Path

import pytest

from tests.config.test_members import params
from tests.config.test_params import GOOD, mistakes
from toolkit.config import declared_members, trial_members
from toolkit.config.members import Member
from toolkit.objectives import (
    VAE,
    Bernoulli,
    BetaTCVAE,
    BetaVAE,
    Cyclic,
    FactorVAE,
    Gaussian,
    Laplace,
    Linear,
)
from toolkit.training import MemberSettings

BETA = "{name: beta_vae, beta: [1.0, 4]}"


def members(tmp_path: Path, objective: str, *, training: str = "{steps: 10}") -> tuple[Member, ...]:
    text = GOOD.replace(BETA, objective).replace("{steps: 10}\nstudies", f"{training}\nstudies")
    section = params(tmp_path, text).ensembles["one"]
    return declared_members(section, data="digest", image_shape=(1, 32, 32))


def test_a_grid_may_hold_schedules_among_numbers(tmp_path: Path) -> None:
    made = members(
        tmp_path,
        "{name: beta_vae, beta: [1.0, {schedule: linear, end: 4.0, steps: 1000}, "
        "{schedule: cyclic, period: 50, shape: cosine}]}",
    )
    assert [member.settings.objective for member in made][::2] == [
        BetaVAE(beta=1.0),
        BetaVAE(beta=Linear(end=4.0, steps=1000)),
        BetaVAE(beta=Cyclic(period=50, shape="cosine")),
    ]
    assert [member.name for member in made][::2] == [
        "beta=1 seed=0",
        "beta=linear(0,4,1000) seed=0",
        "beta=cyclic(0,1,50,cosine,0.5,0) seed=0",
    ]
    assert len({member.settings.key for member in made}) == 6
    for member in made:
        again = MemberSettings.from_json(member.settings.as_json())
        assert again == member.settings
        assert again.key == member.settings.key


def test_texts_and_truths_are_settings_and_parts_of_names(tmp_path: Path) -> None:
    made = members(tmp_path, "{name: beta_tcvae, beta: 2.0, estimator: [mws, mss]}")
    assert [member.name for member in made][::2] == ["estimator=mws seed=0", "estimator=mss seed=0"]
    assert made[2].settings.objective == BetaTCVAE(beta=2.0, estimator="mss")
    capacity = members(tmp_path, "{name: annealed_vae, per_image: [false, true]}")
    assert [member.name for member in capacity][::2] == [
        "per_image=no seed=0",
        "per_image=yes seed=0",
    ]


def test_an_objective_without_a_weight_is_named_by_its_seed(tmp_path: Path) -> None:
    made = members(tmp_path, "{name: vae}")
    assert [member.name for member in made] == ["seed=0", "seed=1"]
    assert made[0].settings.objective == VAE()


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("", Bernoulli()),
        (", likelihood: bernoulli", Bernoulli()),
        (", likelihood: gaussian", Gaussian()),
        (
            ", likelihood: {name: gaussian, scale: 0.05, link: sigmoid}",
            Gaussian(scale=0.05, link="sigmoid"),
        ),
        (", likelihood: {name: laplace, scale: 1}", Laplace(scale=1.0)),
    ],
)
def test_a_likelihood_is_a_name_or_a_name_with_settings(
    tmp_path: Path, said: str, meant: object
) -> None:
    made = members(tmp_path, BETA, training=f"{{steps: 10{said}}}")
    assert made[0].settings.likelihood == meant
    assert MemberSettings.from_json(made[0].settings.as_json()) == made[0].settings


def test_a_study_may_keep_a_schedule_beside_what_it_searches(tmp_path: Path) -> None:
    text = GOOD.replace(
        "{name: annealed_vae, capacity_steps: 5}",
        "{name: annealed_vae, gamma: {schedule: linear, end: 9.0, steps: 3}, capacity_steps: 5}",
    ).replace("      gamma: {low: 1.0, high: 100.0, log: true}\n", "")
    study = params(tmp_path, text).studies["two"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        dumped = study.model_dump(include={"objective": True, "training": True})
    assert dumped["objective"]["gamma"]["schedule"] == "linear"
    assert dumped["training"]["likelihood"] == {"name": "bernoulli"}
    made = trial_members(study, {"capacity": 8.0}, data="digest", image_shape=(1, 32, 32))
    assert made[0].settings.objective.weights(1) == {"gamma": 3.0, "capacity": 8.0 / 5}


def test_a_scheduled_gamma_of_factor_vae_leaves_its_other_numbers_alone(tmp_path: Path) -> None:
    made = members(tmp_path, "{name: factor_vae, gamma: {schedule: linear, end: 6, steps: 4}}")
    assert made[0].settings.objective == FactorVAE(gamma=Linear(end=6.0, steps=4))


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            "{schedule: linaer, steps: 4}",
            "ensembles.one.objective.beta[0].schedule = 'linaer' is unknown. "
            "Did you mean 'linear'?",
        ),
        (
            "{end: 4.0, steps: 4}",
            "ensembles.one.objective.beta[0].schedule is missing. Give the name of a row.",
        ),
        (
            "{schedule: linear, end: 4.0}",
            "ensembles.one.objective.beta[0].steps is missing. Give it a value.",
        ),
        (
            "{schedule: linear, steps: 4, strat: 1.0}",
            "ensembles.one.objective.beta[0].strat is not a setting. Did you mean 'start'?",
        ),
        (
            "{schedule: linear, steps: -4}",
            "ensembles.one.objective.beta[0].steps = -4: should be greater than or equal to 0.",
        ),
    ],
)
def test_a_mistake_in_a_schedule_is_told_with_its_path(
    tmp_path: Path, given: str, sentence: str
) -> None:
    assert mistakes(tmp_path, GOOD.replace("beta: [1.0, 4]", f"beta: {given}")) == [sentence]


def test_a_schedule_keeps_the_limits_of_its_weight(tmp_path: Path) -> None:
    given = "{schedule: linear, start: -1.0, end: 4.0, steps: 4}"
    (line,) = mistakes(tmp_path, GOOD.replace("beta: [1.0, 4]", f"beta: {given}"))
    assert line.startswith("ensembles.one.objective.beta[0] = {")
    assert line.endswith("its values reach -1, and each should be greater than or equal to 0.")


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            "bernouli",
            "ensembles.one.training.likelihood.name = 'bernouli' is unknown. "
            "Did you mean 'bernoulli'?",
        ),
        (
            "{name: gaussian, scale: 0.0}",
            "ensembles.one.training.likelihood.scale = 0.0: should be greater than 0.",
        ),
        (
            "{name: gaussian, scael: 0.1}",
            "ensembles.one.training.likelihood.scael is not a setting. Did you mean 'scale'?",
        ),
        (
            "{name: gaussian, link: sigmod}",
            "ensembles.one.training.likelihood.link = 'sigmod' is unknown. Did you mean 'sigmoid'?",
        ),
    ],
)
def test_a_mistake_in_a_likelihood_is_told_with_its_path(
    tmp_path: Path, given: str, sentence: str
) -> None:
    text = GOOD.replace("{steps: 10}\nstudies", f"{{steps: 10, likelihood: {given}}}\nstudies")
    assert mistakes(tmp_path, text) == [sentence]

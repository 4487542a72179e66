"""params.yaml: every mistake at once, each with path, value, what is allowed, nearest name."""

from pathlib import Path

import pytest

from toolkit.config import read_params
from toolkit.config.params import ParamsError
from toolkit.errors import ToolkitError
from toolkit.objectives.autoencoders.points import WHY

GOOD = """\
data:
  tiny:
    source: sprites
    raw: toolkit/data/procedural/sprites.py
    probe: {size: 10, seed: 0}
ensembles:
  one:
    data: tiny
    network: {name: burgess, latents: 4}
    objective: {name: beta_vae, beta: [1.0, 4]}
    seeds: [0, 1]
    training: {steps: 10}
studies:
  two:
    data: tiny
    network: {name: burgess}
    objective: {name: annealed_vae, capacity_steps: 5}
    space:
      gamma: {low: 1.0, high: 100.0, log: true}
      capacity: {choices: [4.0, 8.0]}
    seeds: [0, 1]
    sampler: {name: tpe, seed: 0}
    trials: 2
    training: {steps: 10}
comparisons:
  three: {query: "tags.kind = 'member'"}
"""


def mistakes(tmp_path: Path, text: str) -> list[str]:
    """What is said about a params.yaml."""
    path = tmp_path / "params.yaml"
    path.write_text(text)
    with pytest.raises(ParamsError) as caught:
        read_params(path)
    head, *lines = str(caught.value).split("\n")
    count = f"{len(lines)} mistake{'s' if len(lines) > 1 else ''}"
    assert head == f"{path} has {count}; nothing was done."
    return [line.removeprefix("  ") for line in lines]


def test_a_good_file_becomes_records(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(GOOD)
    params = read_params(path)
    assert params.ensembles["one"].objective.beta == [1.0, 4.0]
    assert params.ensembles["one"].training.learning_rate == 5e-4
    assert params.studies["two"].space["capacity"].points() == (4.0, 8.0)
    assert params.comparisons["three"].method.name == "average_linkage"


ONE_MISTAKE = [
    pytest.param(
        "source: sprites",
        "source: sprits",
        "data.tiny.source = 'sprits': no data set has that name. Did you mean 'sprites'?",
        id="unknown data set",
    ),
    pytest.param(
        "size: 10, seed: 0",
        "size: 1, seed: 0",
        "data.tiny.probe.size = 1: should be greater than or equal to 2.",
        id="probe too small",
    ),
    pytest.param(
        "    probe: {size: 10, seed: 0}",
        "    probe: {size: 10, seed: 0}\n    options: {shapes: 9}",
        "data.tiny.options.shapes = 9: data set sprites cannot be made with shapes = 9: "
        "Input should be less than or equal to 3.",
        id="impossible option",
    ),
    pytest.param(
        "    probe: {size: 10, seed: 0}",
        "    probe: {size: 10, seed: 0}\n    options: {shape: 2}",
        "data.tiny.options.shape = 2: no option of data set sprites is called 'shape'. "
        "Did you mean 'shapes'?",
        id="unknown option",
    ),
    pytest.param(
        "beta: [1.0, 4]",
        "beta: [1.0, -4]",
        "ensembles.one.objective.beta[1] = -4: should be greater than or equal to 0.",
        id="negative beta",
    ),
    pytest.param(
        "beta: [1.0, 4]",
        "beta: 1e-3x",
        "ensembles.one.objective.beta[0] = '1e-3x': should be a valid number.",
        id="text for a number",
    ),
    pytest.param(
        "beta: [1.0, 4]",
        "bta: [1.0, 4]",
        "ensembles.one.objective.bta is not a setting. Did you mean 'beta'?",
        id="misspelt weight",
    ),
    pytest.param(
        "name: beta_vae",
        "name: bta_vae",
        "ensembles.one.objective.name = 'bta_vae' is unknown. Did you mean 'beta_vae'?",
        id="unknown objective",
    ),
    pytest.param(
        "{name: beta_vae, beta: [1.0, 4]}",
        "{name: bio_ae}",
        f"ensembles.one.objective.noise is missing. {WHY}",
        id="a code without noise",
    ),
    pytest.param(
        "{name: beta_vae, beta: [1.0, 4]}",
        "{name: bio_ae, noise: [0.1, 0.0]}",
        f"ensembles.one.objective.noise[1] = 0.0: should be greater than 0. {WHY}",
        id="no noise",
    ),
    pytest.param(
        "{name: beta_vae, beta: [1.0, 4]}",
        "{name: info_vae, lambda_z: [2.0, 0.5]}",
        "ensembles.one.objective = {'name': 'info_vae', 'lambda_z': [2.0, 0.5]}: the weight alpha "
        "+ lambda_z - 1 of the discrepancy can be -0.5, and below 0 it would drive codes away from "
        "the prior. Raise `lambda_z`.",
        id="a point of a grid that the row refuses",
    ),
    pytest.param(
        "{name: beta_vae, beta: [1.0, 4]}",
        "{beta: [1.0, 4]}",
        "ensembles.one.objective.name is missing. Give the name of a row.",
        id="objective without a name",
    ),
    pytest.param(
        "{name: burgess, latents: 4}",
        "{name: burges, latents: 4}",
        "ensembles.one.network.name = 'burges' is unknown. Did you mean 'burgess'?",
        id="unknown network",
    ),
    pytest.param(
        "{name: burgess, latents: 4}",
        "{name: burgess, latent: 4}",
        "ensembles.one.network.latent is not a setting. Did you mean 'latents'?",
        id="misspelt network setting",
    ),
    pytest.param(
        "  one:\n    data: tiny",
        "  one:\n    data: tny",
        "ensembles.one.data = 'tny' is no data set of this file. Did you mean 'tiny'?",
        id="data set that is not declared",
    ),
    pytest.param(
        "    seeds: [0, 1]\n    training: {steps: 10}\nstudies",
        "    seeds: [0, 0]\n    training: {steps: 10}\nstudies",
        "ensembles.one.seeds = [0, 0]: seed 0 is listed twice, and two members of one seed are "
        "the same member. Give each seed once.",
        id="repeated seed",
    ),
    pytest.param(
        "    training: {steps: 10}\nstudies",
        "    training: {steps: 10, likelyhood: bernoulli}\nstudies",
        "ensembles.one.training.likelyhood is not a setting. Did you mean 'likelihood'?",
        id="misspelt training setting",
    ),
    pytest.param(
        "    training: {steps: 10}\nstudies",
        "    training: {steps: 10, precision: float16}\nstudies",
        "ensembles.one.training.precision = 'float16': no precision has that name. "
        "Did you mean 'float64'?",
        id="unknown precision",
    ),
    pytest.param(
        "    training: {steps: 10}\nstudies",
        "    training: {}\nstudies",
        "ensembles.one.training.steps is missing. Give it a value.",
        id="missing setting",
    ),
    pytest.param(
        "sampler: {name: tpe, seed: 0}\n    trials: 2",
        "sampler: {name: tpa, seed: 0}\n    trials: 2",
        "studies.two.sampler.name = 'tpa': no sampler has that name. Did you mean 'tpe'?",
        id="unknown sampler",
    ),
    pytest.param(
        "    seeds: [0, 1]\n    sampler",
        "    seeds: [0]\n    sampler",
        "studies.two.seeds = [0]: agreement needs two members or more. Give at least two seeds.",
        id="study of one seed",
    ),
    pytest.param(
        "low: 1.0, high: 100.0",
        "low: 100.0, high: 1.0",
        "studies.two.space.gamma = {'low': 100.0, 'high': 1.0, 'log': True}: a range is empty "
        "(low 100, high 1). Make `low` smaller than `high`.",
        id="empty range",
    ),
    pytest.param(
        "low: 1.0, high: 100.0, log: true",
        "low: -1.0, high: 100.0",
        "studies.two.space.gamma.low = -1.0: should be greater than or equal to 0.",
        id="range beyond the weight's limits",
    ),
    pytest.param(
        "      capacity: {choices",
        "      capacty: {choices",
        "studies.two.space.capacty is no weight of annealed_vae. Did you mean 'capacity'?",
        id="space of an unknown weight",
    ),
    pytest.param(
        "{low: 1.0, high: 100.0, log: true}",
        "{low: 1.0, high: 100.0, lg: true}",
        "studies.two.space.gamma.lg is not a setting. Did you mean 'log'?",
        id="misspelt range",
    ),
    pytest.param(
        "  three: {query: \"tags.kind = 'member'\"}",
        "  three: {query: \"tags.kind = 'member'\", method: {name: optics, by: nmii}}",
        "comparisons.three.method.by = 'nmii' is unknown. Did you mean 'nmi'?",
        id="unknown way to compare",
    ),
    pytest.param(
        "  three: {query: \"tags.kind = 'member'\"}",
        "  three: {query: \"tags.kind = 'member'\", min_samples: 3}",
        "comparisons.three.min_samples is a setting of the method OPTICS now. Remove it, because "
        "the default method has nothing to tune, or write `method: {name: optics, min_samples: "
        "...}`.",
        id="setting of a comparison that moved",
    ),
    pytest.param(
        "comparisons:\n  three",
        "comparisons:\n  a/b",
        "comparisons.a/b is not a valid name. Use letters, digits, '_' and '-', a letter or digit "
        "first; '.' separates names in DVC.",
        id="name that is no name",
    ),
    pytest.param(
        "comparisons:",
        "comparison:\ncomparisons:",
        "comparison is not a setting. Did you mean 'comparisons'?",
        id="unknown section",
    ),
]


@pytest.mark.parametrize(("good", "bad", "sentence"), ONE_MISTAKE)
def test_a_mistake_is_one_line(tmp_path: Path, good: str, bad: str, sentence: str) -> None:
    assert GOOD.count(good) >= 1
    assert mistakes(tmp_path, GOOD.replace(good, bad, 1)) == [sentence]


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    text = GOOD
    for case in ONE_MISTAKE[:2] + ONE_MISTAKE[4:5] + ONE_MISTAKE[16:17]:
        text = text.replace(str(case.values[0]), str(case.values[1]), 1)
    told = mistakes(tmp_path, text)
    assert sorted(told) == sorted(
        str(case.values[2]) for case in ONE_MISTAKE[:2] + ONE_MISTAKE[4:5] + ONE_MISTAKE[16:17]
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        pytest.param(
            "data: [",
            "{path} is not valid YAML (line 1: expected the node content, but found "
            "'<stream end>'). Fix that line.",
            id="no YAML",
        ),
        pytest.param(
            "data: 2020-01-01",
            "{path} has 1 mistake; nothing was done.\n"
            "  data = 2020-01-01 is a date to YAML. Put it in quotes.",
            id="a date",
        ),
    ],
)
def test_what_is_no_params_file_is_refused(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(text)
    with pytest.raises(ToolkitError) as caught:
        read_params(path)
    assert str(caught.value) == sentence.format(path=path)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(ToolkitError) as caught:
        read_params(tmp_path / "params.yaml")
    assert str(caught.value) == (
        f"{tmp_path / 'params.yaml'} is missing. Run this in the project's root, or put an "
        "experiment in place: `toolkit experiment NAME`."
    )


def test_a_folder_in_its_place_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ToolkitError) as caught:
        read_params(tmp_path)
    assert str(caught.value) == f"{tmp_path} cannot be read (Is a directory)."


def test_numbers_in_exponent_form_are_numbers(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(GOOD.replace("{steps: 10}", "{steps: 10, learning_rate: 1e-3}", 1))
    assert read_params(path).ensembles["one"].training.learning_rate == 1e-3


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("[5, 3]", "the steps of `posteriors_at` do not rise. Give each once, in order"),
        (
            "[3, 11]",
            "`posteriors_at` has 11, but training stops at step 10. Lower `posteriors_at`, or "
            "train longer",
        ),
    ],
)
def test_steps_whose_posteriors_are_kept_rise_and_lie_within_the_training(
    tmp_path: Path, given: str, sentence: str
) -> None:
    text = GOOD.replace("{steps: 10}", f"{{steps: 10, posteriors_at: {given}}}", 1)
    (tmp_path / "params.yaml").write_text(text)
    with pytest.raises(ToolkitError) as caught:
        read_params(tmp_path / "params.yaml")
    assert sentence in str(caught.value)

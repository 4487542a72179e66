"""`scores` and `values` in params.yaml: what they become, and every mistake in them."""

from pathlib import Path

import pytest

from tests.config.test_params import GOOD, mistakes
from toolkit.config import read_params
from toolkit.config.scores import declared
from toolkit.config.targets import targets
from toolkit.disentanglement import PRESETS, SCORES, Protocol
from toolkit.disentanglement.protocol import RENAMED

ENSEMBLE = "    seeds: [0, 1]\n    training: {steps: 10}\nstudies:"
STUDY = "    trials: 2\n"


def with_ensemble(text: str) -> str:
    return GOOD.replace(ENSEMBLE, f"    scores: {text}\n{ENSEMBLE}")


def with_study(text: str) -> str:
    return GOOD.replace(STUDY, f"{STUDY}    {text}\n")


def protocol(tmp_path: Path, text: str) -> Protocol:
    path = tmp_path / "params.yaml"
    path.write_text(with_ensemble(text))
    found = declared(read_params(path).ensembles["one"].scores)
    assert found is not None
    return found


def test_no_scores_are_declared_unless_they_are(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(GOOD)
    params = read_params(path)
    assert declared(params.ensembles["one"].scores) is None
    assert params.studies["two"].values == ["distortion", "corrected_agreement"]


def test_a_preset_gives_numbers_and_options_and_names_add_to_it(tmp_path: Path) -> None:
    found = protocol(
        tmp_path,
        "{preset: locatello2019, names: [mig, mig_sup], test: 7, options: {mig: {bins: 9}}, "
        "seed: 3}",
    )
    published = PRESETS["locatello2019"]
    assert (found.train, found.test, found.seed) == (published.train, 7, 3)
    assert set(found.scores) == {*published.scores, "mig_sup"}
    assert found.scores["mig"].to_json() == {"bins": 9}
    assert found.scores["irs"] == published.scores["irs"]
    assert found.scores["mig_sup"].to_json() == {"bins": 20, "least_variance": 0.01}


def test_the_order_of_names_is_no_part_of_a_protocol(tmp_path: Path) -> None:
    one = protocol(tmp_path, "{names: [mig, sap], train: 5, test: 5, seed: 0}")
    other = protocol(tmp_path, "{names: [sap, mig], train: 5, test: 5, seed: 0}")
    assert list(one.to_json()["scores"]) == list(other.to_json()["scores"])


def test_scores_of_one_member_and_of_several_are_told_apart(tmp_path: Path) -> None:
    found = protocol(tmp_path, "{names: [mig, udr_nmi], train: 5, test: 5, seed: 0}")
    assert (list(found.of_members.scores), list(found.of_groups.scores)) == (["mig"], ["udr_nmi"])


def test_every_score_with_a_good_end_can_be_aimed_at() -> None:
    known = targets(SCORES)
    for name, score in SCORES.items():
        found = known.get(f"scores/{name}/{score.main}")
        assert found == {"high": "maximise", "low": "minimise", "neither": None}[score.good]
        assert score.main in score.values


ENSEMBLE_MISTAKES = [
    (
        "{names: [mgi], train: 5, test: 5, seed: 0}",
        "ensembles.one.scores.names[0] = 'mgi': no score has that name. Did you mean 'mig'?",
    ),
    (
        "{preset: locatelo2019, seed: 0}",
        "ensembles.one.scores.preset = 'locatelo2019': no preset has that name. "
        "Did you mean 'locatello2019'?",
    ),
    (
        "{names: [mig], train: 5, test: 5, sed: 0, seed: 0}",
        "ensembles.one.scores.sed is not a setting. Did you mean 'seed'?",
    ),
    (
        "{names: [mig], train: 5, test: 5}",
        "ensembles.one.scores.seed is missing. Give it a value.",
    ),
    (
        "{names: [mig], train: 0, test: 5, seed: 0}",
        "ensembles.one.scores.train = 0: should be greater than or equal to 1.",
    ),
    (
        "{seed: 0}",
        "ensembles.one.scores = {'seed': 0}: no score is named. Give `names`, a `preset`, or both.",
    ),
    (
        "{names: [mig], seed: 0}",
        "ensembles.one.scores = {'names': ['mig'], 'seed': 0}: the number of images is not known. "
        "Give `train` and `test`, or a `preset` that has them.",
    ),
    (
        "{names: [mig, mig], train: 5, test: 5, seed: 0}",
        "ensembles.one.scores.names = ['mig', 'mig']: mig is listed twice. Give each score once.",
    ),
    (
        "{names: [mig], train: 5, test: 5, options: {mig: {bin: 5}}, seed: 0}",
        "ensembles.one.scores.options.mig.bin: no option of the score mig is called 'bin'. "
        "Did you mean 'bins'?",
    ),
    (
        "{names: [irs], train: 5, test: 5, options: {irs: {quantile: high}}, seed: 0}",
        "ensembles.one.scores.options.irs.quantile = 'high': should be a valid number.",
    ),
    (
        "{names: [mig], train: 5, test: 5, options: {mig: {bins: 1}}, seed: 0}",
        "ensembles.one.scores.options.mig.bins = 1: should be greater than or equal to 2.",
    ),
    (
        "{names: [downstream], train: 5, test: 5, options: {downstream: {labels: [10, 0]}}, "
        "seed: 0}",
        "ensembles.one.scores.options.downstream.labels = [10, 0]: "
        "should be greater than or equal to 1.",
    ),
    (
        "{names: [factor_vae_score], train: 5, test: 5, "
        "options: {factor_vae_score: {votes: 100}}, seed: 0}",
        "ensembles.one.scores.options.factor_vae_score.votes is called 'num_train' now. Rename it.",
    ),
    (
        "{names: [mig], train: 5, test: 5, options: {sap: {}}, seed: 0}",
        "ensembles.one.scores.options.sap is for a score that is not declared. Known: mig.",
    ),
]


@pytest.mark.parametrize(("text", "said"), ENSEMBLE_MISTAKES)
def test_a_mistake_in_scores_is_one_sentence(text: str, said: str, tmp_path: Path) -> None:
    assert mistakes(tmp_path, with_ensemble(text)) == [said]


STUDY_MISTAKES = [
    (
        "values: [distorsion]",
        "studies.two.values[0] = 'distorsion': no value of a trial has that name. "
        "Did you mean 'distortion'?",
    ),
    (
        "values: [agreement, scores/mgi/mig]",
        "studies.two.values[1] = 'scores/mgi/mig': no value of a trial has that name. "
        "Did you mean 'scores/mig/mig'?",
    ),
    (
        "values: [scores/mig/mig]",
        "studies.two.values[0] = 'scores/mig/mig': the study does not declare the score mig. "
        "Add it to `scores`.",
    ),
    (
        "scores: {names: [active_units], train: 5, test: 5, seed: 0}\n"
        "    values: [scores/active_units/active_units]",
        "studies.two.values[0] = 'scores/active_units/active_units': the score active_units has "
        "no good end, so it cannot be a target. Choose another.",
    ),
    (
        "scores: {names: [dci], train: 5, test: 5, seed: 0}\n    values: [scores/dci/completeness]",
        "studies.two.values[0] = 'scores/dci/completeness': of dci only the main value has a "
        "known good end. Write 'scores/dci/disentanglement'.",
    ),
    (
        "values: [agreement, agreement]",
        "studies.two.values = ['agreement', 'agreement']: agreement is listed twice. "
        "Name each value once.",
    ),
]


@pytest.mark.parametrize(("text", "said"), STUDY_MISTAKES)
def test_a_mistake_in_values_is_one_sentence(text: str, said: str, tmp_path: Path) -> None:
    assert mistakes(tmp_path, with_study(text)) == [said]


@pytest.mark.parametrize("score", RENAMED)
def test_every_renamed_option_leads_to_one_that_exists(score: str) -> None:
    for old, new in RENAMED[score].items():
        assert old not in SCORES[score].settings.options()
        assert new in SCORES[score].settings.options()

from dataclasses import replace

import numpy as np
import pytest

from toolkit.disentanglement import (
    SCORES,
    GridSampler,
    MemberData,
    Preset,
    Takes,
    draw_member_data,
    evaluate,
    score_settings,
)
from toolkit.disentanglement.blocks import blocks_of
from toolkit.disentanglement.predictor.train_test import PredictorSettings
from toolkit.errors import UnknownNameError
from toolkit.execution import processes

GRID = np.stack(np.meshgrid(range(2), range(3), indexing="ij"), axis=-1).reshape(-1, 2)
SIX = GridSampler.of_table(GRID + np.random.default_rng(0).normal(size=(6, 2)) / 9, sizes=(2, 3))
PRESET = Preset(
    train=60,
    test=30,
    scores={
        "dci": score_settings("dci"),
        "dci_logistic": score_settings("dci_logistic"),
        "mig": score_settings("mig", bins=10),
        "mig_sup": score_settings("mig_sup", bins=10, least_variance=0.0),
        "infom": score_settings("infom"),
        "infoc": score_settings("infoc"),
        "explicitness": score_settings("explicitness"),
        "active_units": score_settings("active_units"),
        "flatness": score_settings("flatness", traversals=3),
    },
    source="made for this test (2026)",
)


def test_every_score_is_what_it_is_alone() -> None:
    member = draw_member_data(PRESET, SIX, seed=3)
    found = evaluate(member, PRESET.scores, seed=0)
    assert found.refused == {}
    assert list(found.results) == sorted(PRESET.scores)
    for name, settings in PRESET.scores.items():
        score = SCORES[name]
        trains, samples = isinstance(settings, PredictorSettings), Takes.SAMPLER in score.takes
        rows = slice(None if trains or samples else 60)
        alone = score.compute(
            member.codes[rows],
            member.factors[rows],
            replace(settings, split=30) if trains else settings,
            seed=0,
            **({"sampler": SIX} if samples else {}),
        )
        assert found.results[name].to_json() == alone.to_json()


@pytest.mark.slow
def test_results_do_not_depend_on_where_the_work_runs() -> None:
    member = draw_member_data(PRESET, SIX, seed=3)
    here = evaluate(member, PRESET.scores, seed=0)
    there = evaluate(member, PRESET.scores, seed=0, execute=processes(2))
    assert there.flat() == here.flat()


def test_what_a_member_does_not_offer_is_refused_and_the_rest_goes_on() -> None:
    codes = np.random.default_rng(0).normal(size=(20, 2))
    member = MemberData(codes=np.hstack([codes, codes]))
    names = ["mig", "dci", "channel_bits", "channel_nmi", "udr_lasso", "active_units"]
    found = evaluate(
        member, {n: score_settings(n) for n in [*names, "gaussian_total_correlation"]}, seed=0
    )
    assert list(found.results) == ["active_units"]
    need = {
        "mig": "factors with known values",
        "dci": "factors with known values",
        "channel_bits": "log-variances of posteriors",
        "channel_nmi": "factors with known values",
        "udr_lasso": "several members at once",
    }
    for name, what in need.items():
        assert found.refused[name] == (
            f"the score {name} needs {what}, which this member does not offer. "
            "Leave it out of `scores`, or provide them."
        )
    assert found.refused["gaussian_total_correlation"].startswith("channels depend linearly")


def test_posteriors_are_handed_to_the_scores_that_need_them() -> None:
    codes, factors = np.tile(GRID, (3, 1)) * 4.0, np.tile(GRID, (3, 1))
    member = MemberData(
        codes=codes,
        factors=factors,
        log_variance=np.full(codes.shape, -4.0),
        nmi=np.eye(2),
        information=np.array([1.0, 1.5]),
        test=0,
    )
    names = ["mig_entropy", "axis_alignment", "channel_nmi", "channel_bits", "infoe_regression"]
    found = evaluate(member, {name: score_settings(name) for name in names}, seed=0)
    assert found.refused == {}
    values = found.flat()
    assert values["channel_nmi/channel_nmi"] == 1.0
    assert values["channel_bits/information_bits"] == 2.5
    assert values["infoe_regression/infoe_r2"] == pytest.approx(1.0)


def test_dci_of_still_factors_is_refused() -> None:
    member = MemberData(codes=np.eye(4), factors=np.ones((4, 1)))
    refused = evaluate(member, {"dci": score_settings("dci")}, seed=0).refused
    assert refused["dci"].startswith("none of the 1 factors")


def test_unknown_names_are_answered_with_the_nearest() -> None:
    member = MemberData(codes=np.eye(2))
    with pytest.raises(UnknownNameError) as caught:
        evaluate(member, {"mgi": score_settings("mig")}, seed=0)
    assert str(caught.value) == "no score is called 'mgi'. Did you mean 'mig'?"
    with pytest.raises(UnknownNameError) as caught:
        score_settings("mig", bin=3)
    assert str(caught.value) == "no option of the score mig is called 'bin'. Did you mean 'bins'?"


def test_only_work_that_draws_images_carries_the_sampler() -> None:
    member = draw_member_data(PRESET, SIX, seed=3)
    for block in blocks_of(member, PRESET.scores, seed=0):
        draws = any(Takes.SAMPLER in SCORES[name].takes for name in block.scores)
        assert (block.member.sampler is SIX) == draws
        assert block.member.codes is member.codes


ENTRIES = np.array([[0, 7], [1, 7], [2, 0], [2, 3]])[np.arange(400) % 4]  # indices of two channels
BOOK = np.array([-0.5, -0.49, 0.0, 0.1, 0.2, 0.3, 0.4, 0.5])
DISCRETE = [name for name, score in SCORES.items() if Takes.INTEGER_CODES in score.takes]


@pytest.mark.parametrize("name", DISCRETE)
def test_scores_with_a_discrete_form_get_the_integer_codes_of_a_quantised_member(name: str) -> None:
    factors = np.random.default_rng(0).integers(0, 3, size=(400, 2))
    factors[:, 0] = ENTRIES[:, 0]
    quantised = MemberData(codes=BOOK[ENTRIES], integer_codes=ENTRIES, factors=factors, test=100)
    settings = score_settings(name)
    found = evaluate(quantised, {name: settings}, seed=0).results[name]
    trains = isinstance(settings, PredictorSettings)
    rows = slice(None if trains else 300)
    alone = SCORES[name].compute(
        ENTRIES[rows],
        factors[rows],
        replace(settings, split=100) if trains else settings,
        seed=0,
    )
    assert found.to_json() == alone.to_json()
    floats = replace(quantised, integer_codes=None)
    assert evaluate(floats, {name: settings}, seed=0).results[name].to_json() != found.to_json()


def test_channels_that_use_few_near_entries_are_not_pruned() -> None:
    near = np.column_stack([ENTRIES[:, 0], np.arange(400) % 2])  # -0.5 and -0.49: 1 % of the range
    member = MemberData(codes=BOOK[near], integer_codes=near, factors=near)
    scores = {name: score_settings(name) for name in ("infom", "mig_sup")}
    values = evaluate(member, scores, seed=0).flat()
    assert values["infom/active_channels"] == values["mig_sup/meaningful_channels"] == 2.0
    floats = evaluate(replace(member, integer_codes=None), scores, seed=0).flat()
    assert floats["infom/active_channels"] == floats["mig_sup/meaningful_channels"] == 1.0

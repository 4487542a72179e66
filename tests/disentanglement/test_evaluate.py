import numpy as np
import pytest

from toolkit.disentanglement import (
    SCORES,
    GridSampler,
    MemberData,
    Preset,
    evaluate,
    material_for,
)
from toolkit.disentanglement.blocks import blocks_of
from toolkit.errors import UnknownNameError
from toolkit.execution import processes

GRID = np.stack(np.meshgrid(range(2), range(3), indexing="ij"), axis=-1).reshape(-1, 2)
SIX = GridSampler.of_table(GRID + np.random.default_rng(0).normal(size=(6, 2)) / 9, sizes=(2, 3))
PRESET = Preset(
    train=60,
    test=30,
    scores={
        "dci": {},
        "mig": {"bins": 10},
        "mig_sup": {"bins": 10, "least_variance": 0.0},
        "infom": {},
        "infoc": {},
        "explicitness": {},
        "active_units": {},
        "flatness": {"traversals": 3},
    },
    source="made for this test (2026)",
)


def test_every_score_is_what_it_is_alone() -> None:
    material = material_for(PRESET, SIX, seed=3)
    found = evaluate(material, PRESET.scores, seed=0)
    assert found.refused == {}
    assert list(found.results) == sorted(PRESET.scores)
    for name, options in PRESET.scores.items():
        score = SCORES[name]
        whole = score.learns or score.samples
        rows = slice(None if whole else 60)
        given = dict(options)
        if score.learns:
            given["split"] = 30
        if score.samples:
            given["sampler"] = SIX
        alone = score.compute(material.codes[rows], material.factors[rows], seed=0, **given)
        assert found.results[name].record() == alone.record()


@pytest.mark.slow
def test_results_do_not_depend_on_where_the_work_runs() -> None:
    material = material_for(PRESET, SIX, seed=3)
    here = evaluate(material, PRESET.scores, seed=0)
    there = evaluate(material, PRESET.scores, seed=0, execute=processes(2))
    assert there.flat() == here.flat()


def test_what_a_member_does_not_offer_is_refused_and_the_rest_goes_on() -> None:
    codes = np.random.default_rng(0).normal(size=(20, 2))
    material = MemberData(codes=np.hstack([codes, codes]))
    names = ["mig", "dci", "channel_bits", "channel_nmi", "udr_lasso", "active_units"]
    found = evaluate(material, {n: {} for n in [*names, "gaussian_total_correlation"]}, seed=0)
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
    material = MemberData(
        codes=codes,
        factors=factors,
        log_variance=np.full(codes.shape, -4.0),
        nmi=np.eye(2),
        information=np.array([1.0, 1.5]),
        test=0,
    )
    names = ["mig_entropy", "axis_alignment", "channel_nmi", "channel_bits", "infoe_regression"]
    found = evaluate(material, {name: {} for name in names}, seed=0)
    assert found.refused == {}
    values = found.flat()
    assert values["channel_nmi/channel_nmi"] == 1.0
    assert values["channel_bits/information_bits"] == 2.5
    assert values["infoe_regression/infoe_r2"] == pytest.approx(1.0)


def test_dci_of_still_factors_is_refused() -> None:
    material = MemberData(codes=np.eye(4), factors=np.ones((4, 1)))
    assert (
        evaluate(material, {"dci": {}}, seed=0).refused["dci"].startswith("none of the 1 factors")
    )


def test_unknown_names_are_answered_with_the_nearest() -> None:
    material = MemberData(codes=np.eye(2))
    with pytest.raises(UnknownNameError) as caught:
        evaluate(material, {"mgi": {}}, seed=0)
    assert str(caught.value) == "no score is called 'mgi'. Did you mean 'mig'?"
    with pytest.raises(UnknownNameError) as caught:
        evaluate(material, {"mig": {"bin": 3}}, seed=0)
    assert str(caught.value) == "no option of the score mig is called 'bin'. Did you mean 'bins'?"


def test_only_work_that_draws_images_carries_the_sampler() -> None:
    material = material_for(PRESET, SIX, seed=3)
    for block in blocks_of(material, PRESET.scores, seed=0):
        draws = any(SCORES[name].samples for name in block.scores)
        assert (block.material.sampler is SIX) == draws
        assert block.material.codes is material.codes

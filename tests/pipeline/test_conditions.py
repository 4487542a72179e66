"""What decides a member, in a reader's words."""

from dataclasses import replace
from pathlib import Path

from tests.tracking.members import DATA, make_member
from toolkit.pipeline.conditions import conditions_of


def test_everything_but_objective_and_seed_is_a_condition(tmp_path: Path) -> None:
    record, _ = make_member(tmp_path, seed=3)
    settings = {
        **record.settings,
        "image_shape": [1, 32, 32],
        "likelihood": {"name": "gaussian", "scale": 0.1},
    }
    assert dict(conditions_of(replace(record, settings=settings))) == {
        "training images": DATA[:12],
        "image shape": "1 × 32 × 32",
        "network": "burgess",
        "latents": "4",
        "likelihood": "gaussian",
        "optimiser": "adam",
        "learning rate": "0.001",
        "steps": "50",
        "batch size": "32",
        "precision": "float32",
        "version of training": "training/2",
        "likelihood.scale": "0.1",
        "version of answers": record.answers,
    }


def test_members_that_differ_in_objective_and_seed_alone_have_equal_conditions(
    tmp_path: Path,
) -> None:
    records = [make_member(tmp_path, beta=beta, seed=seed)[0] for beta in (1, 4) for seed in (0, 1)]
    assert len({tuple(conditions_of(record).items()) for record in records}) == 1
    longer = replace(records[0], settings={**records[0].settings, "steps": 60})
    assert conditions_of(longer) != conditions_of(records[0])

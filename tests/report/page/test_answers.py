"""A reader's three questions: each sentence follows from the findings, in the right form."""

import math
from dataclasses import replace

import pytest

from tests.report.conftest import found, planted
from toolkit.report import FailedMember, Findings
from toolkit.report.page.answers import ROOM_BITS, answer, images_for
from toolkit.report.page.trust import trust_sentences


def test_what_was_compared_names_settings_that_all_runs_share() -> None:
    runs, posteriors = planted(betas=(1.0, 4.0), seeds=(0, 1))
    conditions = {"network": "burgess", "latents": "4", "steps": "700"}
    findings = found([replace(run, conditions=conditions) for run in runs], posteriors)
    answers = answer(findings)
    assert answers.compared[0] == (
        "4 runs of 1 ensemble: objective beta_vae, data set squares, network burgess with "
        "4 latents, 700 steps. They have 2 settings: beta=1 and beta=4."
    )
    assert answers.warnings == ()


def test_a_difference_in_steps_is_a_warning_and_the_first_thing_to_do() -> None:
    runs, posteriors = planted(seeds=(0, 1, 2))
    mixed = [replace(run, conditions={"steps": "7" if run.seed else "9"}) for run in runs]
    answers = answer(found(mixed, posteriors))
    assert answers.warnings == ("steps: 9 in runs 1 and 4; 7 in runs 2, 3, 5 and 6.",)
    assert answers.next_steps[0] == (
        "Compare like with like: the runs differ in steps too. Narrow the query, or read the "
        "numbers setting by setting."
    )
    assert "steps" not in answers.compared[0].split(".")[0]


def test_one_hot_spot_and_several_have_their_own_sentences(findings: Findings) -> None:
    spot = findings.hot_spots[0]
    alone = " ".join(answer(replace(findings, hot_spots=(spot,))).agreed)
    assert "One piece of information was found again (a hot spot), in 6 of 6 runs" in alone
    partly = replace(spot, members=2)
    several = " ".join(answer(replace(findings, hot_spots=(partly, partly))).agreed)
    assert "2 pieces of information were found again (hot spots), none of them in every" in several
    unsure = " ".join(answer(replace(findings, hot_spots=(), candidates=(spot,))).agreed)
    assert "No piece of information is sure enough to be claimed; 1 group of channels" in unsure
    none = answer(replace(findings, hot_spots=(), candidates=()))
    assert "No piece of information was found in enough runs for a hot spot." in none.agreed
    assert none.next_steps[-1].startswith("Train longer, or lower the weight of the rate")


def test_few_seeds_failed_runs_and_too_few_images_are_next_steps(findings: Findings) -> None:
    failed = FailedMember(name="x", reason="Failed at step 3.")
    channels = (replace(findings.channels[0], saturated=True, bits=5.0), *findings.channels[1:])
    first = replace(findings.settings[0], runs=(0, 1))
    changed = replace(
        findings,
        failed=(failed,),
        channels=channels,
        settings=(first, *findings.settings[1:]),
    )
    steps = answer(changed).next_steps
    assert steps[0] == "Look at the run left out: what failed may be what differs most."
    assert steps[1].startswith("Train more seeds: 1 setting has fewer than 3 runs,")
    assert steps[2] == (
        "Show more probe images: 1 channel holds nearly as many bits as 96 images allow. "
        "Set `probe: {size: 260}` or more in params.yaml."
    )
    assert len(steps) == 5
    assert len(answer(findings).next_steps) == 2
    assert answer(findings).next_steps[-1].startswith(trust_sentences(findings)[0].rstrip(":."))


@pytest.mark.parametrize("bits", [0.5, 3.0, 5.5, 9.9])
def test_so_many_images_leave_room_above_the_bits(bits: float) -> None:
    images = images_for(bits)
    assert bits + ROOM_BITS <= math.log2(images)
    assert images <= 1.2 * 2 ** (bits + ROOM_BITS)

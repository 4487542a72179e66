"""A reader's three questions, answered in sentences: what, how sure, what next."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from toolkit.report.conditions import Condition, conditions_of_runs, numbered
from toolkit.report.page.trust import trust_sentences
from toolkit.report.page.wording import agreement_in_words, count, listed, number
from toolkit.report.records import Findings

ROOM_BITS = 3  # below log2 n, where the number of images stops limiting the bits
LEAST_SEEDS = 3  # runs of one setting, for an interval that says something


@dataclass(frozen=True, kw_only=True)
class Answers:
    """The answers to a reader's three questions.

    Arguments:
        compared: what was compared.
        warnings: in what the runs differ that a comparison should not vary.
        agreed: what the runs agree on, and how sure that is.
        next_steps: what to do, the most urgent first.
    """

    compared: tuple[str, ...]
    warnings: tuple[str, ...]
    agreed: tuple[str, ...]
    next_steps: tuple[str, ...]


def answer(findings: Findings) -> Answers:
    """The three answers."""
    conditions = conditions_of_runs(findings.runs)
    warnings = tuple(_warning(condition) for condition in conditions if not condition.everywhere)
    return Answers(
        compared=_compared(findings, conditions),
        warnings=warnings,
        agreed=_agreed(findings),
        next_steps=_next_steps(findings, differing=[c for c in conditions if not c.everywhere]),
    )


def _warning(condition: Condition) -> str:
    values = "; ".join(f"{text} in {numbered(runs)}" for text, runs in condition.runs_of.items())
    return f"{condition.name}: {values}."


def _compared(findings: Findings, conditions: Sequence[Condition]) -> tuple[str, ...]:
    runs, same = findings.runs, {c.name: next(iter(c.runs_of)) for c in conditions if c.everywhere}
    what = count(len(runs), "run")
    ensembles = len({run.ensemble for run in runs})
    of = f" of {count(ensembles, 'ensemble')}" if any(run.ensemble for run in runs) else ""
    network = ""
    if "network" in same and "latents" in same:
        network = f", network {same['network']} with {same['latents']} latents"
    steps = f", {same['steps']} steps" if "steps" in same else ""
    trained = [
        f"objective {same['objective']}" if "objective" in same else "several objectives",
        f"data set {same['data set']}" if "data set" in same else "several data sets",
    ]
    settings = [setting.label for setting in findings.settings]
    varied = ""
    if 1 < len(settings) <= 6:
        varied = f" They have {len(settings)} settings: {listed(settings)}."
    elif len(settings) > 6:
        varied = f" They have {len(settings)} settings, listed below."
    sentences = [
        f"{what}{of}: {', '.join(trained)}{network}{steps}.{varied}",
        f"Every run was shown the same {findings.images} probe images.",
    ]
    failed = len(findings.failed)
    if failed:
        sentences.append(
            f"{count(failed, 'more run')} {'is' if failed == 1 else 'are'} left out; the reasons "
            "are listed below."
        )
    return tuple(sentences)


def _agreed(findings: Findings) -> tuple[str, ...]:
    channels, spots = findings.channels, findings.hot_spots
    active = sum(channel.kept for channel in channels)
    totals = [run.total_bits for run in findings.summaries]
    low, high = number(min(totals), digits=1), number(max(totals), digits=1)
    sentences = [
        f"{active} of {len(channels)} channels {'is' if active == 1 else 'are'} active (more than "
        f"{findings.threshold_bits:g} bits); the channels of one run hold "
        + (f"{low} bits together." if low == high else f"{low} to {high} bits together.")
    ]
    # Hot spots
    if spots:
        first, everywhere = spots[0], sum(spot.members == spot.runs for spot in spots)
        if len(spots) == 1:
            sentences.append(
                "One piece of information was found again (a hot spot), in "
                f"{first.members} of {first.runs} runs, with {number(first.mean_bits)} bits per "
                "channel."
            )
        else:
            sentences.append(
                f"{len(spots)} pieces of information were found again (hot spots), "
                f"{everywhere or 'none'} of them in every run; the first is in {first.members} of "
                f"{first.runs} runs, with {number(first.mean_bits)} bits per channel."
            )
        subject = "It comes" if len(spots) == 1 else "Each comes"
        sentences.append(f"{subject} back in at least 80 % of the halves of the images.")
    elif findings.candidates:
        sentences.append(
            "No piece of information is sure enough to be claimed; "
            f"{count(len(findings.candidates), 'group')} of channels that may be one "
            f"{'is' if len(findings.candidates) == 1 else 'are'} listed below."
        )
    else:
        sentences.append("No piece of information was found in enough runs for a hot spot.")
    # Agreement
    sentences += agreement_in_words(findings.agreement)
    return tuple(sentences)


def _next_steps(findings: Findings, *, differing: Sequence[Condition]) -> tuple[str, ...]:
    steps = []
    # The runs
    if differing:
        names = listed([condition.name for condition in differing])
        steps.append(
            f"Compare like with like: the runs differ in {names} too. Narrow the query, or read "
            "the numbers setting by setting."
        )
    failed = len(findings.failed)
    if failed:
        steps.append(
            f"Look at the {'run' if failed == 1 else f'{failed} runs'} left out: what failed may "
            "be what differs most."
        )
    few = [setting for setting in findings.settings if len(setting.runs) < LEAST_SEEDS]
    if few:
        which = (
            "every setting has"
            if len(few) == len(findings.settings)
            else f"{count(len(few), 'setting')} {'has' if len(few) == 1 else 'have'}"
        )
        steps.append(
            f"Train more seeds: {which} fewer than {LEAST_SEEDS} runs, too few to tell what a "
            "setting does from what a seed does."
        )
    # The images
    near = [channel.bits for channel in findings.channels if channel.saturated]
    if near:
        enough = images_for(max(near))
        steps.append(
            f"Show more probe images: {count(len(near), 'channel')} "
            f"{'holds' if len(near) == 1 else 'hold'} nearly as many bits as {findings.images} "
            f"images allow. Set `probe: {{size: {enough}}}` or more in params.yaml."
        )
    # What was found
    if not findings.hot_spots:
        steps.append(
            "Train longer, or lower the weight of the rate: no piece of information surely comes "
            "back in several runs."
        )
    else:
        steps.append(
            "Look at the hot spots and their pictures: they are what does not depend on the seed."
        )
        trusted = trust_sentences(findings)[0].rstrip(":.")
        steps.append(f"{trusted}; the section “Which run to trust” says what that rests on.")
    return tuple(steps)


def images_for(bits: float) -> int:
    """How many images a channel of so many bits needs, so that their number does not limit it.

    The least number n, rounded up to two digits, with log2 n at least 3 bits above.

    >>> images_for(5.5), images_for(7.2)
    (370, 1200)
    """
    least = math.exp2(bits + ROOM_BITS)
    scale: int = 10 ** max(math.floor(math.log10(least)) - 1, 0)
    return math.ceil(least / scale) * scale

"""Which method finds the pieces of information that many members know.

    python -m benchmarks.structure [--seeds 20] [--write docs/benchmarks/structure.md]

Ensembles are drawn whose answer is known (`benchmarks/planted.py`): every channel carries a piece
that several members know, or something that nobody else knows. The cut is
the middle of what does equally well on the ten scenarios called tuned. The ten held back were not
used for it, but they were looked at while the method was developed, so they are no blind test.

The *index* is the adjusted Rand index of the groups found and the pieces planted, over informative
channels; a channel in no group, and one that carries no piece, is a group by itself. A piece is
*found* if a group holds at least 80 % of its channels and at least 80 % of the group carry it. A
group is *in noise* if more than half of its channels carry no piece. NMI above chance is 0 for
shuffled images and 1 for equal channels. All groups need a quarter of the members that know
anything, at least 2 and at most 20.

*Moved* is the share of ensembles in which any group changes when every NMI and VI is multiplied by
1 + e with e normal of spread 1e-6, far more than the rounding of a processor.
"""

import argparse
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from statistics import fmean

import numpy as np
import torch
from sklearn.metrics import adjusted_rand_score

from benchmarks.planted import Planted, Scenario, plant
from benchmarks.planted_scenarios import HELD_BACK, TUNED
from benchmarks.structure_methods import METHODS, Channels, Labels
from toolkit.files import write_text
from toolkit.information import ChannelComparison, compare_channels, nmi_above_chance
from toolkit.structure import least_members

MANY_MEMBERS = 100  # from so many on tables are in single precision
HEAD = ("method", "scenarios", "index", "lowest", "pieces found", "groups in noise", "moved")


def large_enough(labels: Labels, member: Labels) -> Labels:
    """Labels from 0, with -1 for channels of groups of too few members."""
    least = least_members(len(np.unique(member)))
    found = np.full(len(labels), -1)
    groups = [labels == label for label in np.unique(labels[labels >= 0])]
    for number, group in enumerate(g for g in groups if len(np.unique(member[g])) >= least):
        found[group] = number
    return found


def alone_if_in_no_group(labels: Labels) -> Labels:
    """Labels with a new one for every channel in no group."""
    return np.where(labels < 0, labels.max(initial=0) + 1 + np.arange(len(labels)), labels)


def judged(labels: Labels, piece: Labels) -> tuple[float, int, int, int]:
    """Index, pieces found, pieces planted, groups in noise."""
    groups = [labels == label for label in range(labels.max(initial=-1) + 1)]
    pieces = [piece == number for number in np.unique(piece[piece >= 0])]
    found = sum(any((p & g).sum() >= 0.8 * max(p.sum(), g.sum()) for g in groups) for p in pieces)
    noise = sum(float((piece[group] < 0).mean()) > 0.5 for group in groups)
    index = adjusted_rand_score(alone_if_in_no_group(piece), alone_if_in_no_group(labels))
    return float(index), found, len(pieces), noise


def seen(comparison: ChannelComparison, planted: Planted) -> tuple[Channels, Labels]:
    """What methods see of the informative channels, and the pieces they carry."""
    kept = (comparison.information > 0.01).nonzero()[:, 0]
    nmi, vi, above = (
        table[kept][:, kept].double().nan_to_num(0.0).numpy()
        for table in (comparison.nmi, comparison.vi, nmi_above_chance(comparison))
    )
    member = np.array(planted.member)[kept.numpy()]
    return Channels(member=member, nmi=nmi, vi=vi, above=above), np.array(planted.piece)[kept]


def shaken(comparison: ChannelComparison) -> ChannelComparison:
    """The comparison with every NMI and VI changed by about a millionth."""
    draw = torch.Generator().manual_seed(0)
    noise = 1e-6 * torch.randn(comparison.nmi.shape, generator=draw, dtype=torch.float64)
    factor = 1 + (noise + noise.T) / 2**0.5
    return replace(comparison, nmi=comparison.nmi * factor, vi=comparison.vi * factor)


def run(scenarios: Mapping[str, Scenario], seeds: int) -> dict[str, list[list[str]]]:
    """For each method a row of the table for each scenario, and one for all."""
    scores: dict[str, dict[str, list[tuple[float, int, int, int, bool]]]] = {}
    for name, scenario in scenarios.items():
        for seed in range(seeds):
            planted = plant(scenario, seed=seed)
            kind = torch.float32 if scenario.members >= MANY_MEMBERS else torch.float64
            comparison = compare_channels(planted.mean, planted.log_variance, dtype=kind)
            again = shaken(comparison)
            (channels, piece), (moved, _) = seen(comparison, planted), seen(again, planted)
            for method, find in METHODS.items():
                labels = large_enough(find(comparison, channels, planted), channels.member)
                other = large_enough(find(again, moved, planted), moved.member)
                changed = adjusted_rand_score(
                    alone_if_in_no_group(labels), alone_if_in_no_group(other)
                )
                result = (*judged(labels, piece), bool(changed < 1))
                scores.setdefault(method, {}).setdefault(name, []).append(result)
    return {method: rows(by_scenario) for method, by_scenario in scores.items()}


def rows(by_scenario: Mapping[str, list[tuple[float, int, int, int, bool]]]) -> list[list[str]]:
    """Cells for each scenario, and first for all of them together."""
    lists = [[r for some in by_scenario.values() for r in some], *by_scenario.values()]
    means = [fmean(r[0] for r in some) for some in by_scenario.values()]
    return [
        [
            f"{fmean(r[0] for r in some):.3f}",
            f"{min(means):.3f}" if position == 0 else f"{min(r[0] for r in some):.3f}",
            f"{sum(r[1] for r in some) / max(1, sum(r[2] for r in some)):.1%}"
            if any(r[2] for r in some)
            else "none planted",
            str(sum(r[3] for r in some)),
            f"{fmean(r[4] for r in some):.1%}",
        ]
        for position, some in enumerate(lists)
    ]


def table(head: tuple[str, ...], lines: list[list[str]]) -> str:
    rule = "|---|---|" + "---:|" * (len(head) - 2)
    return "\n".join([f"| {' | '.join(head)} |", rule, *(f"| {' | '.join(c)} |" for c in lines)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20, help="ensembles of each scenario")
    parser.add_argument("--write", type=Path)
    arguments = parser.parse_args()
    start = time.process_time()
    kinds = {"tuned": TUNED, "held back": HELD_BACK}
    found = {kind: run(scenarios, arguments.seeds) for kind, scenarios in kinds.items()}
    lines = [[method, kind, *found[kind][method][0]] for kind in kinds for method in METHODS]
    default = next(iter(METHODS))
    each = [
        [f"{name}: {scenario.about}", kind, *cells]
        for kind, scenarios in kinds.items()
        for (name, scenario), cells in zip(scenarios.items(), found[kind][default][1:], strict=True)
    ]
    text = "\n\n".join(
        [
            "# Methods that find hot spots",
            __doc__.split("\n\n", 2)[2].strip(),
            f"`python -m benchmarks.structure --seeds {arguments.seeds}`, "
            f"{(time.process_time() - start) / 60:.0f} minutes of one processor core. "
            "*Lowest* is the scenario with the lowest mean index.",
            table(HEAD, lines),
            "## The default, scenario by scenario\n\n*Lowest* is the ensemble with the lowest "
            "index.",
            table(("scenario", *HEAD[1:]), each),
        ]
    )
    print(text)
    if arguments.write:
        write_text(arguments.write, text + "\n")


if __name__ == "__main__":
    main()

"""What the runs of a comparison have in common, and in what they differ beside their numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from toolkit.report.runs import ComparedRun


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One setting of all runs.

    Arguments:
        name: for readers, such as "steps".
        runs_of: positions of the runs by the text of the value; a run without it is in none.
        everywhere: whether all runs have the same value.
    """

    name: str
    runs_of: Mapping[str, tuple[int, ...]]
    everywhere: bool


def conditions_of_runs(runs: Sequence[ComparedRun]) -> tuple[Condition, ...]:
    """Data set, objective and every other setting, in the order in which the runs name them.

    Numbers of the objective and seeds are left out: they are what a comparison varies.
    """
    settings = [
        {"data set": run.data, "objective": run.objective, **run.conditions} for run in runs
    ]
    names = dict.fromkeys(name for setting in settings for name in setting)
    found = []
    for name in names:
        runs_of: dict[str, tuple[int, ...]] = {}
        for position, setting in enumerate(settings):
            if name in setting:
                text = setting[name]
                runs_of[text] = (*runs_of.get(text, ()), position)
        everywhere = len(runs_of) == 1 and len(next(iter(runs_of.values()))) == len(runs)
        found.append(Condition(name=name, runs_of=runs_of, everywhere=everywhere))
    return tuple(found)


def numbered(positions: Sequence[int]) -> str:
    """Runs as a page numbers them, from 1, neighbours as a range.

    >>> numbered([0]), numbered([0, 1, 2, 5]), numbered([3, 4])
    ('run 1', 'runs 1–3 and 6', 'runs 4 and 5')
    """
    groups = [
        [position + 1 for _, position in group]
        for _, group in groupby(enumerate(positions), lambda pair: pair[1] - pair[0])
    ]
    texts: list[str] = []
    for group in groups:
        texts += [f"{group[0]}–{group[-1]}"] if len(group) > 2 else [str(run) for run in group]
    words = " and ".join([", ".join(texts[:-1]), texts[-1]]) if len(texts) > 1 else texts[0]
    return f"run{'' if len(positions) == 1 else 's'} {words}"

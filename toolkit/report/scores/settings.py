"""Which runs differ in nothing but their seed."""

from collections.abc import Sequence

from toolkit.report.runs import ComparedRun
from toolkit.report.scores.records import Setting


def settings_of(runs: Sequence[ComparedRun]) -> tuple[Setting, ...]:
    """The runs by setting, in their order; a label says only what is not the same everywhere."""
    together: dict[tuple[object, ...], list[int]] = {}
    for position, run in enumerate(runs):
        numbers = tuple(sorted(run.hyperparameters.items()))
        options = tuple(sorted(run.options.items()))
        place = (run.ensemble, run.data, run.objective, numbers, options)
        together.setdefault(place, []).append(position)
    firsts = [runs[positions[0]] for positions in together.values()]
    return tuple(
        Setting(label=_label(first, firsts), runs=tuple(positions))
        for first, positions in zip(firsts, together.values(), strict=True)
    )


def _label(run: ComparedRun, among: Sequence[ComparedRun]) -> str:
    words = [
        getattr(run, name)
        for name in ("ensemble", "data", "objective")
        if len({getattr(other, name) for other in among}) > 1
    ]
    words += [
        f"{name}={value:g}"
        for name, value in sorted(run.hyperparameters.items())
        if len({other.hyperparameters.get(name) for other in among}) > 1
    ]
    words += [
        f"{name}={text}"
        for name, text in sorted(run.options.items())
        if len({other.options.get(name) for other in among}) > 1
    ]
    return " ".join(words) or "all"

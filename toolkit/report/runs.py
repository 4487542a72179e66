"""The runs that a comparison is given: who they are, in which order, and which may be compared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from toolkit.errors import ToolkitError
from toolkit.posteriors import Posteriors


@dataclass(frozen=True, kw_only=True)
class ComparedRun:
    """One trained member, as it enters a comparison.

    Arguments:
        name: what people call it, "sprites-beta/beta=4 seed=0".
        key: the member key; two runs with one key are the same run.
        run_id: the tracker's name for it, or none; never written into a report.
        ensemble: the ensemble it belongs to.
        data: name of the data set it was trained on.
        objective: name of its objective.
        hyperparameters: numbers of the objective, as beta or gamma; of a schedule its last one.
        seed: of its training.
        distortion: on held-out images, nats per image; none where nobody measured it.
        rate: on held-out images, nats per image; none where nobody measured it.
        record: digest of its record.
        options: settings of the objective that are no numbers, as texts; schedules among them.
        scores: what its record says of disentanglement, by `score/value`.
    """

    name: str
    key: str
    run_id: str | None
    ensemble: str
    data: str
    objective: str
    hyperparameters: Mapping[str, float | int]
    seed: int
    distortion: float | None
    rate: float | None
    record: str
    options: Mapping[str, str] = field(default_factory=dict)
    scores: Mapping[str, float] = field(default_factory=dict)

    @property
    def place(self) -> tuple[object, ...]:
        """What runs are sorted by: ensemble, objective, numbers, seed; the key settles ties."""
        numbers = tuple(sorted(self.hyperparameters.items()))
        options = tuple(sorted(self.options.items()))
        return (self.ensemble, self.objective, numbers, options, self.seed, self.key, self.name)


@dataclass(frozen=True, kw_only=True)
class FailedMember:
    """A member that would have been compared, had its training come to a result.

    Arguments:
        name: as of a compared run.
        reason: a sentence, with the step at which it failed.
    """

    name: str
    reason: str


Answered = tuple[ComparedRun, Posteriors]


def admit(
    runs: Sequence[ComparedRun], posteriors: Sequence[Posteriors]
) -> tuple[list[Answered], list[ComparedRun]]:
    """The runs to compare in their one order, and those that are second copies of another.

    Raises:
        ToolkitError: fewer than two different runs, or runs that answered different images.
    """
    if len(runs) != len(posteriors):
        raise ToolkitError(
            f"{len(runs)} runs came with {len(posteriors)} sets of posteriors; "
            "give one set for every run, in the same order."
        )
    answered = sorted(zip(runs, posteriors, strict=True), key=lambda pair: pair[0].place)
    _refuse_different_probes(answered)
    kept: dict[str, Answered] = {}
    copies = []
    for pair in answered:
        if pair[0].key in kept:
            copies.append(pair[0])
        else:
            kept[pair[0].key] = pair
    admitted = list(kept.values())
    _refuse_too_few(admitted, copies)
    return admitted, copies


def _refuse_too_few(admitted: Sequence[Answered], copies: Sequence[ComparedRun]) -> None:
    if len(admitted) >= 2:
        return
    found = ", ".join(repr(run.name) for run, _ in admitted) or "none"
    twice = f" ({len(copies)} more with the same key are the same run)" if copies else ""
    raise ToolkitError(
        f"a comparison needs at least two different runs, and the query selects {found}{twice}. "
        "Widen the query, or train more members."
    )


def _refuse_different_probes(answered: Sequence[Answered]) -> None:
    shown: dict[str, list[str]] = {}
    for run, answers in answered:
        shown.setdefault(answers.probe, []).append(run.name)
    if len(shown) < 2:
        return
    largest_first = sorted(shown.items(), key=lambda item: (-len(item[1]), item[1]))
    sets = "; ".join(f"probe {probe[:12]}: {_named(names)}" for probe, names in largest_first)
    raise ToolkitError(
        "runs that were shown different probe images cannot be compared, and the query selects "
        f"{len(shown)} probe sets ({sets}). Narrow the query to runs with one probe set, "
        "or give their ensembles the same `data` in params.yaml and run `dvc repro`."
    )


def _named(names: Sequence[str], most: int = 3) -> str:
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + rest

"""The runs that a comparison is given: who they are, in which order, and which may be compared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from toolkit.errors import ToolkitError
from toolkit.posteriors import Posteriors

NAMED_RUNS = 3  # names of each probe set that a message lists


@dataclass(frozen=True, kw_only=True)
class ComparedRun:
    """One trained member, as it enters a comparison.

    Arguments:
        name: for readers, "sprites-beta/beta=4 seed=0".
        key: the member key; two runs with one key are the same run.
        run_id: its MLflow run id, or None; never written into a report.
        ensemble: the ensemble it belongs to.
        data: name of the data set it was trained on.
        objective: name of its objective.
        hyperparameters: numbers of the objective, as beta or gamma; final values of schedules.
        seed: of its training.
        distortion: on held-out images, nats per image; None if it was not measured.
        rate: on held-out images, nats per image; None if it was not measured.
        record: digest of its record.
        options: settings of the objective that are not numbers, as texts; schedules among them.
        conditions: all other settings that decide it, but its seed: network, likelihood, steps ...,
            as texts by their names for readers.
        scores: disentanglement scores of its record, by `score/value`.
        trajectory: (updates, bits of each channel) at the steps at which posteriors were kept.
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
    conditions: Mapping[str, str] = field(default_factory=dict)
    scores: Mapping[str, float] = field(default_factory=dict)
    trajectory: tuple[tuple[int, tuple[float, ...]], ...] = ()

    @property
    def sort_key(self) -> tuple[object, ...]:
        """Order of runs: ensemble, objective, numbers, options, seed; the key breaks ties."""
        numbers = tuple(sorted(self.hyperparameters.items()))
        options = tuple(sorted(self.options.items()))
        return (self.ensemble, self.objective, numbers, options, self.seed, self.key, self.name)


@dataclass(frozen=True, kw_only=True)
class FailedMember:
    """A member that is left out because its training failed.

    Arguments:
        name: as of a compared run.
        reason: a sentence, with the step at which it failed.
    """

    name: str
    reason: str


RunWithPosteriors = tuple[ComparedRun, Posteriors]


def admit(
    runs: Sequence[ComparedRun], posteriors: Sequence[Posteriors]
) -> tuple[list[RunWithPosteriors], list[ComparedRun]]:
    """The runs to compare in their one order, and those that are second copies of another.

    Raises:
        ToolkitError: fewer than two different runs, or runs that were shown different images.
    """
    if len(runs) != len(posteriors):
        raise ToolkitError(
            f"{len(runs)} runs came with {len(posteriors)} sets of posteriors; "
            "give one set for every run, in the same order."
        )
    ordered = sorted(zip(runs, posteriors, strict=True), key=lambda pair: pair[0].sort_key)
    runs_of_probe: dict[str, list[str]] = {}
    for run, run_posteriors in ordered:
        runs_of_probe.setdefault(run_posteriors.probe, []).append(run.name)
    if len(runs_of_probe) > 1:
        largest_first = sorted(runs_of_probe.items(), key=lambda item: (-len(item[1]), item[1]))
        probe_sets = []
        for probe, names in largest_first:
            rest = f" and {len(names) - NAMED_RUNS} more" if len(names) > NAMED_RUNS else ""
            probe_sets.append(f"probe {probe[:12]}: {', '.join(names[:NAMED_RUNS])}{rest}")
        raise ToolkitError(
            "runs that were shown different probe images cannot be compared, and the query selects "
            f"{len(runs_of_probe)} probe sets ({'; '.join(probe_sets)}). Narrow the query to runs "
            "with one probe set, or give their ensembles the same `data` in params.yaml and run "
            "`dvc repro`."
        )
    first_of_key: dict[str, RunWithPosteriors] = {}
    copies = []
    for pair in ordered:
        if pair[0].key in first_of_key:
            copies.append(pair[0])
        else:
            first_of_key[pair[0].key] = pair
    if len(first_of_key) < 2:
        different = ", ".join(repr(run.name) for run, _ in first_of_key.values()) or "none"
        more = f" ({len(copies)} more with the same key are the same run)" if copies else ""
        raise ToolkitError(
            "a comparison needs at least two different runs, and the query selects "
            f"{different}{more}. Widen the query, or train more members."
        )
    return list(first_of_key.values()), copies

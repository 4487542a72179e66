"""Studies small enough to run in a test, and processes that kill themselves on the way."""

import math
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from toolkit.config.space import Choices, Parameters, Range
from toolkit.files import digest_of_json, draft
from toolkit.records import MemberReference, StudyRecord, Target, Trial
from toolkit.studies import run
from toolkit.studies.outcomes import Evaluation, Failure, Outcome
from toolkit.studies.projection import Projection
from toolkit.studies.settings import StudySettings

NETWORK = Choices(choices=("burgess", "mlp"))
CAPACITY = Range(low=4, high=12, step=4)


def settings(sampler: str, *, trials: int = 12, **changes: object) -> StudySettings:
    """Three hyper-parameters of three kinds; counted values where a grid needs them."""
    step = 2.5 if sampler == "grid" else None
    beta = Range(low=0.5, high=8.0, log=step is None, step=step)
    given: dict[str, Any] = {
        "name": "sweep",
        "space": {"network": NETWORK, "beta": beta, "capacity": CAPACITY},
        "sampler": sampler,
        "seed": 11,
        "trials": trials,
        "batch": 2 if sampler == "gp" else 5,
        "evaluation": "0123",
    }
    return StudySettings(**{**given, **changes})


def members(parameters: Parameters) -> tuple[MemberReference, ...]:
    """Two made-up members."""
    keys = [digest_of_json([parameters, seed]) for seed in (0, 1)]
    return tuple(
        MemberReference(name=f"seed={seed}", key=key, record=key) for seed, key in enumerate(keys)
    )


def front(trials: Sequence[Trial], targets: Sequence[Target]) -> set[int]:
    """Numbers of the complete trials that no other one equals or betters in every target."""
    signs = [1 if target.direction == "minimise" else -1 for target in targets]
    costs = {
        trial.number: [
            sign * trial.values[target.name] for sign, target in zip(signs, targets, strict=True)
        ]
        for trial in trials
        if trial.values is not None
    }
    return {
        number
        for number, cost in costs.items()
        if not any(
            other != cost and all(a <= b for a, b in zip(other, cost, strict=True))
            for other in costs.values()
        )
    }


def outcome(parameters: Parameters, *, limit: float = 2.5) -> Outcome:
    """A rate-distortion trade by hand; above `limit` beta diverges."""
    beta, capacity = float(parameters.get("beta", 1.0)), float(parameters["capacity"])
    if beta > limit:
        return Failure(reason="distortion is nan at step 40")
    wide = 1.0 if parameters.get("network") == "mlp" else 0.5
    values = {
        "distortion": math.sqrt(beta) + capacity / 100,
        "corrected_agreement": 1 / (1 + math.exp(wide - beta)),
    }
    return Evaluation(values=values, members=members(parameters))


def steady(parameters: Parameters) -> Outcome:
    """The same trade with no divergence."""
    return outcome(parameters, limit=math.inf)


def chosen(sampler: str) -> Callable[[Parameters], Outcome]:
    """Failures for all samplers but `gp`, whose model starts at ten complete trials."""
    return steady if sampler == "gp" else outcome


def finish(folder: Path, given: StudySettings, storage: str | Path | None = None) -> bytes:
    """Run a study to its end; the bytes of its record."""
    storage = folder / "journal.log" if storage is None else storage

    def evaluate(batch: Sequence[Parameters]) -> Iterator[Outcome]:
        yield from map(chosen(given.sampler), batch)

    for _ in run.run_study(folder / "study", settings=given, storage=storage, evaluate=evaluate):
        pass
    return (folder / "study" / "study.json").read_bytes()


def run_and_die(folder: Path, given: StudySettings, moment: str, at: int) -> None:
    """Run a study and kill this process at a moment of trial `at`; for a process of its own."""
    write, tell = StudyRecord.write, Projection.finish

    def write_or_die(record: StudyRecord, where: Path) -> None:
        if moment == "asked" and len(record.trials) >= at:
            die()
        if moment == "writing" and len(record.trials) > at:
            with draft(where / "study.json") as work:
                work.write_text('{"half": ')
                die()
        write(record, where)

    def tell_or_die(self: Projection, record: StudyRecord) -> None:
        if moment == "telling" and len(record.trials) > at:
            die()
        tell(self, record)

    done = 0

    def evaluate(batch: Sequence[Parameters]) -> Iterator[Outcome]:
        for parameters in batch:
            if moment == "evaluating" and done >= at:
                die()
            yield chosen(given.sampler)(parameters)

    StudyRecord.write = write_or_die
    Projection.finish = tell_or_die
    for step in run.run_study(
        folder / "study", settings=given, storage=folder / "journal.log", evaluate=evaluate
    ):
        done = step.done if isinstance(step, run.Finished) else done


def die() -> None:
    """As `kill -9` does it."""
    os.kill(os.getpid(), signal.SIGKILL)

"""Ways to choose the next trials: each a pure function of the settings and the finished trials.

A batch is drawn from an Optuna study made in memory from the records, by a fresh sampler seeded by
(base seed, complete trials, failed trials). So a study that was killed, extended, or rebuilt on
another machine proposes what an undisturbed one proposes. A sampler that kept its seed would repeat
its draws after every start.
"""

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.samplers import BaseSampler, GPSampler, RandomSampler, TPESampler
from optuna.study import StudyDirection
from optuna.trial import create_trial

from toolkit.config.space import Choices, Parameters, Range, Space, grid
from toolkit.errors import UnknownNameError
from toolkit.records import Trial
from toolkit.studies.settings import StudySettings
from toolkit.threads import one_thread

STARTUP = 10  # complete trials before a model of them is worth fitting (Optuna's own default)
DIRECTIONS = {"minimise": StudyDirection.MINIMIZE, "maximise": StudyDirection.MAXIMIZE}

Propose = Callable[[StudySettings, Sequence[Trial]], list[Parameters]]


def batch_seed(base: int, trials: Sequence[Trial]) -> int:
    """The seed of the next batch.

    Failed trials come last in it: without them a batch that failed whole would be proposed again.

    >>> batch_seed(7, []) == int(np.random.SeedSequence([7, 0]).generate_state(1)[0])
    True
    """
    complete = sum(trial.complete for trial in trials)
    entropy = [base, complete, len(trials) - complete]
    return int(np.random.SeedSequence(entropy).generate_state(1)[0])


def distribution(axis: Range | Choices) -> BaseDistribution:
    """The same range or choices in Optuna's words.

    >>> distribution(Range(low=1, high=9, step=2))
    IntDistribution(high=9, log=False, low=1, step=2)
    """
    if isinstance(axis, Choices):
        return CategoricalDistribution(axis.choices)
    if axis.whole:
        return IntDistribution(int(axis.low), int(axis.high), step=int(axis.step or 1))
    return FloatDistribution(axis.low, axis.high, log=axis.log, step=axis.step)


def distributions(space: Space) -> dict[str, BaseDistribution]:
    """All rows of a space in alphabetical order, the order in which samplers draw."""
    return {name: distribution(axis) for name, axis in sorted(space.items())}


def random(settings: StudySettings, trials: Sequence[Trial]) -> list[Parameters]:
    """Every value drawn by itself, evenly over its range."""
    return _ask(RandomSampler(seed=batch_seed(settings.seed, trials)), settings, trials)


def tpe(settings: StudySettings, trials: Sequence[Trial]) -> list[Parameters]:
    """Tree-structured Parzen estimator: any space, cheap, good from some dozens of trials on.

    Source: Watanabe (2023), https://arxiv.org/abs/2304.11127
    """
    sampler = TPESampler(seed=batch_seed(settings.seed, trials), n_startup_trials=STARTUP)
    return _ask(sampler, settings, trials)


def gp(settings: StudySettings, trials: Sequence[Trial]) -> list[Parameters]:
    """Gaussian process with expected hypervolume improvement: best for at most 200 trials.

    The first trials come from `qmc`, which covers the space evenly. About half a second a
    proposal; one thread, so that the result does not depend on the number of cores (set
    OMP_NUM_THREADS=1 as well, which torch reads only when it starts).
    """
    if sum(trial.complete for trial in trials) < STARTUP:
        return qmc(settings, trials)
    seed = batch_seed(settings.seed, trials)
    with one_thread():
        return _ask(GPSampler(seed=seed, n_startup_trials=STARTUP), settings, trials)


def qmc(settings: StudySettings, trials: Sequence[Trial]) -> list[Parameters]:
    """The next points of one scrambled Sobol sequence, more even than random draws.

    One sequence serves the whole study, so its seed is the base seed. Source: Joe & Kuo (2008).
    """
    from scipy.stats import qmc as sequences

    start, stop = len(trials), len(trials) + settings.batch
    names = sorted(settings.space)
    sequence = sequences.Sobol(len(names), rng=np.random.default_rng(settings.seed))
    points = sequence.random_base2((stop - 1).bit_length())[start:stop]
    return [
        {name: settings.space[name].at(float(u)) for name, u in zip(names, point, strict=True)}
        for point in points
    ]


def every(settings: StudySettings, trials: Sequence[Trial]) -> list[Parameters]:
    """The next points of the grid in its fixed order; nothing when it is exhausted."""
    return grid(settings.space)[len(trials) : len(trials) + settings.batch]


SAMPLERS: dict[str, Propose] = {"gp": gp, "grid": every, "qmc": qmc, "random": random, "tpe": tpe}


def propose(settings: StudySettings, trials: Sequence[Trial]) -> list[Parameters]:
    """The next batch of trials: `settings.batch` of them, or fewer where a grid ends.

    Raises UnknownNameError for a sampler that `SAMPLERS` does not hold.
    """
    if settings.sampler not in SAMPLERS:
        raise UnknownNameError("sampler", settings.sampler, SAMPLERS)
    return SAMPLERS[settings.sampler](settings, trials)


def _ask(
    sampler: BaseSampler, settings: StudySettings, trials: Sequence[Trial]
) -> list[Parameters]:
    """Ask for a batch, one after the other, each knowing the ones before it."""
    axes = distributions(settings.space)
    directions = [DIRECTIONS[objective.direction] for objective in settings.objectives]
    with quiet():
        study = optuna.create_study(directions=directions, sampler=sampler)
        study.add_trials(
            create_trial(
                params=trial.parameters,
                distributions=axes,
                values=[trial.values[objective.name] for objective in settings.objectives],
            )
            for trial in trials
            if trial.values is not None
        )
        asked = [study.ask(axes).params for _ in range(settings.batch)]
    return [{name: settings.space[name].tidy(given[name]) for name in axes} for given in asked]


@contextmanager
def quiet() -> Iterator[None]:
    """Optuna without its announcements: the caller reports progress itself."""
    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            yield
    finally:
        optuna.logging.set_verbosity(level)

"""Fusing weak learners of the circle: continuity of the fused space against their number.

Murphy, Dillavou & Bassett (TMLR 2025), https://arxiv.org/abs/2405.21042, section on fusion. No
learner of one dimension can hold a circle without a cut; an ensemble can.
"""

from dataclasses import asdict, dataclass
from typing import Annotated, Literal

import torch
from annotated_types import Ge, Le, Lt, MinLen
from jaxtyping import Float
from torch import Tensor

from toolkit.analyses.analysis import Outcome, Workshop
from toolkit.analyses.fusion_so2 import (
    CircleLearners,
    CircleSettings,
    tables,
    train_circle_learners,
)
from toolkit.analyses.fusion_so2.learners import GROUP
from toolkit.data.procedural.circle import circle_points
from toolkit.files import digest_of_arrays, digest_of_json
from toolkit.information import FusionSettings, study_sizes
from toolkit.information.fusion import FusedSpaces

MOST = 1000  # learners of a repeat: the seeds of one end where those of the next begin
LEARNERS, FUSED = "circle-learners/1", "fused-spaces/1"  # raise when the same settings give others
Size = Annotated[int, Ge(1), Le(MOST)]
PUBLISHED_LEARNERS, PUBLISHED_FUSION = CircleSettings(), FusionSettings()


@dataclass(frozen=True, kw_only=True)
class FusionSO2:
    """Settings; the defaults are those published.

    Arguments:
        sizes: of the ensembles; their order does not matter.
        repeats: each with learners of its own.
        points: of the circle that learners encode and that fused spaces have.
        similarities: to the members of an ensemble, which fused spaces maximise.
        seed: of all learners and all first means.
        learners: how each is trained.
        fusion: how a fused space is found.
    """

    sizes: Annotated[tuple[Size, ...], MinLen(1)] = (2, 3, 5, 10, 15, 20, 30, 50)
    repeats: Annotated[int, Ge(1), Le(1000)] = 5
    points: Annotated[int, Ge(8)] = 200
    similarities: Annotated[tuple[Literal["information", "vi", "nmi"], ...], MinLen(1)] = (
        "information",
        "vi",
        "nmi",
    )
    seed: Annotated[int, Ge(0), Lt(2**32)] = 0
    learners: CircleSettings = PUBLISHED_LEARNERS
    fusion: FusionSettings = PUBLISHED_FUSION


def study_fusion(settings: FusionSO2, workshop: Workshop) -> Outcome:
    """Train the learners, fuse ensembles of them, and see how continuous each space is.

    Raises:
        ToolkitError: the ascent left the finite numbers, or a part cannot be read or written.
    """
    # Learners of all repeats, those of a repeat one after the other
    seeds = seeds_of(settings)
    trained = train_circle_learners(
        [seed for repeat in seeds for seed in repeat],
        torch.from_numpy(circle_points(settings.points)).float(),
        settings=settings.learners,
        execute=workshop.parts.keep(
            CircleLearners,
            engine=workshop.engine,
            key=lambda group: digest_of_json(
                [LEARNERS, asdict(settings.learners), settings.points, group]
            ),
            units=GROUP * settings.learners.steps,
        ),
        progress=lambda done, total: workshop.tell("learners of the circle", done, total),
    )
    # As many of each repeat as were asked for: groups are trained whole
    chosen = (torch.arange(len(seeds[0])) < max(settings.sizes)).repeat(settings.repeats)
    learners = CircleLearners(
        mean=trained.mean[chosen],
        log_variance=trained.log_variance[chosen],
        distortion=trained.distortion[chosen],
        rate=trained.rate[chosen],
    )
    # Fused spaces
    decisive = [FUSED, asdict(settings.fusion), settings.similarities]

    def key(block: tuple[Tensor, Tensor, int]) -> str:
        mean, log_variance, seed = block
        return digest_of_json([*decisive, digest_of_arrays(mean, log_variance), seed])

    study = study_sizes(
        _by_repeat(learners.mean, settings.repeats),
        _by_repeat(learners.log_variance, settings.repeats),
        sizes=sorted(set(settings.sizes)),
        similarities=settings.similarities,
        settings=settings.fusion,
        seed=settings.seed,
        execute=workshop.parts.keep(
            FusedSpaces, engine=workshop.engine, key=key, units=settings.fusion.steps
        ),
        progress=lambda done, total: workshop.tell("fused spaces", done, total),
    )
    from toolkit.analyses.fusion_so2.figure import fusion_figure
    from toolkit.figures import quiet

    with quiet():
        figure = fusion_figure(study)
    return Outcome(
        sentences=tables.sentences(study),
        tables=tables.tables(study, learners),
        metrics=tables.metrics(study, learners),
        figure=figure,
    )


def seeds_of(settings: FusionSO2) -> list[list[int]]:
    """The seeds of every repeat's learners, in whole groups.

    Learners of one matrix product differ in their last bits from the same ones in other company.
    Whole groups let larger ensembles and more repeats find the learners of smaller ones.

    >>> [len(seeds) for seeds in seeds_of(FusionSO2(sizes=(3, 2), repeats=2))]
    [5, 5]
    """
    count = -(-max(settings.sizes) // GROUP) * GROUP
    first = settings.seed * MOST * MOST
    return [[first + r * MOST + m for m in range(count)] for r in range(settings.repeats)]


def _by_repeat(values: Float[Tensor, "l n"], repeats: int) -> Float[Tensor, "r m n 1"]:
    return values.reshape(repeats, -1, values.shape[1], 1)

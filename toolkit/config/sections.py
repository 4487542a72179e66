"""The sections of params.yaml: what each may say, and within which limits."""

import math
from typing import Annotated, Any

from annotated_types import MinLen
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    field_validator,
    model_validator,
)

from toolkit.analyses import ANALYSES
from toolkit.config.row_models import (
    STRICT,
    OneOf,
    first_repeated,
    grid_models,
    name_in,
    plain_models,
)
from toolkit.config.scores import Scores
from toolkit.config.space import Choices, Range, check_countable
from toolkit.config.targets import DEFAULT_VALUES
from toolkit.data import DATASETS
from toolkit.information import INFORMATIVE_BITS
from toolkit.networks import NETWORKS
from toolkit.objectives import LIKELIHOODS, OBJECTIVES
from toolkit.structure.methods import DEFAULT_METHOD, METHODS
from toolkit.training import STRATEGIES
from toolkit.training.settings import PRECISIONS

MOST_MEMBERS = 10_000  # of an ensemble
SAMPLER_NAMES = ("gp", "grid", "qmc", "random", "tpe")
OBJECTIVE_ROWS = plain_models(OBJECTIVES)
OBJECTIVE_GRIDS = grid_models(OBJECTIVES)
NETWORK_ROWS = plain_models(NETWORKS)
LIKELIHOOD_ROWS = plain_models(LIKELIHOODS)
METHOD_ROWS = plain_models(METHODS)
ANALYSIS_ROWS = plain_models({name: row.settings for name, row in ANALYSES.items()})
NAME_PATTERN = "[A-Za-z0-9][A-Za-z0-9_-]*"
Name = Annotated[str, Field(pattern=f"^{NAME_PATTERN}$", max_length=64)]
Seed = Annotated[int, Field(ge=0, lt=2**32)]
Axis = Annotated[
    Annotated[Range, Tag("Range")] | Annotated[Choices, Tag("Choices")],
    Discriminator(
        lambda value: (
            "Choices"
            if isinstance(value, Choices) or (isinstance(value, dict) and "choices" in value)
            else "Range"
        )
    ),
]


def _named(value: Any) -> Any:  # noqa: ANN401 - whatever YAML holds
    """A name alone stands for a row with its defaults."""
    return {"name": value} if isinstance(value, str) else value


class Section(BaseModel):
    """No key too many, none too few, nothing converted, nothing changed afterwards."""

    model_config = STRICT


class Probe(Section):
    """The images that every member answers: how many, the seed that draws them, and a factor
    that they are balanced over, if any.
    """

    size: Annotated[int, Field(ge=2)]
    seed: Seed
    over: str = ""


class Data(Section):
    """A data set.

    `raw` is what the images come from: the publisher's file or folder, or for a procedural data set
    the source file that draws it, so that DVC makes it again when that changes. With
    `held_out_over` whole combinations of these factors are held out.
    """

    source: Annotated[str, name_in("data set", DATASETS)]
    raw: str
    options: dict[str, Any] = {}
    held_out: Annotated[float, Field(ge=0.01, le=0.9)] = 0.1
    held_out_over: list[str] = []
    split_seed: Seed = 0
    probe: Probe


class Training(Section):
    """How members are fitted. `checkpoint_every` and `strategy` do not change what comes out.

    Posteriors are kept after every update that `posteriors_at` names, so that information and
    agreement can be followed over the training.

    `likelihood` is a name, or a name with settings: {name: gaussian, scale: 0.1}.
    """

    model_config = ConfigDict(**STRICT, validate_default=True)

    steps: Annotated[int, Field(ge=1)]
    batch_size: Annotated[int, Field(ge=1)] = 64
    learning_rate: Annotated[float, Field(gt=0)] = 5e-4
    likelihood: Annotated[Any, OneOf(LIKELIHOOD_ROWS), BeforeValidator(_named)] = "bernoulli"
    precision: Annotated[str, name_in("precision", PRECISIONS)] = "float32"
    checkpoint_every: Annotated[int, Field(ge=1)] = 1000
    strategy: Annotated[str, name_in("strategy", STRATEGIES)] = "auto"
    posteriors_at: list[Annotated[int, Field(ge=1)]] = []

    @model_validator(mode="after")
    def _within_the_training(self) -> "Training":
        if self.posteriors_at != sorted(set(self.posteriors_at)):
            raise ValueError("the steps of `posteriors_at` do not rise. Give each once, in order")
        if self.posteriors_at and self.posteriors_at[-1] > self.steps:
            raise ValueError(
                f"`posteriors_at` has {self.posteriors_at[-1]}, but training stops at step "
                f"{self.steps}. Lower `posteriors_at`, or train longer"
            )
        return self


class _Trained(Section):
    data: str
    network: Annotated[Any, OneOf(NETWORK_ROWS)]
    seeds: Annotated[list[Seed], MinLen(1)]
    training: Training
    scores: Scores | None = None

    @field_validator("seeds")
    @classmethod
    def _once_each(cls, seeds: list[int]) -> list[int]:
        repeated = first_repeated(seeds)
        if repeated is not None:
            raise ValueError(
                f"seed {repeated} is listed twice, and two members of one seed are the same "
                "member. Give each seed once"
            )
        return seeds


class Ensemble(_Trained):
    """A grid of an objective's weights, every point trained under every seed."""

    objective: Annotated[Any, OneOf(OBJECTIVE_GRIDS)]

    @model_validator(mode="after")
    def _members_can_be_listed(self) -> "Ensemble":
        axes = self.objective.model_dump(exclude={"name"}).values()
        members = len(self.seeds) * math.prod(len(values) for values in axes)
        if members > MOST_MEMBERS:
            raise ValueError(
                f"it declares {members:,} members, and an ensemble has at most {MOST_MEMBERS:,}. "
                "Give fewer seeds or weights"
            )
        return self


class Sampler(Section):
    """Which of Optuna's samplers proposes, and the base of its seeds."""

    name: Annotated[str, name_in("sampler", SAMPLER_NAMES)]
    seed: Seed


class Study(_Trained):
    """A search for an objective's weights; a trial is an ensemble of one member per seed.

    `values` are its targets: see `toolkit.config.targets`.
    """

    objective: Annotated[Any, OneOf(OBJECTIVE_ROWS)]
    space: Annotated[dict[str, Axis], MinLen(1)]
    sampler: Sampler
    trials: Annotated[int, Field(ge=1)]
    batch: Annotated[int, Field(ge=1)] = 1
    values: Annotated[list[str], MinLen(1)] = list(DEFAULT_VALUES)

    @model_validator(mode="after")
    def _grid_is_countable(self) -> "Study":
        if self.sampler.name == "grid":
            check_countable(self.space)
        return self

    @field_validator("values")
    @classmethod
    def _each_target_once(cls, values: list[str]) -> list[str]:
        repeated = first_repeated(values)
        if repeated is not None:
            raise ValueError(f"{repeated} is listed twice. Name each value once")
        return values

    @field_validator("seeds")
    @classmethod
    def _two_to_agree(cls, seeds: list[int]) -> list[int]:
        if len(seeds) < 2:
            raise ValueError("agreement needs two members or more. Give at least two seeds")
        return seeds


class Comparison(Section):
    """Which runs are compared, and how.

    For intervals `resamples` groups of probe images, dealt out by `seed`, are left out in turn.

    `method` is a name, or a name with settings: {name: optics, by: vi, min_samples: 3}.

    `text` names a Markdown file in the folder `notes`, which the report shows after its summary.
    """

    model_config = ConfigDict(**STRICT, validate_default=True)

    query: Annotated[str, MinLen(1)]
    threshold_bits: Annotated[float, Field(ge=0)] = INFORMATIVE_BITS
    method: Annotated[Any, OneOf(METHOD_ROWS), BeforeValidator(_named)] = DEFAULT_METHOD
    resamples: Annotated[int, Field(ge=2)] = 20
    seed: Seed = 0
    text: Annotated[str, Field(pattern=r"^([A-Za-z0-9][\w.-]*\.md)?$")] = ""


class Params(Section):
    """All of params.yaml. A section that is left out is empty, as dvc.yaml says too."""

    data: dict[Name, Data] = {}
    ensembles: dict[Name, Ensemble] = {}
    studies: dict[Name, Study] = {}
    comparisons: dict[Name, Comparison] = {}
    analyses: dict[Name, Annotated[Any, OneOf(ANALYSIS_ROWS)]] = {}

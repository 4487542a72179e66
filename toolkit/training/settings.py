"""Everything that decides a member, and the key that stands for it."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import torch

from toolkit.errors import ToolkitError
from toolkit.files import digest_of_json
from toolkit.networks import NETWORKS, Autoencoder, Network, bottleneck
from toolkit.networks.autoencoder import ImageShape
from toolkit.objectives import (
    LIKELIHOODS,
    OBJECTIVES,
    Likelihood,
    Objective,
)
from toolkit.records import JsonObject, fields_from_json
from toolkit.records.versions import TRAINING
from toolkit.tables import from_json, require, to_json
from toolkit.training.streams import stream

SCHEMA = TRAINING
PRECISIONS = {"float32": torch.float32, "float64": torch.float64}


def image_shape_of(lengths: Sequence[int]) -> ImageShape:
    """Colours, height and width.

    >>> image_shape_of([1, 64, 64])
    (1, 64, 64)

    Raises:
        ToolkitError: there are not three of them.
    """
    if len(lengths) != 3:
        raise ToolkitError(
            f"an image has {list(lengths)} as its shape. "
            "Give three numbers: colours, height and width."
        )
    colours, height, width = lengths
    return colours, height, width


@dataclass(frozen=True, kw_only=True)
class OptimiserForm:
    """An optimiser in JSON: its name and its learning rate."""

    name: str
    learning_rate: float


@dataclass(frozen=True, kw_only=True)
class SettingsForm:
    """Settings of a member in JSON; rows of tables with their names."""

    schema: str
    data: str
    image_shape: tuple[int, ...]
    network: JsonObject
    objective: JsonObject
    likelihood: JsonObject
    optimiser: OptimiserForm
    steps: int
    batch_size: int
    precision: str
    seed: int


@dataclass(frozen=True, kw_only=True)
class MemberSettings:
    """What a member is made from. Equal settings give the same member to the last bit on a CPU.

    Arguments:
        data: digest of the training images, in their order.
        image_shape: channels, height, width.
        network: a row of `NETWORKS` with its settings.
        objective: a row of `OBJECTIVES` with its weights.
        likelihood: a row of `LIKELIHOODS` with its settings.
        learning_rate: of Adam (0.9, 0.999).
        steps: number of updates.
        batch_size: images per update.
        precision: "float32" or "float64".
        seed: of every random stream of the member.
    """

    data: str
    image_shape: ImageShape
    network: Network
    objective: Objective
    likelihood: Likelihood
    learning_rate: float
    steps: int
    batch_size: int
    precision: str
    seed: int

    def __post_init__(self) -> None:
        require("precision", self.precision, PRECISIONS)
        limits = {"steps": 0, "batch_size": 1, "seed": 0}
        for name, least in limits.items():
            if getattr(self, name) < least:
                raise ToolkitError(f"`{name}` is {getattr(self, name)}. Set it to {least} or more.")
        if not 0 < self.learning_rate < math.inf:
            raise ToolkitError(
                f"`learning_rate` is {self.learning_rate}. Set it to a finite number above 0."
            )

    def as_json(self) -> dict[str, object]:
        """The settings as a record; `from_json` reads it back."""
        return {
            "schema": SCHEMA,
            "data": self.data,
            "image_shape": list(self.image_shape),
            "network": to_json(NETWORKS, self.network),
            "objective": to_json(OBJECTIVES, self.objective),
            "likelihood": to_json(LIKELIHOODS, self.likelihood),
            "optimiser": {"name": "adam", "learning_rate": float(self.learning_rate)},
            "steps": self.steps,
            "batch_size": self.batch_size,
            "precision": self.precision,
            "seed": self.seed,
        }

    @classmethod
    def from_json(cls, value: JsonObject) -> "MemberSettings":
        """Settings from a record.

        Raises:
            ToolkitError: the record is of another schema or incomplete, or names what the tables
                do not hold.
        """
        if value.get("schema") != SCHEMA:
            raise ToolkitError(
                f"the settings of this member are of schema {value.get('schema')!r}, not "
                f"{SCHEMA!r}. "
                "Train it again, or read it with the version of the toolkit that wrote it."
            )
        form = fields_from_json(
            SettingsForm,
            value,
            source="what a member was made from",
            remedy="Run `dvc repro` to make its record again, or fetch the member again.",
        )
        return cls(
            data=form.data,
            image_shape=image_shape_of(form.image_shape),
            network=from_json("network", NETWORKS, form.network),
            objective=from_json("objective", OBJECTIVES, form.objective),
            likelihood=from_json("likelihood", LIKELIHOODS, form.likelihood),
            learning_rate=form.optimiser.learning_rate,
            steps=form.steps,
            batch_size=form.batch_size,
            precision=form.precision,
            seed=form.seed,
        )

    @property
    def key(self) -> str:
        """Digest of the settings: 64 hexadecimal digits; two members of one key are the same."""
        return digest_of_json(self.as_json())

    def build(self) -> Autoencoder:
        """The member before its first update, laid out for training.

        Raises:
            ToolkitError: the network has no form for these images.
        """
        between = bottleneck(
            self.network.latents,
            **asdict(self.objective.bottleneck()),
            generator=stream(self.seed, "code book"),
        )
        network = self.network.build(
            self.image_shape, bottleneck=between, generator=stream(self.seed, "weights")
        )
        return network.to_kernel_layout(self.dtype)

    @property
    def dtype(self) -> torch.dtype:
        """Of the parameters and of everything computed in training."""
        return PRECISIONS[self.precision]

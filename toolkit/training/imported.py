"""Settings of a member that was trained by another program.

It cannot be trained again here, so its key rests on its weights and on the images it is shown. What
it was trained with is kept as its publisher wrote it, under its publisher's names.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch

from toolkit.files import digest_of_json
from toolkit.networks import NETWORKS, Autoencoder, Bottleneck, Network
from toolkit.networks.autoencoder import ImageShape
from toolkit.objectives import LIKELIHOODS, Bernoulli, BetaVAE, Likelihood
from toolkit.records import JsonObject, fields_from_json
from toolkit.tables import from_json, to_json
from toolkit.training.settings import MemberSettings, image_shape_of

SCHEMA = "imported/1"
PRECISION = "float32"


@dataclass(frozen=True, kw_only=True)
class ImportedForm:
    """Settings of an imported member in JSON; rows of tables with their names."""

    schema: str
    source: str
    weights: str
    data: str
    image_shape: tuple[int, ...]
    network: JsonObject
    objective: Mapping[str, str | float]
    likelihood: JsonObject
    precision: str
    seed: int
    published: JsonObject


@dataclass(frozen=True, kw_only=True)
class ImportedSettings:
    """What a foreign member is, as far as this pipeline has to know.

    Arguments:
        source: the program that trained it.
        weights: SHA-256 of the file that holds its weights.
        data: digest of the training images of the data set that it is shown here.
        image_shape: channels, height, width.
        network: a row of `NETWORKS` with its settings.
        objective: name and numbers of what it minimised, as its publisher has them.
        seed: of its training; here, of the samples that its losses are measured with.
        published: all its settings, as its publisher wrote them.
    """

    source: str
    weights: str
    data: str
    image_shape: ImageShape
    network: Network
    objective: Mapping[str, str | float]
    seed: int
    published: JsonObject = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """The settings as a record; `from_json` reads it back."""
        return {
            "schema": SCHEMA,
            "source": self.source,
            "weights": self.weights,
            "data": self.data,
            "image_shape": list(self.image_shape),
            "network": to_json(NETWORKS, self.network),
            "objective": dict(self.objective),
            "likelihood": to_json(LIKELIHOODS, self.likelihood),
            "precision": PRECISION,
            "seed": self.seed,
            "published": dict(self.published),
        }

    @classmethod
    def from_json(cls, value: JsonObject) -> "ImportedSettings":
        """Settings from a record.

        Raises:
            ToolkitError: the record is incomplete, or names what the tables do not hold.
        """
        form = fields_from_json(
            ImportedForm,
            value,
            source="what an imported member was made from",
            remedy="Import it again.",
        )
        return cls(
            source=form.source,
            weights=form.weights,
            data=form.data,
            image_shape=image_shape_of(form.image_shape),
            network=from_json("network", NETWORKS, form.network),
            objective=form.objective,
            seed=form.seed,
            published=form.published,
        )

    @property
    def key(self) -> str:
        """Digest of the settings: 64 hexadecimal digits; two members of one key are the same."""
        return digest_of_json(self.as_json())

    @property
    def likelihood(self) -> Likelihood:
        """What its outputs mean: logits of pixels."""
        return Bernoulli()

    def build(self) -> Autoencoder:
        """The network, before its weights are read into it."""
        network = self.network.build(
            self.image_shape,
            bottleneck=Bottleneck(self.network.latents),
            generator=torch.Generator().manual_seed(0),
        )
        return network.to_kernel_layout(torch.float32)

    def measured(self) -> MemberSettings:
        """Under which its distortion and rate are measured here: the plain sum of both."""
        return MemberSettings(
            data=self.data,
            image_shape=self.image_shape,
            network=self.network,
            objective=BetaVAE(beta=1.0),
            likelihood=self.likelihood,
            learning_rate=1e-3,
            steps=0,
            batch_size=1,
            precision=PRECISION,
            seed=self.seed,
        )

"""A member that another program trained, before it has encoded any images."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from toolkit.networks import Autoencoder, Network
from toolkit.networks.autoencoder import ImageShape
from toolkit.records import JsonObject
from toolkit.training import ImportedSettings


@dataclass(frozen=True, kw_only=True)
class ForeignMember:
    """The contents of a foreign model's files.

    Arguments:
        name: as its publisher calls it.
        source: the program that trained it.
        model: the member, in evaluation mode; `encode` gives means and log-variances of images in
            [0, 1], `decode` logits.
        weights: SHA-256 of the file that holds its weights.
        image_shape: channels, height, width.
        network: a row of `NETWORKS` with its settings.
        objective: name and numbers of what it minimised, as its publisher has them.
        seed: of its training.
        published: all its settings, as its publisher wrote them.
    """

    name: str
    source: str
    model: Autoencoder = field(repr=False)
    weights: str
    image_shape: ImageShape
    network: Network
    objective: Mapping[str, str | float]
    seed: int
    published: JsonObject

    def settings(self, *, data: str) -> ImportedSettings:
        """Its settings as an imported member on a data set.

        Arguments:
            data: digest of that data set's training images.
        """
        return ImportedSettings(
            source=self.source,
            weights=self.weights,
            data=data,
            image_shape=self.image_shape,
            network=self.network,
            objective=self.objective,
            seed=self.seed,
            published=self.published,
        )

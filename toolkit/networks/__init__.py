"""Encoders and decoders; a row of the table is a frozen record of settings that builds one."""

from toolkit.networks.autoencoder import Autoencoder, Network
from toolkit.networks.burgess import Burgess
from toolkit.networks.discriminator import discriminator

NETWORKS: dict[str, type[Network]] = {"burgess": Burgess}

__all__ = ["NETWORKS", "Autoencoder", "Burgess", "Network", "discriminator"]

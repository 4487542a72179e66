"""Encoders and decoders; a row of the table is a frozen record of settings that builds one."""

from toolkit.networks.autoencoder import Autoencoder, Network
from toolkit.networks.bottlenecks import Bottleneck, bottleneck
from toolkit.networks.burgess import Burgess
from toolkit.networks.conv import Conv
from toolkit.networks.conv64 import Conv64, Conv64K4
from toolkit.networks.discriminator import discriminator
from toolkit.networks.mlp import MLP, TanhMLP
from toolkit.networks.murphy import Murphy
from toolkit.networks.qlae import QLAELarge, QLAESmall

NETWORKS: dict[str, type[Network]] = {
    "burgess": Burgess,
    "conv": Conv,
    "conv64": Conv64,
    "conv64_k4": Conv64K4,
    "mlp": MLP,
    "murphy": Murphy,
    "qlae_large": QLAELarge,
    "qlae_small": QLAESmall,
    "tanh_mlp": TanhMLP,
}

__all__ = [
    "MLP",
    "NETWORKS",
    "Autoencoder",
    "Bottleneck",
    "Burgess",
    "Conv",
    "Conv64",
    "Conv64K4",
    "Murphy",
    "Network",
    "QLAELarge",
    "QLAESmall",
    "TanhMLP",
    "bottleneck",
    "discriminator",
]

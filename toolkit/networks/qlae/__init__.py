"""The networks of Hsu et al. (2023): deep convolutions, and decoders that the code modulates."""

from toolkit.networks.qlae.networks import QLAELarge, QLAESmall

__all__ = ["QLAELarge", "QLAESmall"]

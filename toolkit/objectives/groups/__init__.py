"""Objectives that learn from pairs and triplets of images whose factors are known."""

from toolkit.objectives.groups.ada_tvae import AdaTAE, AdaTVAE
from toolkit.objectives.groups.ada_vae import GVAE, MLVAE, AdaAE, AdaGVAE, AdaMLVAE
from toolkit.objectives.groups.overlap_tvae import OverlapTVAE
from toolkit.objectives.groups.tvae import TAE, TVAE

__all__ = [
    "GVAE",
    "MLVAE",
    "TAE",
    "TVAE",
    "AdaAE",
    "AdaGVAE",
    "AdaMLVAE",
    "AdaTAE",
    "AdaTVAE",
    "OverlapTVAE",
]

"""Objectives that learn from pairs and triplets of images whose factors are known."""

from toolkit.objectives.weak_supervision.ada_tvae import AdaTAE, AdaTVAE
from toolkit.objectives.weak_supervision.ada_vae import GVAE, MLVAE, AdaAE, AdaGVAE, AdaMLVAE
from toolkit.objectives.weak_supervision.overlap_tvae import OverlapTVAE
from toolkit.objectives.weak_supervision.tvae import TAE, TVAE

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

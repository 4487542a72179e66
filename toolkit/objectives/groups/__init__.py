"""Objectives that learn from pairs and triplets of images whose factors are known."""

from toolkit.objectives.groups.ada_tvae import AdaTVAE
from toolkit.objectives.groups.ada_vae import GVAE, MLVAE, AdaGVAE, AdaMLVAE
from toolkit.objectives.groups.overlap_tvae import OverlapTVAE
from toolkit.objectives.groups.tvae import TVAE

__all__ = ["GVAE", "MLVAE", "TVAE", "AdaGVAE", "AdaMLVAE", "AdaTVAE", "OverlapTVAE"]

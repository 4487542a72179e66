"""Objectives whose codes are entries of a code book, or points without noise."""

from toolkit.objectives.autoencoders.bio_ae import BioAE
from toolkit.objectives.autoencoders.points import AE
from toolkit.objectives.autoencoders.qlae import QLAE
from toolkit.objectives.autoencoders.vq_vae import VQVAE

__all__ = ["AE", "QLAE", "VQVAE", "BioAE"]

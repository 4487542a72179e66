"""Disentanglement scores of the runs compared: means, ranks and rank correlations."""

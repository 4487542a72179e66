"""Disentanglement scores of the runs compared: summed up, ranked, and held against each other."""

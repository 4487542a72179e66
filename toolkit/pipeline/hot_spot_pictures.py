"""What the channels of hot spots draw, decoded by the members that the run store keeps."""

import sys
from collections.abc import Mapping

import numpy as np
import torch

from toolkit.posteriors import Posteriors, load_posteriors
from toolkit.report import Findings, HotSpot, HotSpotPictures, Traversal, posterior_overlap
from toolkit.tracking import Store, artifact_path
from toolkit.tracking.addresses import printable
from toolkit.training import load_member, load_settings
from toolkit.traversals import traverse

# What the settings of a foreign run may lead to
ODD_SETTINGS = (ArithmeticError, LookupError, MemoryError, RuntimeError, TypeError, ValueError)
STEPS = 9
ENDS = (0.02, 0.98)  # quantiles of a channel's means that its traversal runs between
BASES = 3  # images that a traversal begins from
RUNS = 3  # of a hot spot that are drawn, the one of its central channel first


def draw_hot_spots(store: Store, findings: Findings) -> Mapping[int, HotSpotPictures]:
    """For each hot spot traversals in several runs, and the overlap of its central channel.

    Hot spots whose central channel belongs to a run that no store keeps are left out. One lacks a
    traversal where the member's weights cannot be had, which is said: its bits are of the
    posteriors, and stand all the same.

    Arguments:
        store: where the members are.
        findings: what was found.

    Raises:
        ToolkitError: the store lacks a member's posteriors.
    """
    pictures = {}
    for spot in findings.hot_spots:
        traversals = []
        for run, latent in _channels(findings, spot):
            run_id = findings.runs[run].run_id
            if run_id is None:
                continue
            try:
                traversals.append(_traversal(store, run_id, run, latent))
            except ODD_SETTINGS as error:
                reason = printable(error).rstrip(".")
                name = findings.runs[run].name
                sys.stderr.write(
                    f"warning: hot spot {spot.rank} is shown without a traversal of {name}: "
                    f"{reason}\n"
                )
        run_id = findings.runs[spot.central[0]].run_id
        if run_id is None:
            continue
        posteriors, latent = _posteriors(store, run_id), spot.central[1]
        pictures[spot.rank] = HotSpotPictures(
            traversals=tuple(traversals),
            overlap=posterior_overlap(
                posteriors.mean[:, latent], posteriors.log_variance[:, latent]
            ),
        )
    return pictures


def _channels(findings: Findings, spot: HotSpot) -> list[tuple[int, int]]:
    """One (run, latent) per drawn run: the central channel, then the fullest of other runs."""
    found = [findings.channels[position] for position in spot.channels]
    found.sort(key=lambda channel: (-channel.bits, channel.run, channel.latent))
    chosen = {spot.central[0]: spot.central[1]}
    for channel in found:
        if len(chosen) < RUNS:
            chosen.setdefault(channel.run, channel.latent)
    return list(chosen.items())


def _posteriors(store: Store, run_id: str) -> Posteriors:
    return load_posteriors(artifact_path(store, run_id, "member/posteriors.safetensors"))


def _traversal(store: Store, run_id: str, run: int, latent: int) -> Traversal:
    """A channel of a run through the middle 96 % of its means, from images spread over all."""
    weights = artifact_path(store, run_id, "member/weights.safetensors")
    means = _posteriors(store, run_id).mean
    model, likelihood = load_member(weights.parent), load_settings(weights.parent).likelihood
    low, high = means[:, latent].quantile(torch.tensor(ENDS)).tolist()
    values = np.linspace(low, high, STEPS).tolist()
    bases = np.unique(np.linspace(0, len(means), BASES, endpoint=False).astype(int)).tolist()
    kind = next(model.parameters()).dtype
    rows = [
        traverse(model, means[base].to(kind), [latent], likelihood=likelihood, values=values)[0]
        for base in bases
    ]
    return Traversal(
        run=run,
        latent=latent,
        low=low,
        high=high,
        images=torch.stack(rows).numpy(),
        base_images=tuple(bases),
    )

"""What the members of one group have in common, from their posteriors."""

from collections.abc import Sequence
from pathlib import Path

import torch

from toolkit.errors import ToolkitError
from toolkit.information import (
    AXES_SEED,
    INFORMATIVE_BITS,
    compare_channels,
    random_axes_agreement,
)
from toolkit.posteriors import load_posteriors
from toolkit.records import Agreement
from toolkit.records.names import POSTERIORS


def agreement_of(folders: Sequence[Path], *, name: str = POSTERIORS) -> Agreement:
    """Agreement of the members in `folders`, beside that of the same members from random axes.

    Arguments:
        folders: of the members.
        name: of the file with their posteriors.

    Raises:
        ToolkitError: there are fewer than two members, a file is missing, or probe sets differ.
    """
    posteriors = [load_posteriors(folder / name) for folder in folders]
    if len({member.probe for member in posteriors}) > 1:
        raise ToolkitError(
            "these members answered different probe sets, so nothing can be said of their "
            "agreement. Run `dvc repro`, and all answer the present one."
        )
    widths = torch.tensor([member.mean.shape[1] for member in posteriors])
    mean = torch.cat([member.mean for member in posteriors], dim=1)
    log_variance = torch.cat([member.log_variance for member in posteriors], dim=1)
    comparison = compare_channels(mean, log_variance, threshold_bits=INFORMATIVE_BITS)
    return random_axes_agreement(
        mean,
        log_variance,
        torch.arange(len(posteriors)).repeat_interleave(widths),
        information=comparison.information,
        nmi=comparison.nmi,
        seed=AXES_SEED,
    )

"""What the members of one group have in common, from their posteriors."""

from collections.abc import Sequence
from pathlib import Path

import torch

from toolkit.errors import ToolkitError
from toolkit.information import INFORMATIVE_BITS, compare_channels, cross_run_agreement
from toolkit.posteriors import load_posteriors
from toolkit.records.names import POSTERIORS


def agreement_of(folders: Sequence[Path], *, name: str = POSTERIORS) -> float:
    """Cross-run agreement of the members in `folders`, about 0 to about 1.

    Arguments:
        folders: of the members.
        name: of the file with their posteriors.

    Raises:
        ToolkitError: there are fewer than two members, a file is missing, or probe sets differ.
    """
    answers = [load_posteriors(folder / name) for folder in folders]
    if len({answer.probe for answer in answers}) > 1:
        raise ToolkitError(
            "these members answered different probe sets, so nothing can be said of their "
            "agreement. Run `dvc repro`, and all answer the present one."
        )
    members = [torch.full((a.mean.shape[1],), row) for row, a in enumerate(answers)]
    comparison = compare_channels(
        torch.cat([answer.mean for answer in answers], dim=1),
        torch.cat([answer.log_variance for answer in answers], dim=1),
        threshold_bits=INFORMATIVE_BITS,
    )
    return cross_run_agreement(
        comparison.information,
        comparison.nmi,
        torch.cat(members),
        threshold_bits=INFORMATIVE_BITS,
    )

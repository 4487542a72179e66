"""The nine made-up spaces under every measure: tables, and how the measures agree.

Murphy, Dillavou & Bassett (TMLR 2025), https://arxiv.org/abs/2405.21042, figure 2.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Lt
from jaxtyping import Float
from torch import Tensor

from toolkit.analyses.analysis import Outcome, Workshop
from toolkit.analyses.synthetic_spaces.spaces import synthetic_spaces
from toolkit.analyses.synthetic_spaces.study import study_synthetic_spaces
from toolkit.late_types import DataFrame


@dataclass(frozen=True, kw_only=True)
class SyntheticSpaces:
    """Settings.

    Arguments:
        samples: draws for the measures by Monte Carlo, over all points; 200,000 as published.
        seed: of all draws.
    """

    samples: Annotated[int, Ge(64)] = 200_000
    seed: Annotated[int, Ge(0), Lt(2**32)] = 0


def study_spaces(settings: SyntheticSpaces, workshop: Workshop) -> Outcome:
    """All tables of the nine spaces; seconds, so no part is kept."""
    import pandas as pd

    from toolkit.analyses.synthetic_spaces.figure import synthetic_figure
    from toolkit.figures import quiet

    workshop.tell("measures", 0, 1)
    study = study_synthetic_spaces(samples=settings.samples, seed=settings.seed)
    workshop.tell("measures", 1, 1)
    # Tables
    information = pd.DataFrame(
        {
            "space": study.spaces,
            "information_bits": study.information.numpy(force=True),
            "standard_error_bits": study.information_error.numpy(force=True),
        }
    )
    measures = list(study.tables)
    errors = {f"{name}_standard_error": table for name, table in study.errors.items()}
    pairs = {**study.tables, **errors}
    # Metrics
    correlation: dict[str, dict[str, float]] = {}
    for name in ("nmi", "vi"):
        row = _named(measures, study.agreement[measures.index(name)])
        correlation[name] = {other: value for other, value in row.items() if other != name}
    # Sentences
    nmi_row = study.agreement[measures.index("nmi")].tolist()
    others = [
        (abs(rho), name, rho) for name, rho in zip(measures, nmi_row, strict=True) if name != "nmi"
    ]
    nearest = max(other for other in others if other[1] != "nmi_sampled")
    farthest = min(others)
    low, high = int(study.information.argmin()), int(study.information.argmax())
    sentences = [
        f"The space that tells least is {study.spaces[low]!r} with "
        f"{study.information[low]:.2f} bits, the one that tells most {study.spaces[high]!r} with "
        f"{study.information[high]:.2f} bits.",
        f"Over the pairs of unlike spaces NMI ranks most like {nearest[1]} "
        f"(Spearman {nearest[2]:.2f}) and least like {farthest[1]} ({farthest[2]:.2f}); below 0 "
        "where one measures likeness and the other difference.",
        "Kernel alignments stand in two forms: `cka_...` is biased, as usually published, and "
        "grows towards 1 where images are few beside channels; `cka_..._debiased` is about 0 for "
        "unrelated spaces. The shape distance pads the narrower space with silent channels.",
    ]
    with quiet():
        figure = synthetic_figure(study, synthetic_spaces())
    return Outcome(
        sentences=sentences,
        tables={
            "rank_correlation": _square("measure", measures, study.agreement),
            "information": information,
            **{name: _square("space", study.spaces, table) for name, table in pairs.items()},
        },
        metrics={
            "information_bits": _named(study.spaces, study.information),
            "rank_correlation": correlation,
        },
        figure=figure,
    )


def _square(head: str, names: Sequence[str], table: Float[Tensor, "s s"]) -> DataFrame:
    """A table with its names in the first column and in the head."""
    import pandas as pd

    values = pd.DataFrame(table.numpy(force=True), columns=list(names))
    values.insert(0, head, list(names))
    return values


def _named(names: Sequence[str], values: Float[Tensor, " k"]) -> dict[str, float]:
    """Numbers by name, nine digits, names without blanks."""
    pairs = zip(names, values.tolist(), strict=True)
    return {name.replace(" ", "_"): float(f"{value:.9g}") for name, value in pairs}

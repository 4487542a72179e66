"""Every measure on the nine made-up spaces, and how far the measures agree with each other.

Murphy, Dillavou & Bassett, "Comparing the information content of probabilistic representation
spaces" (TMLR 2025), https://arxiv.org/abs/2405.21042, figure 2.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from toolkit.analyses.synthetic_spaces.spaces import synthetic_spaces
from toolkit.information.measures import MEASURES, measure_spaces
from toolkit.information.measures.rsa import unit_ranks
from toolkit.information.monte_carlo import estimate_spaces

SAMPLED = {"nmi_sampled": "nmi", "vi_sampled": "vi"}  # by Monte Carlo, like these by fingerprints


@dataclass(frozen=True, kw_only=True)
class SyntheticStudy:
    """Measures of every two of the nine spaces.

    Arguments:
        spaces: their names, in the order of rows and columns.
        information: (9,) bits of each, by Monte Carlo.
        information_error: (9,) its standard error.
        tables: for every measure its (9, 9) table.
        errors: for the sampled measures the (9, 9) standard errors.
        units: for every measure its unit.
        alike: for every measure its value for a space and itself.
        agreement: (k, k) Spearman's rank correlation between the measures, in the order of
            `tables`, over the pairs of unlike spaces for which both are defined. Negative where
            one grows with likeness and the other with difference.
    """

    spaces: tuple[str, ...]
    information: Float[Tensor, " s"]
    information_error: Float[Tensor, " s"]
    tables: dict[str, Float[Tensor, "s s"]]
    errors: dict[str, Float[Tensor, "s s"]]
    units: dict[str, str]
    alike: dict[str, float]
    agreement: Float[Tensor, "k k"]


def study_synthetic_spaces(*, samples: int, seed: int) -> SyntheticStudy:
    """Compute all tables of the nine spaces.

    Arguments:
        samples: draws for the sampled measures, over all points; 200,000 take about 15 s.
        seed: of all draws.
    """
    named = synthetic_spaces()
    spaces = list(named.values())
    generator = torch.Generator().manual_seed(seed)
    tables = {
        name: measure_spaces(spaces, measure, generator=generator)
        for name, measure in MEASURES.items()
    }
    sampled = estimate_spaces(*zip(*spaces, strict=True), samples=samples, generator=generator)
    tables |= {name: getattr(sampled, twin) for name, twin in SAMPLED.items()}
    twins = {name: SAMPLED.get(name, name) for name in tables}
    return SyntheticStudy(
        spaces=tuple(named),
        information=sampled.information,
        information_error=sampled.information_error,
        tables=tables,
        errors={name: getattr(sampled, f"{twin}_error") for name, twin in SAMPLED.items()},
        units={name: MEASURES[twin].unit for name, twin in twins.items()},
        alike={name: MEASURES[twin].alike for name, twin in twins.items()},
        agreement=rank_agreement(list(tables.values())),
    )


def rank_agreement(tables: list[Float[Tensor, "s s"]]) -> Float[Tensor, "k k"]:
    """Spearman's rank correlation of every two symmetric tables, without diagonals and NaN.

    >>> table = torch.tensor([[1.0, 0.5, 0.2], [0.5, 1.0, 0.3], [0.2, 0.3, 1.0]]).double()
    >>> rank_agreement([table, -table]).round(decimals=6)
    tensor([[ 1., -1.],
            [-1.,  1.]], dtype=torch.float64)
    """
    row, column = torch.triu_indices(len(tables[0]), len(tables[0]), offset=1)
    pairs = torch.stack([table[row, column] for table in tables])
    agreement = torch.ones(len(tables), len(tables), dtype=torch.float64)
    for first in range(len(tables)):
        for second in range(first):
            both = pairs[[first, second]].isfinite().all(dim=0)
            rho = unit_ranks(pairs[first, both]) @ unit_ranks(pairs[second, both])
            agreement[first, second] = agreement[second, first] = rho
    return agreement

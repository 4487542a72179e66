"""The study of the nine spaces, and the agreement of its measures."""

import pytest
import torch
from scipy.stats import spearmanr

from toolkit.analyses.synthetic_spaces.study import (
    SyntheticStudy,
    rank_agreement,
    study_synthetic_spaces,
)
from toolkit.information import MEASURES


@pytest.fixture(scope="module")
def study() -> SyntheticStudy:
    return study_synthetic_spaces(samples=2000, seed=0)


def test_every_measure_has_its_table_and_unit(study: SyntheticStudy) -> None:
    assert list(study.tables) == [*MEASURES, "nmi_sampled", "vi_sampled"]
    assert list(study.units) == list(study.alike) == list(study.tables)
    assert study.units["vi_sampled"] == "bits"
    for name, table in study.tables.items():
        assert table.shape == (9, 9)
        assert torch.equal(table.isnan(), table.T.isnan())
        assert (table.diagonal() - study.alike[name]).abs().max() < 1e-6
    assert study.errors["vi_sampled"].max() > 0


def test_sampled_measures_lie_near_those_of_fingerprints(study: SyntheticStudy) -> None:
    names = list(study.tables)
    assert study.agreement[names.index("nmi"), names.index("nmi_sampled")] > 0.9
    assert study.agreement[names.index("nmi"), names.index("vi")] < 0


def test_the_study_is_made_by_its_seed_alone(study: SyntheticStudy) -> None:
    again = study_synthetic_spaces(samples=2000, seed=0)
    assert all(
        torch.equal(table, again.tables[name])
        for name, table in study.tables.items()
        if name != "stochastic_shape"
    )


def test_agreement_is_spearmans_over_defined_pairs() -> None:
    generator = torch.Generator().manual_seed(0)
    drawn = torch.randn(3, 6, 6, generator=generator, dtype=torch.float64)
    tables = list(drawn + drawn.mT)
    tables[1][0, 2] = tables[1][2, 0] = torch.nan
    row, column = torch.triu_indices(6, 6, offset=1)
    found = rank_agreement(tables)
    for first, other in ((0, 1), (0, 2), (2, 1)):
        a, b = tables[first][row, column], tables[other][row, column]
        both = a.isfinite() & b.isfinite()
        expected = spearmanr(a[both], b[both]).statistic
        assert found[first, other].item() == pytest.approx(expected, abs=1e-12)

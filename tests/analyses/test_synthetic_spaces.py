"""The nine spaces as an analysis: every table, in the golden values where these are known."""

from pathlib import Path

import numpy as np
import pytest

from tests.analyses.small import workshop
from toolkit.analyses import Outcome, SyntheticSpaces
from toolkit.analyses.synthetic_spaces.analysis import study_spaces
from toolkit.analyses.synthetic_spaces.spaces import synthetic_spaces
from toolkit.information import MEASURES

GOLDEN = Path(__file__).parents[1] / "golden/synthetic_nine.npz"


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    folder = tmp_path_factory.mktemp("spaces")
    return study_spaces(SyntheticSpaces(samples=2000, seed=0), workshop(folder))


def test_every_measure_has_its_table(outcome: Outcome) -> None:
    assert list(outcome.tables) == [
        "rank_correlation",
        "information",
        *MEASURES,
        "nmi_sampled",
        "vi_sampled",
        "nmi_sampled_standard_error",
        "vi_sampled_standard_error",
    ]
    for name in MEASURES:
        table = outcome.tables[name]
        assert list(table.columns) == ["space", *synthetic_spaces()]
        assert table["space"].tolist() == list(synthetic_spaces())


@pytest.mark.parametrize(
    ("name", "key"), [("nmi", "utils_nmi"), ("vi", "utils_vi_bits"), ("cka_linear", "cka_linear")]
)
def test_tables_hold_the_published_values(outcome: Outcome, name: str, key: str) -> None:
    found = outcome.tables[name].iloc[:, 1:].to_numpy(dtype=float)
    np.testing.assert_allclose(found, np.load(GOLDEN)[key], rtol=1e-8, atol=1e-9)


def test_metrics_are_finite_and_named_without_blanks(outcome: Outcome) -> None:
    bits = outcome.metrics["information_bits"]
    assert bits["two_clusters"] == pytest.approx(1.0, abs=1e-3)  # two clusters far apart: one bit
    assert len(bits) == 9
    against = outcome.metrics["rank_correlation"]["nmi"]
    assert "nmi" not in against
    assert sorted([*against, "nmi"]) == sorted([*MEASURES, "nmi_sampled", "vi_sampled"])
    assert all(-1 <= value <= 1 for value in against.values())


def test_sentences_name_the_ends(outcome: Outcome) -> None:
    assert outcome.sentences[0].startswith(
        "The space that tells least is 'two clusters' with 1.00 bits, the one that tells most "
    )
    assert "NMI ranks most like cka_bhattacharyya (Spearman 0." in outcome.sentences[1]

import numpy as np
import pytest

from tests.disentanglement import golden
from toolkit.disentanglement.information.infomec import (
    InfoMECSettings,
    infoc,
    infom,
    normalised_table,
)

ESTIMATOR = {"cont_cd": "neighbours", "cont_dd": "binned", "quant_dd": "binned"}
NAMES = {
    "modularity_ratio": (infom, "infom"),
    "modularity_gap": (infom, "infom_gap"),
    "compactness_ratio": (infoc, "infoc"),
    "compactness_gap": (infoc, "infoc_gap"),
}
REFERENCES = [
    (case, variant)
    for case, scores in golden.numbers("infomec_scores").items()
    for variant in ESTIMATOR
    if variant in scores
]


@pytest.mark.parametrize(("case", "variant"), REFERENCES)
def test_scores_and_tables_are_those_of_the_reference(case: str, variant: str) -> None:
    file, scores = golden.arrays("infomec"), golden.numbers("infomec_scores")[case][variant]
    codes, factors = file[f"{case}_latents"], file["sources"]
    if variant == "quant_dd":  # its distinct values are the symbols
        codes = np.stack([np.unique(c, return_inverse=True)[1] for c in codes.T], axis=1)
    table = normalised_table(codes, factors, InfoMECSettings(estimator=ESTIMATOR[variant]), seed=0)
    prefix = f"{case}_{variant}"
    assert table.active.tolist() == file[f"{prefix}_mask"].tolist()
    assert table.active.sum() == scores["num_active"]
    noisy = variant == "cont_cd"
    exact = 2e-3 if noisy else 2e-6
    tied = noisy and case in ("perfect", "quantised")  # ties are resolved by noise
    least = max(0.05, 5 * scores["nmi_std_max"]) if tied else exact
    assert table.share == pytest.approx(file[f"{prefix}_nmi_mean"], abs=least, rel=1e-5)
    entropy = [np.log(len(np.unique(column))) for column in factors.T]  # sources are even
    nats = file[f"{prefix}_mi_nats"] / entropy
    assert table.share == pytest.approx(nats, abs=max(least, 0.002), rel=1e-5)
    for name, (score, value) in NAMES.items():
        found = score(codes, factors, seed=0, table=table).values[value]
        least = max(0.05, 5 * scores[name]["std"]) if tied else exact
        assert found == pytest.approx(scores[name]["mean"], abs=least, rel=1e-5)


GRID = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])


@pytest.mark.parametrize(
    ("codes", "modular", "compact"),
    [
        pytest.param(GRID, 1.0, 1.0, id="a channel each"),
        pytest.param(GRID[:, [0, 0, 1, 1]], 1.0, (1 / 2 - 1 / 4) / (3 / 4), id="each twice"),
        pytest.param(GRID[:, [0]] * 2 + GRID[:, [1]], 0.0, 1.0, id="one channel for both"),
        pytest.param(np.zeros((4, 2), dtype=int), 0.0, 0.0, id="no channel in use"),
    ],
)
def test_by_hand(codes: np.ndarray, modular: float, compact: float) -> None:
    assert infom(codes, GRID, seed=0).values["infom"] == pytest.approx(modular, abs=1e-12)
    assert infoc(codes, GRID, seed=0).values["infoc"] == pytest.approx(compact, abs=1e-12)


def test_a_factor_nobody_tells_of_counts_as_an_even_spread() -> None:
    codes = np.column_stack([GRID[:, 0], GRID[:, 0]])
    answer = infoc(codes, GRID, seed=0)
    assert answer.per_factor["infoc"].tolist() == [0.5, 0.5]
    assert answer.values["infoc"] == 0.0


def test_channels_of_small_range_are_pruned_but_symbols_are_not() -> None:
    codes = np.column_stack([8.0 * GRID[:, 0], 1.0 * GRID[:, 1]])
    assert normalised_table(codes, GRID, seed=0).active.tolist() == [True, False]
    symbols = codes.astype(int)
    assert normalised_table(symbols, GRID, seed=0).active.tolist() == [True, True]

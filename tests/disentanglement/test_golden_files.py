"""The golden files of the scores speak of the same grid, cases and samples as our own tests."""

import numpy as np

from tests.disentanglement import golden


def test_grids_and_cases_are_the_same_in_all_files() -> None:
    file = golden.arrays("metrics_inputs_and_matrices")
    assert tuple(file["cases"].tolist()) == golden.CASES
    whole = np.stack(np.meshgrid(*map(np.arange, golden.sizes()), indexing="ij"), axis=-1)
    assert golden.grid().tolist() == whole.reshape(-1, 4).tolist()
    assert golden.arrays("disent_components")["factors_grid"].tolist() == golden.grid().tolist()
    assert golden.arrays("disvae_mig_aam")["factor_sizes"].tolist() == file["factor_sizes"].tolist()
    sources = golden.arrays("infomec")
    assert sources["sources"].tolist() == golden.grid()[sources["idx"]].tolist()


def test_an_old_and_a_present_scikit_learn_agree_where_nothing_is_learnt() -> None:
    old, new = (golden.numbers(name) for name in golden.DLIB)
    for case in golden.CASES:
        assert old[case].keys() == new[case].keys()
        for name in ("mig", "sap_continuous", "modularity", "irs", "mutual_info_score"):
            assert abs(old[case][name] - new[case][name]) < 1e-12

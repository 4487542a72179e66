"""The table of fragments says what the tree says."""

import pytest

from toolkit.report import Findings
from toolkit.report.tables.fragments import fragments_table


def test_rows_add_up_to_the_bits_of_the_runs(findings: Findings) -> None:
    """Second route: pieces and unassigned bits together are the kept bits of the runs."""
    table = fragments_table(findings)
    pieces = table[table["kind"] == "piece"]
    (tree,) = findings.fragments
    for stage in tree.stages:
        rows = pieces[pieces["value"] == stage.value]
        kept = [findings.summaries[run].kept_bits for run in stage.runs]
        total = rows["bits_per_run"].sum() + rows["unassigned_bits_per_run"].iloc[0]
        assert total == pytest.approx(sum(kept) / len(kept))


def test_each_planted_piece_is_one_channel_of_every_run(findings: Findings) -> None:
    table = fragments_table(findings)
    pieces = table[table["kind"] == "piece"]
    assert set(pieces["piece"]) == {"1", "2"}
    assert (pieces[["groups", "channels_per_member"]] == 1).all(axis=None)
    assert (pieces["members"] == 3).all()
    factors = table[(table["kind"] == "factor") & (table["piece"] == "size")]
    assert (factors["channels_per_member"] == 1).all()

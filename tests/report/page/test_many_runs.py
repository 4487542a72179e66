"""A report of many runs: small enough to send, and every run in it."""

import pytest

from tests.report.conftest import found, planted
from tests.report.page.test_render import page

RUNS = 75
SHARE = 0.25  # of 300 runs; all that grows with the runs grows in proportion


@pytest.mark.slow
def test_a_quarter_of_300_runs_takes_less_than_a_quarter_of_5_megabytes() -> None:
    findings = found(*planted(betas=(1.0, 1.5, 4.0), seeds=range(RUNS // 3)))
    text = page(findings, traversals={})
    active = sum(channel.kept for channel in findings.channels)
    assert active > 2 * RUNS
    full = active / (10 * RUNS)  # of runs with ten active channels each
    assert len(text.encode()) < SHARE * full * 5_000_000 + 400_000  # what does not grow
    assert all(run.name in text for run in findings.runs)

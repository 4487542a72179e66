"""A report of 300 runs: small enough to send, and every run in it."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import count

import pytest
import torch

from tests.report.conftest import found, planted_answers, planted_run
from tests.report.page.test_render import page
from toolkit.posteriors import Posteriors
from toolkit.report import Findings

RUNS = 300
LATENTS = 10


def with_noise(answers: Posteriors, seed: int) -> Posteriors:
    """The same channels, and six more that only this run knows."""
    more = LATENTS - answers.mean.shape[1]
    noise = torch.randn(len(answers.mean), more, generator=torch.Generator().manual_seed(seed))
    return replace(
        answers,
        mean=torch.cat([answers.mean, noise], dim=1),
        log_variance=torch.cat([answers.log_variance, torch.full_like(noise, -1.0)], dim=1),
    )


@pytest.mark.slow
def test_a_report_of_300_runs_is_below_5_megabytes() -> None:
    def planted_pairs() -> Iterator[tuple[float, int]]:
        yield from ((beta, seed) for seed in count() for beta in (1.0, 4.0, 16.0))

    pairs = [pair for pair, _ in zip(planted_pairs(), range(RUNS), strict=False)]
    runs = [planted_run(beta, seed) for beta, seed in pairs]
    answers = [with_noise(planted_answers(beta, seed), seed) for beta, seed in pairs]
    findings: Findings = found(runs, answers)
    text = page(findings, traversals={})
    assert len(findings.channels) == RUNS * LATENTS
    assert len(text.encode()) < 5_000_000
    assert all(run.name in text for run in runs)

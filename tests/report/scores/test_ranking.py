"""UDR of every run against the functions that compute it for two runs at a time."""

import numpy as np
import pytest
import torch

from tests.report.conftest import planted
from toolkit.disentanglement.unsupervised.udr import udr_lasso, udr_nmi, udr_spearman
from toolkit.posteriors import Posteriors
from toolkit.report import Findings
from toolkit.report.scores import ranking
from toolkit.report.scores.ranking import udr_per_run


def rates(given: Posteriors) -> np.ndarray:
    prior = torch.distributions.Normal(0.0, 1.0)
    told = torch.distributions.Normal(given.mean, (given.log_variance / 2).exp())
    return torch.distributions.kl_divergence(told, prior).mean(dim=0).numpy()


def test_every_kind_is_what_the_score_of_that_name_gives(findings: Findings) -> None:
    _, answers = planted()
    codes = [given.mean.numpy() for given in answers]
    used = [rates(given) for given in answers]
    nmi = np.nan_to_num(findings.comparison.nmi.numpy(), nan=0.0)
    expected = {
        "udr_lasso": udr_lasso(codes, seed=0, rates=used),
        "udr_nmi": udr_nmi(codes, seed=0, nmi=nmi, rates=used),
        "udr_spearman": udr_spearman(codes, seed=0, rates=used),
    }
    for kind, result in expected.items():
        told = [summary.udr[kind] for summary in findings.summaries]
        assert told == pytest.approx(result.per_channel["udr"].tolist(), abs=1e-9)


def test_runs_that_know_only_what_all_know_come_first(findings: Findings) -> None:
    for kind in ("udr_nmi", "udr_spearman", "udr_lasso"):
        told = [summary.udr[kind] for summary in findings.summaries]
        assert min(told[3:]) >= max(told[:3]) - 1e-9


def test_the_lasso_is_left_out_where_runs_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    _, answers = planted()
    monkeypatch.setattr(ranking, "LASSO_RUNS", 5)
    each = udr_per_run(answers, np.eye(24))
    assert [sorted(udr) for udr in each] == [["udr_nmi", "udr_spearman"]] * 6

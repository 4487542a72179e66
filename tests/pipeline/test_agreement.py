"""What the members of one group have in common."""

from pathlib import Path

import pytest
import torch

from toolkit.errors import ToolkitError
from toolkit.information import INFORMATIVE_BITS, channel_information
from toolkit.pipeline.members.agreement import agreement_of
from toolkit.posteriors import Posteriors, load_posteriors, save_posteriors
from toolkit.report import ComparedRun, ComparisonSettings, compare_runs, metrics


def member(folder: Path, *, seed: int, probe: str = "p") -> Path:
    """Posteriors of three channels; the first is the same under every seed."""
    generator = torch.Generator().manual_seed(seed)
    mean = torch.randn(60, 3, generator=generator) * 4
    mean[:, 0] = torch.linspace(-6, 6, 60)
    answers = Posteriors(mean=mean, log_variance=torch.zeros(60, 3), probe=probe)
    save_posteriors(folder / str(seed) / "posteriors.safetensors", answers)
    return folder / str(seed)


def test_copies_agree_wholly_and_strangers_in_what_they_share(tmp_path: Path) -> None:
    one, other = member(tmp_path, seed=1), member(tmp_path, seed=2)
    assert agreement_of([one, one]).corrected == pytest.approx(1.0)
    assert 0.3 < agreement_of([one, other]).value < 0.8


def test_report_and_ensemble_say_the_same_of_the_same_members(tmp_path: Path) -> None:
    """In whatever order the runs are listed; also how many channels are active."""
    folders = [member(tmp_path, seed=seed) for seed in range(4)]
    posteriors = [load_posteriors(folder / "posteriors.safetensors") for folder in folders]
    runs = [
        ComparedRun(
            name=str(seed), key=str(seed), run_id=None, ensemble="e", data="d", seed=seed,
            objective="beta_vae", hyperparameters={}, distortion=1.0, rate=1.0, record="0" * 64,
        )
        for seed in range(4)
    ]  # fmt: skip
    settings = ComparisonSettings(seed=7)
    findings = compare_runs(runs[::-1], posteriors[::-1], settings=settings)
    agreement = agreement_of(folders)
    assert findings.agreement == agreement
    shown = metrics(findings)
    assert agreement.corrected is not None
    assert shown["corrected_agreement"] == pytest.approx(agreement.corrected, abs=1e-6)
    active = [
        int((channel_information(p.mean, p.log_variance) > INFORMATIVE_BITS).sum())
        for p in posteriors
    ]
    assert shown["channels_kept"] == sum(active)


def test_members_that_answered_different_images_are_refused(tmp_path: Path) -> None:
    folders = [member(tmp_path, seed=1), member(tmp_path, seed=2, probe="q")]
    with pytest.raises(ToolkitError) as caught:
        agreement_of(folders)
    assert str(caught.value) == (
        "these members answered different probe sets, so nothing can be said of their "
        "agreement. Run `dvc repro`, and all answer the present one."
    )

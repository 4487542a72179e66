"""What the members of one group have in common."""

from pathlib import Path

import pytest
import torch

from toolkit.errors import ToolkitError
from toolkit.pipeline.members.agreement import agreement_of
from toolkit.posteriors import Posteriors, save_posteriors


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
    assert agreement_of([one, one]) == pytest.approx(1.0)
    assert 0.3 < agreement_of([one, other]) < 0.8


def test_members_that_answered_different_images_are_refused(tmp_path: Path) -> None:
    folders = [member(tmp_path, seed=1), member(tmp_path, seed=2, probe="q")]
    with pytest.raises(ToolkitError) as caught:
        agreement_of(folders)
    assert str(caught.value) == (
        "these members answered different probe sets, so nothing can be said of their "
        "agreement. Run `dvc repro`, and all answer the present one."
    )

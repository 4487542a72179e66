"""What is made of members that are trained already, on a machine with an accelerator too."""

import json
from collections.abc import Generator, Sequence
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from toolkit.config import read_params
from toolkit.networks import Autoencoder
from toolkit.pipeline.ensemble import make_ensemble
from toolkit.stages.data import make_data
from toolkit.training import MemberSettings, Snapshot, driver, fit_together, strategies
from toolkit.workspace import Workspace

MEMBERS = "runs/ensembles/tiny-beta/members"


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[int]]]:
    """Device and seeds of every block that is trained, while an accelerator is pretended.

    Blocks are planned for "cuda", and stacks are trained on the processor instead.
    """
    blocks: list[tuple[str, list[int]]] = []
    fit = driver.fit

    def choose(name: str | None, settings: object) -> str:
        return name or "cuda"

    def stack(
        settings: Sequence[MemberSettings],
        images: object,
        *,
        device: str,
        **options: Any,  # noqa: ANN401
    ) -> Generator[Any, None, Any]:
        blocks.append((device, [member.seed for member in settings]))
        return fit_together(settings, images, device="cpu", **options)

    def single(
        settings: MemberSettings,
        images: object,
        **options: Any,  # noqa: ANN401
    ) -> Generator[Any, None, Any]:
        blocks.append(("cpu", [settings.seed]))
        return fit(settings, images, **options)

    monkeypatch.setattr(strategies, "choose_device", choose)
    monkeypatch.setattr(driver, "fit_together", stack)
    monkeypatch.setattr(driver, "fit", single)
    return blocks


def weights(project: Workspace) -> dict[Path, tuple[bytes, int]]:
    """Contents of every weights file, and when it was written."""
    return {
        path: (path.read_bytes(), path.stat().st_mtime_ns)
        for path in (project.root / MEMBERS).glob("*/weights.safetensors")
    }


def declare(project: Workspace, *changes: tuple[str, str]) -> None:
    """Change params.yaml and build its ensemble."""
    text = project.params.read_text()
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    project.params.write_text(text)
    params = read_params(project.params)
    make_data(project, params, "tiny")
    make_ensemble(project, params, "tiny-beta")


MORE_SEEDS = ("seeds: [0, 1]", "seeds: [0, 1, 2, 3]")
ONE_SCORE_MORE = ("names: [mig, ", "names: [mig, sap, ")
OTHER_PROBE = ("probe: {size: 40", "probe: {size: 30")


@pytest.mark.parametrize(
    ("changes", "blocks"),
    [
        ([ONE_SCORE_MORE], []),
        ([OTHER_PROBE], []),
        ([ONE_SCORE_MORE, MORE_SEEDS], [("cuda", [2, 3, 2, 3])]),
        ([OTHER_PROBE, MORE_SEEDS], [("cuda", [2, 3, 2, 3])]),
        ([ONE_SCORE_MORE, OTHER_PROBE, ("seeds: [0, 1]", "seeds: [0, 1, 7]")], [("cuda", [7, 7])]),
    ],
)
def test_a_trained_member_is_never_trained_again(
    copy: Workspace,
    trained: list[tuple[str, list[int]]],
    changes: list[tuple[str, str]],
    blocks: list[tuple[str, list[int]]],
) -> None:
    before = weights(copy)
    assert len(before) == 4
    declare(copy, *changes)
    assert trained == blocks
    after = weights(copy)
    assert before == {path: after[path] for path in before}
    assert len(after) == 4 + sum(len(seeds) for _, seeds in blocks)


def test_without_an_accelerator_stacks_of_one_member_are_that_member(
    copy: Workspace, trained: list[tuple[str, list[int]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(strategies, "choose_device", lambda name, settings: "cpu")
    before = weights(copy)
    lost = next(iter(before))
    (lost.parent / "record.json").unlink()
    declare(copy, ("training: {steps", "training: {strategy: fused, steps"))
    assert [device for device, _ in trained] == ["cpu"]
    after = weights(copy)
    assert after.keys() == before.keys()
    assert after[lost][0] == before[lost][0]


def run_away(model: Autoencoder) -> None:
    """Let the log-variances of a member be what a learning rate of 0.3 makes of them."""
    last = [layer for layer in model.encoder.modules() if isinstance(layer, nn.Linear)][-1]
    with torch.no_grad():
        last.bias[len(last.bias) // 2 :] = -378.0


def test_a_member_whose_log_variance_runs_away_fails_and_the_others_go_on(
    copy: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit = driver.fit

    def diverging(
        settings: MemberSettings,
        images: object,
        **options: Any,  # noqa: ANN401
    ) -> Generator[Any, None, Any]:
        fitted = yield from fit(settings, images, **options)
        if settings.seed == 7:
            run_away(fitted.model)
        return fitted

    monkeypatch.setattr(driver, "fit", diverging)
    declare(copy, ("seeds: [0, 1]", "seeds: [0, 7]"))
    records = [json.loads(path.read_text()) for path in (copy.root / MEMBERS).glob("*/record.json")]
    failures = [record["failure"] for record in records if record["settings"]["seed"] == 7]
    assert [failure["step"] for failure in failures] == [6, 6]
    for failure in failures:
        assert failure["reason"].startswith("a log-variance is -3")
    others = [record["status"] for record in records if record["settings"]["seed"] == 0]
    assert others == ["finished", "finished"]


def test_a_member_whose_log_variance_runs_away_fails_at_the_step_of_a_snapshot(
    copy: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit = driver.fit

    def diverging(
        settings: MemberSettings,
        images: object,
        *,
        snapshot: Snapshot,
        **options: Any,  # noqa: ANN401
    ) -> Generator[Any, None, Any]:
        def take(step: int, model: Autoencoder) -> None:
            seen = deepcopy(model)
            if settings.seed == 7:
                run_away(seen)
            snapshot.take(step, seen)

        taken = replace(snapshot, take=take)
        return (yield from fit(settings, images, snapshot=taken, **options))

    monkeypatch.setattr(driver, "fit", diverging)
    declare(
        copy, ("seeds: [0, 1]", "seeds: [0, 7]"), ("{steps: 6", "{posteriors_at: [4], steps: 6")
    )
    records = [json.loads(path.read_text()) for path in (copy.root / MEMBERS).glob("*/record.json")]
    failures = [record["failure"] for record in records if record["settings"]["seed"] == 7]
    assert [failure["step"] for failure in failures] == [4, 4]
    assert len([record for record in records if record["status"] == "finished"]) == 2


def test_a_step_before_the_checkpoint_may_be_declared_after_an_interruption(
    copy: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, fit = weights(copy), driver.fit
    for path in before:
        (path.parent / "record.json").unlink()

    def interrupted(
        settings: MemberSettings,
        images: object,
        **options: Any,  # noqa: ANN401
    ) -> Generator[Any, None, Any]:
        training = fit(settings, images, **options)
        for _ in range(5):
            yield next(training)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(driver, "fit", interrupted)
        with pytest.raises(KeyboardInterrupt):
            declare(copy)
    assert list(copy.home.rglob("checkpoints/*.safetensors"))
    declare(copy, ("{steps: 6", "{posteriors_at: [2, 6], steps: 6"))
    for step in (2, 6):
        assert len(list((copy.root / MEMBERS).glob(f"*/*/{step:08d}.safetensors"))) == 4
    after = weights(copy)
    assert {path: content for path, (content, _) in before.items()} == {
        path: content for path, (content, _) in after.items()
    }
    assert not list(copy.home.rglob("checkpoints/*.safetensors"))

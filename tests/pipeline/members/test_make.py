"""What is made of members that are trained already, on a machine with an accelerator too."""

from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

import pytest

from toolkit.config import read_params
from toolkit.pipeline.ensemble import make_ensemble
from toolkit.stages.data import make_data
from toolkit.training import MemberSettings, driver, fit_together, strategies
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

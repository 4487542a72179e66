"""Which device stacks are trained on, on machines with and without accelerators."""

import pytest
import torch

from tests.training.examples import settings
from toolkit.errors import ToolkitError
from toolkit.training import plan
from toolkit.training.devices import choose_device

SINGLE, DOUBLE = settings(), settings(precision="float64")


@pytest.fixture(params=[(), ("cuda",), ("mps",), ("cuda", "mps")], ids=str)
def accelerators(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> tuple[str, ...]:
    """What PyTorch is made to see."""
    found: tuple[str, ...] = request.param
    monkeypatch.setattr(torch.cuda, "is_available", lambda: "cuda" in found)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: "mps" in found)
    return found


def test_the_first_accelerator_is_taken_and_the_processor_without_one(
    accelerators: tuple[str, ...],
) -> None:
    assert choose_device(None, [SINGLE]) == next(iter(accelerators), "cpu")
    assert choose_device(None, [SINGLE, DOUBLE]) == ("cuda" if "cuda" in accelerators else "cpu")
    assert choose_device("cpu", [SINGLE, DOUBLE]) == "cpu"


@pytest.mark.parametrize("name", ["cuda", "cuda:1", "mps"])
def test_a_device_that_is_missing_is_a_sentence(name: str, accelerators: tuple[str, ...]) -> None:
    kind = name.split(":")[0]
    if kind in accelerators:
        assert choose_device(name, [SINGLE]) == name
        return
    with pytest.raises(ToolkitError) as caught:
        choose_device(name, [SINGLE])
    assert str(caught.value) == (
        f"{name!r} is no device of this machine: PyTorch sees no {kind.upper()} accelerator here. "
        "Use `cpu`, or leave the device out."
    )


@pytest.mark.parametrize("name", ["gpu", "meta", ""])
def test_what_is_no_device_is_refused(name: str) -> None:
    with pytest.raises(ToolkitError) as caught:
        choose_device(name, [])
    assert str(caught.value) == f"{name!r} is no device. Use `cpu`, `cuda`, `cuda:0` or `mps`."


def test_metal_takes_no_double_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    with pytest.raises(ToolkitError) as caught:
        plan([SINGLE, DOUBLE], device="mps")
    assert str(caught.value) == (
        "members of precision 'float64' cannot be trained on 'mps', which has no double "
        "precision. Use `precision: float32`, or the device `cpu`."
    )
    assert str(plan([SINGLE, SINGLE])) == "fused: 2 members in 1 stack on mps"

"""Where stacks are trained: a CUDA accelerator, Apple's Metal accelerator, or the processor."""

from collections.abc import Iterable

import torch

from toolkit.errors import ToolkitError
from toolkit.training.settings import MemberSettings


def choose_device(name: str | None, settings: Iterable[MemberSettings]) -> str:
    """The device that was asked for, or else the first accelerator that can train the members.

    >>> choose_device("cpu", [])
    'cpu'

    Arguments:
        name: "cpu", "cuda", "cuda:1" or "mps"; None: CUDA, then Metal, then the processor.
        settings: of the members; Metal has no double precision.

    Raises:
        ToolkitError: PyTorch knows no such device, sees none here, or cannot train the members
            there.
    """
    double = any(member.precision == "float64" for member in settings)
    if name is None:
        if torch.cuda.is_available():
            return "cuda"
        return "mps" if torch.backends.mps.is_available() and not double else "cpu"
    try:
        kind = torch.device(name).type
    except RuntimeError:
        kind = ""
    if kind not in ("cuda", "mps", "cpu"):
        raise ToolkitError(f"{name!r} is no device. Use `cpu`, `cuda`, `cuda:0` or `mps`.")
    for accelerator, module in (("cuda", torch.cuda), ("mps", torch.backends.mps)):
        if kind == accelerator and not module.is_available():
            raise ToolkitError(
                f"{name!r} is no device of this machine: PyTorch sees no {accelerator.upper()} "
                "accelerator here. Use `cpu`, or leave the device out."
            )
    if kind == "mps" and double:
        raise ToolkitError(
            "members of precision 'float64' cannot be trained on 'mps', which has no double "
            "precision. Use `precision: float32`, or the device `cpu`."
        )
    return name

"""Tensors from files that `torch.save` wrote, in any of its formats, without unpickling code."""

import struct
from collections.abc import Mapping
from pathlib import Path
from pickle import UnpicklingError  # the name of an error; nothing is unpickled by that module here

import torch
from torch import Tensor

from toolkit.errors import ToolkitError

# what PyTorch's reader was seen to raise for files cut short or with some bytes changed
UNREADABLE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    RuntimeError,
    TypeError,
    UnpicklingError,
    ValueError,
    struct.error,
)


def read_state(path: Path) -> dict[str, Tensor]:
    """Names and tensors of a state dict.

    Raises:
        ToolkitError: the file is missing or damaged, asks for code to be run, or holds something
            else than tensors of finite numbers.
    """
    try:
        found = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise ToolkitError(f"{path} is missing. Copy the whole folder of the model.") from error
    except OSError as error:
        raise ToolkitError(
            f"{path} cannot be read ({error.strerror or error}). "
            "Give yourself permission to read it."
        ) from error
    except UNREADABLE as error:
        raise ToolkitError(
            f"{path} is no file of weights alone: it is damaged, or it holds Python objects that "
            "would run code when read. Copy it again from its publisher."
        ) from error
    return _checked(path, found)


def _checked(path: Path, found: object) -> dict[str, Tensor]:
    if not isinstance(found, Mapping) or not found:
        raise ToolkitError(
            f"{path} holds a {type(found).__name__}, not the named tensors of a model. "
            "Save its `state_dict()`."
        )
    state = {}
    for name, value in found.items():
        if not isinstance(name, str) or not isinstance(value, Tensor):
            raise ToolkitError(
                f"{path} holds {name!r}, which is no named tensor. Save a model's `state_dict()`."
            )
        if not value.is_floating_point() or not value.isfinite().all():
            raise ToolkitError(
                f"{path} holds {name!r} with numbers that are not finite fractions. "
                "Take the model's file from another moment of its training."
            )
        state[name] = value.detach()
    return state

"""Tensors from files that `torch.save` wrote, in any of its formats, without unpickling code."""

import struct
from collections.abc import Mapping
from pathlib import Path
from pickle import UnpicklingError  # the name of an error; nothing is unpickled by that module here

import torch
from torch import Tensor

from toolkit.errors import ToolkitError
from toolkit.files import unreadable

# what PyTorch's reader raises for files cut short or with some bytes changed
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
LONGEST = 200  # characters of a foreign name in a message


def read_state(path: Path) -> dict[str, Tensor]:
    """Names and tensors of a state dict.

    Raises:
        ToolkitError: the file is missing or damaged, would run code, or holds something
            other than tensors of finite numbers.
    """
    try:
        loaded = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise ToolkitError(f"{path} is missing. Copy the whole folder of the model.") from error
    except OSError as error:
        raise unreadable(path, error) from error
    except UNREADABLE as error:
        raise ToolkitError(
            f"{path} is not a file of weights alone: it is damaged, or it holds Python objects "
            "that would run code when read. Copy it again from its publisher."
        ) from error
    if not isinstance(loaded, Mapping) or not loaded:
        raise ToolkitError(
            f"{path} holds a {type(loaded).__name__}, not the named tensors of a model. "
            "Save its `state_dict()`."
        )
    state = {}
    for name, value in loaded.items():
        if not isinstance(name, str) or not name.isprintable() or not isinstance(value, Tensor):
            raise ToolkitError(
                f"{path} holds {repr(name)[:LONGEST]}, which is not a named tensor. "
                "Save a model's `state_dict()`."
            )
        if not value.is_floating_point() or not value.isfinite().all():
            raise ToolkitError(
                f"{path} holds {repr(name)[:LONGEST]} with numbers that are not finite floats. "
                "Take the model's file from another step of its training."
            )
        state[name] = value.detach()
    return state

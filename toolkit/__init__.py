"""Trains ensembles of representation models, tracks them, and reports what their channels know."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from toolkit.training import load_member

__all__ = ["__version__", "load_member"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever is asked for
    """Bring in torch only when something that needs it is asked for."""
    if name == "load_member":
        from toolkit.training import load_member

        return load_member
    raise AttributeError(f"module 'toolkit' has no attribute {name!r}")

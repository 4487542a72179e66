"""The noise that a code without noise must declare before members can be compared by it."""

from typing import Annotated

from annotated_types import Gt

from toolkit.errors import ToolkitError

WHY = (
    "Its codes have no noise of their own: every image would have a code of its own, and every "
    "channel would tell log2 n bits, whatever it holds. Declare `noise`, the standard deviation "
    "below which two codes count as one."
)
Noise = Annotated[float, Gt(0)]
REASON = {"why": WHY}  # metadata of a field: said where it is missing or wrong


def require_noise(name: str, noise: float) -> None:
    """Refuse a code without noise.

    Raises:
        ToolkitError: `noise` is not above 0.
    """
    if not noise > 0:
        raise ToolkitError(f"{name} was declared with noise {noise:g}. {WHY}")

"""What channels must be before they are compared, and the sentences if they are not."""

from jaxtyping import Float, Shaped
from torch import Tensor

from toolkit.errors import ToolkitError

INFORMATIVE_BITS = 0.01  # a channel with no more is noise: Murphy, Dillavou & Bassett (2025)
LARGEST_LOG_VARIANCE = 80.0  # beyond it, a float32 variance is nearly 0 or infinite


class DivergedChannelsError(ToolkitError):
    """Numbers of a channel that are not finite, or far out of range: its member diverged."""


def check_channels(mean: Float[Tensor, "..."], log_variance: Float[Tensor, "..."]) -> None:
    """Refuse channels that cannot be compared.

    Raises:
        ToolkitError: shapes, numbers, dtypes or devices are wrong; the sentence says which.
    """
    if mean.shape != log_variance.shape or mean.ndim != 2:
        raise ToolkitError(
            f"means are {tuple(mean.shape)} and log-variances {tuple(log_variance.shape)}; "
            "both need a row per image and a column per channel."
        )
    if mean.dtype != log_variance.dtype or mean.device != log_variance.device:
        raise ToolkitError(
            f"means are {mean.dtype} on {mean.device} but log-variances {log_variance.dtype} on "
            f"{log_variance.device}; convert one with `.to(other)`."
        )
    if mean.shape[0] < 2:
        raise ToolkitError(
            f"{mean.shape[0]} image(s) cannot tell what a channel knows; show at least 2, "
            "and hundreds for useful numbers."
        )
    if mean.shape[1] == 0:
        raise ToolkitError("there is no channel to compare; give at least one column.")
    wrong = ~(mean.isfinite() & log_variance.isfinite())
    if wrong.any():
        channels = wrong.any(dim=0).nonzero()[:, 0].tolist()
        raise DivergedChannelsError(
            f"{int(wrong.sum())} number(s) are not finite, first in channel {channels[0]}: its "
            "member diverged. Leave it out, or train it with a lower learning rate."
        )
    if log_variance.abs().max() > LARGEST_LOG_VARIANCE:
        extreme = float(log_variance.flatten()[log_variance.abs().argmax()])
        raise DivergedChannelsError(
            f"a log-variance is {extreme:g}, outside -80 to 80: its member diverged, or variances "
            "were given where their natural logarithms belong."
        )


def check_labels(labels: Shaped[Tensor, "..."], images: int) -> None:
    """Refuse labels that do not describe the same images.

    Raises:
        ToolkitError: the sentence says what is wrong.
    """
    if labels.ndim != 2 or labels.shape[0] != images:
        raise ToolkitError(
            f"labels are {tuple(labels.shape)} but there are {images} images; "
            "give a row per image and a column per known factor."
        )
    if labels.is_floating_point() and not labels.isfinite().all():
        raise ToolkitError("a label is not finite; give every image a value of every known factor.")

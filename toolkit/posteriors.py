"""The posteriors of a member on the probe set: one normal distribution per image."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor

from toolkit.errors import ToolkitError
from toolkit.files import digest_of_arrays, load_tensors, save_tensors

SCHEMA = "posteriors/1"
Encoder = Callable[[Tensor], tuple[Tensor, Tensor]]


class NonFiniteError(ToolkitError):
    """The posteriors of a member hold numbers that are not finite."""


@dataclass(frozen=True, kw_only=True)
class Posteriors:
    """One member's posteriors q(z | x), normal with diagonal covariance.

    Arguments:
        mean: (n, d), a row per probe image, a column per channel.
        log_variance: (n, d), natural logarithm.
        probe: digest of the probe images; only posteriors of the same images can be compared.
    """

    mean: Float[Tensor, "n d"]
    log_variance: Float[Tensor, "n d"]
    probe: str

    def __post_init__(self) -> None:
        if self.mean.shape != self.log_variance.shape or self.mean.ndim != 2:
            raise ToolkitError(
                f"means are {tuple(self.mean.shape)} but log-variances "
                f"{tuple(self.log_variance.shape)}; "
                "both need a row per image, a column per channel."
            )
        if not (self.mean.isfinite().all() and self.log_variance.isfinite().all()):
            raise NonFiniteError(
                "posteriors hold numbers that are not finite: the member diverged. "
                "Lower its learning rate, or leave it out of the comparison."
            )

    @property
    def digest(self) -> str:
        """Of the numbers and of the probe images."""
        return digest_of_arrays(self.mean, self.log_variance) + ":" + self.probe


@torch.no_grad()
def encode(
    encoder: Encoder, images: Float[Tensor, "n c h w"], *, probe: str, batch_size: int = 250
) -> Posteriors:
    """Encode all images, batch by batch.

    Arguments:
        encoder: from images (b, c, h, w) in [0, 1] to mean and log-variance, each (b, d).
        images: the probe images, values in [0, 1].
        probe: their digest.
        batch_size: a fixed size, because the last bits of a matrix product depend on it.
    """
    batches = [encoder(batch) for batch in images.split(batch_size)]
    mean, log_variance = (torch.cat(part).float() for part in zip(*batches, strict=True))
    return Posteriors(mean=mean, log_variance=log_variance, probe=probe)


def save_posteriors(path: Path, posteriors: Posteriors) -> None:
    """Write all of `path` or nothing of it."""
    tensors = {"mean": posteriors.mean, "log_variance": posteriors.log_variance}
    save_tensors(path, tensors, schema=SCHEMA, probe=posteriors.probe)


def load_posteriors(path: Path) -> Posteriors:
    """Read a file of `save_posteriors`.

    Raises:
        ToolkitError: the file is missing, damaged, or holds something else.
    """
    tensors, metadata = load_tensors(path, schema=SCHEMA)
    if tensors.keys() != {"mean", "log_variance"} or "probe" not in metadata:
        raise ToolkitError(
            f"{path} is damaged: it lacks a mean, a log-variance, or the digest of its probe set. "
            "Delete it and run `dvc repro`."
        )
    mean, log_variance = tensors["mean"], tensors["log_variance"]
    kinds = f"{mean.dtype} {tuple(mean.shape)} and {log_variance.dtype} {tuple(log_variance.shape)}"
    if not (
        mean.is_floating_point()
        and log_variance.is_floating_point()
        and mean.ndim == 2
        and mean.shape == log_variance.shape
    ):
        raise ToolkitError(
            f"{path} holds no posteriors: its mean and log-variance are {kinds}, and both need "
            "floating-point numbers with a row per image, a column per channel."
        )
    return Posteriors(mean=mean, log_variance=log_variance, probe=metadata["probe"])

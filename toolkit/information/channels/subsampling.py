"""What the numbers become with fewer images: the only honest way to see whether n is enough."""

from collections.abc import Iterator, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from toolkit.errors import ToolkitError
from toolkit.information.channels.comparison import (
    ChannelComparison,
    channel_information,
    compare_channels,
)
from toolkit.information.checks import check_channels

SIZES = (100, 300, 1000)


def compare_at_sizes(
    mean: Float[Tensor, "n c"],
    log_variance: Float[Tensor, "n c"],
    *,
    generator: torch.Generator,
    sizes: Sequence[int] = SIZES,
    dtype: torch.dtype = torch.float64,
    device: torch.device | str | None = None,
) -> dict[int, ChannelComparison]:
    """Compare all channels by fewer and fewer images, each smaller set a part of the larger.

    A number that still grows from 300 to 1,000 images is not yet the channel's own.

    Arguments:
        mean: one row per image, one column per channel.
        log_variance: of the same shape, natural logarithm.
        generator: draws the images.
        sizes: numbers of images; those above n are left out.
        dtype: of the arithmetic and the results.
        device: of the arithmetic and the results; that of `mean` if not given.

    Raises:
        ToolkitError: no size can be had, or the channels cannot be compared.

    >>> draw = torch.Generator().manual_seed(0)
    >>> mean = torch.randn(300, 1, generator=draw)
    >>> list(compare_at_sizes(mean, torch.zeros(300, 1), generator=draw))
    [100, 300]
    """
    drawn = _draw(mean, log_variance, sizes, generator)
    return {size: compare_channels(*part, dtype=dtype, device=device) for size, part in drawn}


def information_at_sizes(
    mean: Float[Tensor, "n c"],
    log_variance: Float[Tensor, "n c"],
    *,
    generator: torch.Generator,
    sizes: Sequence[int] = SIZES,
    dtype: torch.dtype = torch.float64,
    device: torch.device | str | None = None,
) -> dict[int, Float[Tensor, " c"]]:
    """Bits of each channel by fewer and fewer images, without any pair; else as `compare_at_sizes`.

    Arguments:
        mean: one row per image, one column per channel.
        log_variance: of the same shape, natural logarithm.
        generator: draws the images.
        sizes: numbers of images; those above n are left out.
        dtype: of the arithmetic and the results.
        device: of the arithmetic and the results; that of `mean` if not given.

    Raises:
        ToolkitError: no size can be had, or the channels cannot be compared.

    >>> draw = torch.Generator().manual_seed(0)
    >>> mean = torch.randn(300, 2, generator=draw)
    >>> {n: tuple(bits.shape) for n, bits in
    ...  information_at_sizes(mean, torch.zeros(300, 2), generator=draw).items()}
    {100: (2,), 300: (2,)}
    """
    drawn = _draw(mean, log_variance, sizes, generator)
    return {size: channel_information(*part, dtype=dtype, device=device) for size, part in drawn}


def _draw(
    mean: Float[Tensor, "n c"],
    log_variance: Float[Tensor, "n c"],
    sizes: Sequence[int],
    generator: torch.Generator,
) -> Iterator[tuple[int, tuple[Tensor, Tensor]]]:
    """Each size that can be had with so many of the images, smaller sets inside larger ones."""
    check_channels(mean, log_variance)
    wanted = sorted({size for size in sizes if 2 <= size <= len(mean)})
    if not wanted:
        raise ToolkitError(
            f"{len(mean)} images give none of the sizes {', '.join(map(str, sizes))}; "
            "ask for sizes from 2 to the number of images."
        )
    lot = torch.randperm(len(mean), generator=generator).to(mean.device)
    for size in wanted:
        yield size, (mean[lot[:size]], log_variance[lot[:size]])

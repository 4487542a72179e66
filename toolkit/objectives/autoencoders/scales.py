"""From losses that are means to losses that are sums.

https://github.com/kylehkhsu/disentangle (QLAE, VQ-VAE, BioAE) divides the distortion by the number
of pixels and every penalty by the number of numbers in a code. Here both are sums.
"""

from toolkit.errors import ToolkitError


def from_means(weight: float, *, pixels: int, numbers: int) -> float:
    """The weight of a sum that does to a sum over pixels what `weight` does between means.

    The whole loss grows by the number of pixels, which the step of an Adam does not notice.

    >>> from_means(0.01, pixels=3 * 64 * 64, numbers=12)
    10.24
    >>> from_means(1.0, pixels=3 * 64 * 64, numbers=1)  # the bound of a gradient's entries
    12288.0

    Arguments:
        weight: of a mean over `numbers`, beside the mean over `pixels`.
        pixels: channels times height times width of an image.
        numbers: latents, times the width of a vector; 1 for what is no mean.

    Raises:
        ToolkitError: a number is not above 0.
    """
    if pixels < 1 or numbers < 1:
        raise ToolkitError(
            f"{pixels} pixels and {numbers} numbers of a code make no mean. "
            "Give at least 1 of each."
        )
    return weight * pixels / numbers

"""From the loss scales of other systems to the one used here.

Here a loss is a sum over pixels and over channels, in nats. What others write:

- disentanglement_lib, pythae, disvae with Bernoulli pixels: the same; weights carry over.
- disent, `loss_reduction=mean`: means over pixels and over channels: `from_means` for beta. What it
  adds as a encoder_output sum (DIP-VAE, total correlation, triplets) is `from_means` with 1 number.
- QLAE's VAE and TCVAE: everything divided by the number of pixels; weights carry over. Its
  autoencoders: penalties are means over the numbers of a code: `from_means`.
- Squared or absolute errors times a number: a Gaussian or Laplace likelihood of a scale, up to its
  constant: `gaussian_scale`, `laplace_scale`.
"""

import math

from toolkit.errors import ToolkitError


def gaussian_scale(weight: float) -> float:
    """The standard deviation for which `weight` times the squared error is a log-likelihood.

    disvae has 255, disentanglement_lib and disent 1, pythae 1/2.

    >>> gaussian_scale(0.5), round(gaussian_scale(255.0), 4)
    (1.0, 0.0443)

    Arguments:
        weight: of the squared errors, summed over pixels.

    Raises:
        ToolkitError: it is not above 0.
    """
    return 1 / math.sqrt(2 * _positive(weight))


def laplace_scale(weight: float) -> float:
    """The Laplace scale for which `weight` times the absolute error is a log-likelihood.

    disvae has 3.

    >>> laplace_scale(4.0)
    0.25

    Arguments:
        weight: of the absolute errors, summed over pixels.

    Raises:
        ToolkitError: it is not above 0.
    """
    return 1 / _positive(weight)


def nats(mean: float, *, pixels: int) -> float:
    """A loss that was divided by the number of pixels, in nats per image.

    >>> nats(0.25, pixels=3 * 64 * 64)
    3072.0

    Arguments:
        mean: the loss as another system reports it.
        pixels: channels times height times width of an image.
    """
    return mean * pixels


def from_means(weight: float, *, pixels: int, numbers: int) -> float:
    """The weight of a sum that does to a sum over pixels what `weight` does between means.

    https://github.com/kylehkhsu/disentangle (QLAE, VQ-VAE, BioAE) divides the distortion by the
    number of pixels and every penalty by the number of numbers in a code. Here both are sums. The
    whole loss grows by the number of pixels, which leaves the steps of Adam as they are.

    >>> from_means(0.01, pixels=3 * 64 * 64, numbers=12)
    10.24
    >>> from_means(1.0, pixels=3 * 64 * 64, numbers=1)  # the bound of a gradient's entries
    12288.0

    Arguments:
        weight: of a mean over `numbers`, beside the mean over `pixels`.
        pixels: channels times height times width of an image.
        numbers: latents, times the width of a vector; 1 for a quantity that is not a mean.

    Raises:
        ToolkitError: a number is not above 0.
    """
    if pixels < 1 or numbers < 1:
        raise ToolkitError(
            f"a mean over {pixels} pixels and {numbers} numbers of a code is not defined. "
            "Give at least 1 of each."
        )
    return weight * pixels / numbers


def _positive(weight: float) -> float:
    if not 0 < weight < math.inf:
        raise ToolkitError(f"the weight of an error is {weight}. Give a finite weight above 0.")
    return weight

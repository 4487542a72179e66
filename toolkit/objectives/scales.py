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
    """A loss that was divided by the number of pixels, in nats an image.

    >>> nats(0.25, pixels=3 * 64 * 64)
    3072.0

    Arguments:
        mean: the loss as another system tells it.
        pixels: channels times height times width of an image.
    """
    return mean * pixels


def _positive(weight: float) -> float:
    if not 0 < weight < math.inf:
        raise ToolkitError(
            f"an error of weight {weight} has no scale. Give a finite weight above 0."
        )
    return weight

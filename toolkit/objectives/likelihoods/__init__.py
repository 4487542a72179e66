"""How probable an image is, given the decoder's outputs. A row is a frozen record."""

from toolkit.objectives.likelihoods.bernoulli import Bernoulli, bernoulli
from toolkit.objectives.likelihoods.blurred import Blurred
from toolkit.objectives.likelihoods.continuous_bernoulli import ContinuousBernoulli
from toolkit.objectives.likelihoods.gaussian import Gaussian
from toolkit.objectives.likelihoods.laplace import Laplace
from toolkit.objectives.likelihoods.likelihood import Likelihood

LIKELIHOODS: dict[str, type[Likelihood]] = {
    "bernoulli": Bernoulli,
    "blurred": Blurred,
    "continuous_bernoulli": ContinuousBernoulli,
    "gaussian": Gaussian,
    "laplace": Laplace,
}

__all__ = [
    "LIKELIHOODS",
    "Bernoulli",
    "Blurred",
    "ContinuousBernoulli",
    "Gaussian",
    "Laplace",
    "Likelihood",
    "bernoulli",
]

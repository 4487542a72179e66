"""How alike two spaces confuse images: divergence of the answers of two identity classifiers.

A classifier is asked from a code which image was encoded. Murphy, Dillavou & Bassett (TMLR 2025),
https://arxiv.org/abs/2405.21042, train a network for it. Here it is the classifier that such a
network approaches, Bayes' rule with the posteriors themselves, so nothing is left to training.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from toolkit.information.monte_carlo.densities import log_density_ratios
from toolkit.information.monte_carlo.draws import standard_normal
from toolkit.information.spaces import Space

DRAWS = 1000  # codes of each image, as published
ELEMENTS = 2_000_000  # probabilities made at once


def identity_answers(
    space: Space, *, generator: torch.Generator, draws: int = DRAWS
) -> Float[Tensor, "n n"]:
    """Average answer of the ideal classifier to codes of each image: rows that sum to 1.

    Arguments:
        space: of posteriors.
        generator: draws the codes.
        draws: codes of each image; errors fall as their square root.
    """
    mean, log_variance = space.mean.double(), space.log_variance.double()
    n, d = mean.shape
    answers = []
    for points in torch.arange(n, device=mean.device).split(max(1, ELEMENTS // (draws * n))):
        chosen = points.repeat_interleave(draws)
        noise = standard_normal(len(chosen), d, generator=generator, device=mean.device)
        ratios = log_density_ratios(
            mean, log_variance, points=chosen, noise=noise, among=slice(None)
        )
        answers.append(ratios.softmax(dim=1).reshape(len(points), draws, n).mean(dim=1))
    return torch.cat(answers)


def answer_divergence(one: Float[Tensor, "n n"], other: Float[Tensor, "n n"]) -> Float[Tensor, ""]:
    """Jensen-Shannon divergence of the answers, averaged over images: 0 to 1 bit.

    >>> sure, unsure = torch.eye(2), torch.tensor([[0.0, 1.0], [1.0, 0.0]])
    >>> answer_divergence(sure, sure), answer_divergence(sure, unsure)
    (tensor(0.), tensor(1.))
    """
    middle = (one + other) / 2
    entropies = [-torch.xlogy(p, p).sum(dim=1).mean() for p in (middle, one, other)]
    return (entropies[0] - (entropies[1] + entropies[2]) / 2) / math.log(2)

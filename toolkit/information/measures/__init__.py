"""Measures of the similarity of two whole spaces, and what each promises.

Every measure has two halves: `represent` prepares one space, `compare` takes two representations,
so that s spaces are prepared s times and not s^2 times. A row of `MEASURES` is what a measure
promises, and one test holds them all to it.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from toolkit.information.measures import cka, fingerprint, identity, rsa, shape
from toolkit.information.spaces import Space, check_spaces

MOVED = frozenset({"shifted", "reordered", "mirrored"})  # the whole space, by a constant; its axes


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A symmetric measure of two spaces, and what it promises.

    Arguments:
        represent: from a space and a source of randomness to what is compared.
        compare: from two such to a number; NaN where the measure is undefined.
        unit: of the number; "1" for none.
        alike: its value for a space and itself.
        larger_is_alike: whether likeness makes it larger.
        low, high: bounds that are proved.
        invariant: what can be done to one of the spaces without changing the value: "shifted",
            "reordered" and "mirrored" axes, "scaled" (all codes and deviations by one number),
            "stretched" (each axis by its own), "turned" (posteriors that are equally wide in all
            directions), and "widened" (only the variances change).
        tolerance: how far rounding, or the search in it, may take the value from `alike`.
    """

    represent: Callable[[Space, torch.Generator], Tensor]
    compare: Callable[[Tensor, Tensor], Float[Tensor, ""]]
    unit: str
    alike: float
    larger_is_alike: bool
    low: float = -math.inf
    high: float = math.inf
    invariant: frozenset[str] = MOVED
    tolerance: float = 1e-9


def _fixed(look: Callable[[Space], Tensor]) -> Callable[[Space, torch.Generator], Tensor]:
    """A representation that draws nothing."""
    return lambda space, generator: look(space)


MEASURES: dict[str, Measure] = {
    "nmi": Measure(
        represent=_fixed(fingerprint.distances),
        compare=fingerprint.nmi,
        unit="1",
        alike=1.0,
        larger_is_alike=True,
        invariant=MOVED | {"scaled", "stretched", "turned"},
    ),
    "vi": Measure(
        represent=_fixed(fingerprint.distances),
        compare=fingerprint.vi,
        unit="bits",
        alike=0.0,
        larger_is_alike=False,
        low=0.0,
        invariant=MOVED | {"scaled", "stretched", "turned"},
    ),
    "cka_linear": Measure(
        represent=_fixed(cka.centred(cka.linear_kernel)),
        compare=cka.kernel_alignment,
        unit="1",
        alike=1.0,
        larger_is_alike=True,
        low=0.0,
        high=1.0,
        invariant=MOVED | {"scaled", "turned", "widened"},
    ),
    "cka_linear_debiased": Measure(
        represent=_fixed(cka.debiased(cka.linear_kernel)),
        compare=cka.kernel_alignment,
        unit="1",
        alike=1.0,
        larger_is_alike=True,
        low=-1.0,
        high=1.0,
        invariant=MOVED | {"scaled", "turned", "widened"},
    ),
    "cka_bhattacharyya": Measure(
        represent=_fixed(cka.centred(cka.bhattacharyya_kernel)),
        compare=cka.kernel_alignment,
        unit="1",
        alike=1.0,
        larger_is_alike=True,
        low=0.0,
        high=1.0,
        invariant=MOVED | {"scaled", "stretched", "turned"},
    ),
    "cka_bhattacharyya_debiased": Measure(
        represent=_fixed(cka.debiased(cka.bhattacharyya_kernel)),
        compare=cka.kernel_alignment,
        unit="1",
        alike=1.0,
        larger_is_alike=True,
        low=-1.0,
        high=1.0,
        invariant=MOVED | {"scaled", "stretched", "turned"},
    ),
    "cka_rbf": Measure(
        represent=_fixed(cka.centred(cka.rbf_kernel)),
        compare=cka.kernel_alignment,
        unit="1",
        alike=1.0,
        larger_is_alike=True,
        low=0.0,
        high=1.0,
        invariant=MOVED | {"scaled", "turned"},
    ),
    "cka_rbf_debiased": Measure(
        represent=_fixed(cka.debiased(cka.rbf_kernel)),
        compare=cka.kernel_alignment,
        unit="1",
        alike=1.0,
        larger_is_alike=True,
        low=-1.0,
        high=1.0,
        invariant=MOVED | {"scaled", "turned"},
    ),
    "rsa": Measure(
        represent=_fixed(rsa.dissimilarity_ranks),
        compare=rsa.rank_correlation,
        unit="1",
        alike=1.0,
        larger_is_alike=True,
        low=-1.0,
        high=1.0,
        invariant=MOVED | {"scaled", "turned", "widened"},
    ),
    "stochastic_shape": Measure(
        represent=_fixed(shape.means_and_deviations),
        compare=shape.stochastic_shape_distance,
        unit="codes",
        alike=0.0,
        larger_is_alike=False,
        low=0.0,
        invariant=frozenset({"reordered", "mirrored", "turned"}),
        tolerance=1e-6,
    ),
    "identity_jsd": Measure(
        represent=lambda space, generator: identity.identity_answers(space, generator=generator),
        compare=identity.answer_divergence,
        unit="bits",
        alike=0.0,
        larger_is_alike=False,
        low=0.0,
        high=1.0,
        invariant=frozenset({"shifted", "scaled", "stretched"}),
    ),
}


def measure_spaces(
    spaces: Sequence[Space], measure: Measure, *, generator: torch.Generator
) -> Float[Tensor, "s s"]:
    """One measure of every two spaces, float64; symmetric to the last bit.

    Where codes are drawn, all spaces are drawn from with the same noise.

    >>> mean = torch.tensor([[0.0], [1.0], [3.0]], dtype=torch.float64)
    >>> two = [Space(mean, torch.zeros(3, 1).double()), Space(-mean, torch.zeros(3, 1).double())]
    >>> measure_spaces(two, MEASURES["rsa"], generator=torch.Generator()).round(decimals=9)
    tensor([[1., 1.],
            [1., 1.]], dtype=torch.float64)
    """
    check_spaces(*zip(*spaces, strict=True)) if spaces else check_spaces([], [])
    seed = int(torch.randint(2**62, (), generator=generator, device=generator.device))
    representations = []
    for mean, log_variance in spaces:
        draw = torch.Generator(generator.device).manual_seed(seed)
        representations.append(measure.represent(Space(mean.double(), log_variance.double()), draw))
    table = torch.zeros(len(spaces), len(spaces), dtype=torch.float64)
    for row, first in enumerate(representations):
        for column, second in enumerate(representations[: row + 1]):
            table[row, column] = table[column, row] = float(measure.compare(first, second))
    return table

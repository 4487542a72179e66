"""The random streams of a member.

Each stream is a function of the member's seed, its purpose and a position (a step, an epoch), so
there is no state to keep: a resumed training draws what the undisturbed one would have drawn.
"""

import numpy as np
import torch

PURPOSES = (
    "weights",
    "discriminator",
    "order",
    "noise",
    "second order",
    "second noise",
    "permutation",
    "evaluation",
    "code book",
    "draws",
    "evaluation draws",
    "partners",
)


def numpy_stream(seed: int, purpose: str, *, position: int = 0) -> np.random.Generator:
    """As `stream`, for what NumPy draws."""
    return np.random.default_rng([seed, PURPOSES.index(purpose), position])


def stream(seed: int, purpose: str, *, position: int = 0) -> torch.Generator:
    """A generator for one purpose at one position.

    PyTorch's CPU generator keeps 32 bits of what it is seeded with: of a million streams, some
    hundred pairs are equal. No member notices, but do not count on streams without repetition.

    >>> draw = lambda step: torch.rand(1, generator=stream(0, "noise", position=step)).item()
    >>> draw(3) == draw(3), draw(3) == draw(4)
    (True, False)
    """
    entropy = [seed, PURPOSES.index(purpose), position]
    (word,) = np.random.SeedSequence(entropy).generate_state(1, np.uint64)
    return torch.Generator().manual_seed(int(word))

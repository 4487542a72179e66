from itertools import combinations, product

import pytest
import torch

from toolkit.training.streams import PURPOSES, stream


def test_streams_of_other_seeds_purposes_and_positions_are_unlike() -> None:
    positions = list(product((0, 1, 2**32 - 1), PURPOSES, (0, 1, 5)))
    draws = {
        (seed, purpose, position): torch.randn(
            400, generator=stream(seed, purpose, position=position)
        )
        for seed, purpose, position in positions
    }
    correlation = torch.corrcoef(torch.stack(list(draws.values()))) - torch.eye(len(draws))
    assert correlation.abs().max() < 5 / 400**0.5
    assert all(not torch.equal(draws[a], draws[b]) for a, b in combinations(positions, 2))


def test_a_stream_is_the_same_again_and_leaves_the_global_one_alone() -> None:
    before = torch.get_rng_state()
    first, same = (torch.rand(5, generator=stream(3, "noise", position=9)) for _ in range(2))
    assert torch.equal(first, same)
    assert torch.equal(torch.get_rng_state(), before)


def test_a_purpose_that_nobody_has_is_refused() -> None:
    with pytest.raises(ValueError, match="not in tuple"):
        stream(0, "nois")


def test_purposes_keep_their_places_because_members_depend_on_them() -> None:
    assert PURPOSES == (
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

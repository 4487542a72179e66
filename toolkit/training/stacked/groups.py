"""Which members can be trained as one stack: those that differ in numbers alone."""

from collections.abc import Sequence

from toolkit.files import digest_of_json
from toolkit.training.settings import MemberSettings


def groups(settings: Sequence[MemberSettings]) -> list[list[int]]:
    """Positions of members that can be stacked, in the order in which they come first.

    In a stack the seed, the learning rate and every weight of the loss are vectors; data, network,
    kind of objective, number of steps, batch size and precision are common.
    """
    together: dict[str, list[int]] = {}
    for position, one in enumerate(settings):
        together.setdefault(_common(one), []).append(position)
    return list(together.values())


def _common(settings: MemberSettings) -> str:
    """Digest of what the members of a stack have in common."""
    told = settings.as_json()
    own = settings.objective.weights(None)
    told["objective"] = {
        name: value for name, value in told["objective"].items() if name not in own
    }
    told["optimiser"] = {**told["optimiser"], "learning_rate": None}
    return digest_of_json({**told, "seed": None})

"""What is to be scored: a declared protocol on one data set, refused where it cannot be."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from toolkit.config.scores import Scores, declared
from toolkit.data import PreparedData
from toolkit.disentanglement import SCORES, Protocol
from toolkit.errors import ToolkitError
from toolkit.files import digest_of_json
from toolkit.pipeline.scores.encoded import KnownFactors, known_factors


@dataclass(frozen=True, kw_only=True)
class ScoringTask:
    """The scores that every member of a group gets.

    Arguments:
        protocol: of scores that a member has by itself.
        digest: of the protocol and the images: a record made for another one is out of date.
    """

    protocol: Protocol = field(hash=False)
    digest: str


def scoring_task(section: Scores | None, data: PreparedData, *, owner: str) -> ScoringTask | None:
    """The task of a section of params.yaml, or None where no member is to be scored.

    Arguments:
        section: the declaration.
        data: the images.
        owner: whose scores they are, for the sentence: "ensemble sprites-beta".

    Raises:
        ToolkitError: the images lack what a declared score needs.
    """
    protocol = declared(section)
    if protocol is None:
        return None
    _refuse_impossible(protocol, data, owner)
    own = protocol.of_members
    if not own.scores:
        return None
    told = [own.record(), data.images.digest, data.probe.digest]
    return ScoringTask(protocol=own, digest=digest_of_json(told))


def _refuse_impossible(protocol: Protocol, data: PreparedData, owner: str) -> None:
    factors, name = known_factors(data.images), data.images.name
    if factors is None:
        lost = _needing({"factors", "grid"}, protocol.scores)
        if lost:
            left = sorted(set(SCORES) - set(_needing({"factors", "grid"}, SCORES)))
            raise ToolkitError(
                f"{owner} asks for the scores {', '.join(lost)}, but no factor that varies is "
                f"known of the images of {name}. Without factors there are only "
                f"{', '.join(left)}: name some of these, or choose another data set."
            )
    elif factors.row_of is None:
        _refuse_scattered(_needing({"grid"}, protocol.scores), factors, name, owner)


def _refuse_scattered(lost: list[str], factors: KnownFactors, name: str, owner: str) -> None:
    if not lost:
        return
    raise ToolkitError(
        f"{owner} asks for the scores {', '.join(lost)}, which follow one factor with all others "
        f"fixed, but the {len(factors.values)} images of {name} are not each combination of "
        f"{' x '.join(str(size) for size in factors.sizes)} factor values once. "
        "Leave these scores out, or choose a data set that is a whole grid."
    )


def _needing(needs: set[str], names: Iterable[str]) -> list[str]:
    return sorted(name for name in names if needs & SCORES[name].needs)

"""What is to be scored: a declared protocol on one data set, refused where it cannot be."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from toolkit.config.scores import Scores, declared
from toolkit.data import PreparedData
from toolkit.disentanglement import SCORES, Protocol, Takes
from toolkit.errors import ToolkitError
from toolkit.files import digest_of_json
from toolkit.pipeline.scores.encoded import known_factors


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
    factors, name = known_factors(data.images), data.images.name
    if factors is None:
        impossible = _taking(Takes.FACTORS, protocol.scores)
        if impossible:
            left = sorted(set(SCORES) - set(_taking(Takes.FACTORS, SCORES)))
            raise ToolkitError(
                f"{owner} asks for the scores {', '.join(impossible)}, but no factor that varies "
                f"is known of the images of {name}. Without factors there are only "
                f"{', '.join(left)}: name some of these, or choose another data set."
            )
    elif factors.row_of is None:
        impossible = _taking(Takes.GRID, protocol.scores)
        if impossible:
            sizes = " x ".join(str(size) for size in factors.sizes)
            raise ToolkitError(
                f"{owner} asks for the scores {', '.join(impossible)}, which follow one factor "
                f"with all others fixed, but the {len(factors.values)} images of {name} are not "
                f"each combination of {sizes} factor values once. "
                "Leave these scores out, or choose a data set that is a whole grid."
            )
    of_members = protocol.of_members
    if not of_members.scores:
        return None
    decisive = [of_members.to_json(), data.images.digest, data.probe.digest]
    return ScoringTask(protocol=of_members, digest=digest_of_json(decisive))


def _taking(takes: Takes, names: Iterable[str]) -> list[str]:
    return sorted(name for name in names if takes & SCORES[name].takes)

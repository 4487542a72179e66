"""`scores.json`: all scores of one member, with the protocol and the images they come from.

It holds every value with its parts by factor and channel; factors are told by their place among
`factors`, those of the data set that vary.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from toolkit.disentanglement import Protocol, ScoreResult
from toolkit.disentanglement.protocol import SCHEMA
from toolkit.errors import ToolkitError
from toolkit.files import digest_of_file, read_json, write_json
from toolkit.records import rounded
from toolkit.records.names import SCORES


@dataclass(frozen=True, kw_only=True)
class MemberScores:
    """What `scores.json` holds.

    Arguments:
        protocol: of the scores that a member has by itself.
        images: digest of the images that codes are drawn from.
        probe: digest of the probe images that posteriors belong to.
        factors: names of the factors that vary.
        results: by the name of the score.
        undefined: why a score cannot be computed, by its name.
    """

    protocol: Protocol
    images: str
    probe: str
    factors: tuple[str, ...]
    results: Mapping[str, ScoreResult] = field(default_factory=dict)
    undefined: Mapping[str, str] = field(default_factory=dict)

    def values(self) -> dict[str, float]:
        """Every value under `score/value`, with nine significant digits."""
        return {
            f"{name}/{value}": rounded(number)
            for name, result in sorted(self.results.items())
            for value, number in sorted(result.values.items())
        }

    def still_valid(self, earlier: "MemberScores | None") -> "MemberScores":
        """These scores with what an earlier protocol found that this one would find again."""
        if earlier is None:
            return self
        numbers = replace(earlier.protocol, scores=self.protocol.scores)
        if numbers != self.protocol or replace(self, protocol=earlier.protocol) != replace(
            earlier, results={}, undefined={}
        ):
            return self
        declared, known = self.protocol.scores, earlier.protocol.scores
        same = {name for name, settings in declared.items() if known.get(name) == settings}
        return replace(
            self,
            results={name: found for name, found in earlier.results.items() if name in same},
            undefined={name: why for name, why in earlier.undefined.items() if name in same},
        )

    def to_json(self) -> dict[str, object]:
        """The same as JSON, every float with nine significant digits."""
        results = {name: result.to_json() for name, result in sorted(self.results.items())}
        return {
            "schema": SCHEMA,
            "protocol": self.protocol.to_json(),
            "images": self.images,
            "probe": self.probe,
            "factors": list(self.factors),
            "results": _rounded(results),
            "undefined": dict(sorted(self.undefined.items())),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "MemberScores":
        """Scores from what `to_json` gave."""
        return cls(
            protocol=Protocol.from_json(value["protocol"]),
            images=value["images"],
            probe=value["probe"],
            factors=tuple(value["factors"]),
            results={name: ScoreResult.from_json(part) for name, part in value["results"].items()},
            undefined=value["undefined"],
        )

    def write(self, folder: Path) -> str:
        """Write `scores.json` of a member's folder; its digest."""
        write_json(folder / SCORES, self.to_json())
        return digest_of_file(folder / SCORES)


def read_scores(folder: Path, digest: str | None) -> MemberScores | None:
    """The scores of a member's folder.

    None where there are none, where the file is not the one that a record tells of, and where it
    is of an earlier version or names scores of another one: such scores are computed again.

    Arguments:
        folder: of the member.
        digest: of the file, as the member's record has it; None where it tells of no scores.
    """
    path = folder / SCORES
    if digest is None or not path.exists() or digest_of_file(path) != digest:
        return None
    try:
        return MemberScores.from_json(read_json(path, schema=SCHEMA))
    except (ToolkitError, AttributeError, KeyError, TypeError, ValueError):
        return None


def _rounded(value: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, float):
        return rounded(value)
    if isinstance(value, dict):
        return {key: _rounded(part) for key, part in value.items()}
    return [_rounded(part) for part in value] if isinstance(value, list) else value

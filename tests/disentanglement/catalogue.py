"""The tables of scores and of published protocols in words, for the README."""

import math
from collections.abc import Mapping

from toolkit.disentanglement.protocol import PRESETS, Preset
from toolkit.disentanglement.record import Score
from toolkit.disentanglement.table import SCORES

GOOD = {"high": "high", "low": "low", "neither": "–"}


def range_text(score: Score) -> str:
    """The range of a score's main value.

    >>> range_text(SCORES["mig"]), range_text(SCORES["infoe_regression"])
    ('0 to 1', 'at most 1')
    """
    low, high = math.isfinite(score.low), math.isfinite(score.high)
    if low and high:
        return f"{score.low:g} to {score.high:g}"
    if low:
        return f"{score.low:g} or more"
    return f"at most {score.high:g}" if high else "about 0 to 1, not clipped"


def scores_table(scores: Mapping[str, Score] = SCORES) -> str:
    """A row for every score: name, what it measures, unit, range, good direction, source.

    >>> print(scores_table().splitlines()[0])
    | name | measures | unit | range | good | source |
    """
    rows = ["| name | measures | unit | range | good | source |", "|---|---|---|---|---|---|"]
    rows += [
        f"| `{name}` | {score.measures} | {score.unit} | {range_text(score)} | "
        f"{GOOD[score.good]} | {score.source} |"
        for name, score in scores.items()
    ]
    return "\n".join(rows) + "\n"


def presets_table(presets: Mapping[str, Preset] = PRESETS) -> str:
    """A row for every protocol: how many images it draws, and which scores it fixes.

    >>> print(presets_table().splitlines()[0])
    | preset | images | scores | source |
    """
    rows = ["| preset | images | scores | source |", "|---|---|---|---|"]
    for name, preset in presets.items():
        images = f"{preset.train:,}" + (f" + {preset.test:,}" if preset.test else "")
        source = preset.source.split(", https")[0]
        rows.append(f"| `{name}` | {images} | {', '.join(preset.scores)} | {source} |")
    return "\n".join(rows) + "\n"

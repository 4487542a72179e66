"""Words that params.yaml used before, and what they are called now."""

from collections.abc import Mapping

from toolkit.disentanglement.protocol import RENAMED as OPTIONS_OF_SCORES

RENAMED: Mapping[str, Mapping[str, str]] = {
    f"scores.options.{score}": words for score, words in OPTIONS_OF_SCORES.items()
}
SETTINGS_OF_OPTICS = ("by", "min_samples")  # that a comparison itself had before


def new_word(path: str, old: str) -> str | None:
    """What the setting `old` of the mapping at `path` is called now, if it had another name.

    Arguments:
        path: of the mapping that holds it; a key of `RENAMED` is the end of such a path.
        old: the name that is not known there.
    """
    for end, words in RENAMED.items():
        if f".{path}".endswith(f".{end}") and old in words:
            return words[old]
    return None


def _is_comparison(path: str) -> bool:
    """Whether a path is that of a section under `comparisons`.

    >>> _is_comparison("comparisons.mine"), _is_comparison("data.comparisons.mine")
    (True, False)
    """
    parts = path.split(".")
    return len(parts) == 2 and parts[0] == "comparisons"


def renamed_hint(path: str, old: str) -> str | None:
    """A sentence about the setting `old` of the mapping at `path`, if it had another name."""
    if old in SETTINGS_OF_OPTICS and _is_comparison(path):
        return (
            f"{path}.{old} is a setting of the method OPTICS now. Remove it, because the default "
            f"method has nothing to tune, or write `method: {{name: optics, {old}: ...}}`."
        )
    new = new_word(path, old)
    return None if new is None else f"{path}.{old} is called {new!r} now. Rename it."

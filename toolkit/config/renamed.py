"""Words that params.yaml used before, and what they are called now."""

from collections.abc import Mapping

from toolkit.disentanglement.protocol import RENAMED as OPTIONS_OF_SCORES

RENAMED: Mapping[str, Mapping[str, str]] = {
    f"scores.options.{score}": words for score, words in OPTIONS_OF_SCORES.items()
}


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


def renamed_hint(path: str, old: str) -> str | None:
    """A sentence about the setting `old` of the mapping at `path`, if it had another name."""
    new = new_word(path, old)
    return None if new is None else f"{path}.{old} is called {new!r} now. Rename it."

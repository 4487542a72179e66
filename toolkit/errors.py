"""The sentences people read when something is wrong: what, why, and what to do."""

import difflib
from collections.abc import Iterable


class ToolkitError(ValueError):
    """Something the user can put right; the message tells how."""


class UnknownNameError(ToolkitError):
    """A name that no table of the toolkit holds.

    >>> str(UnknownNameError("network", "burges", ["burgess", "mlp"]))
    "no network is called 'burges'. Did you mean 'burgess'?"
    """

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        super().__init__(f"no {kind} is called {name!r}. {nearest(name, known)}")


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint for a misspelt name: the nearest known one, or all of them.

    >>> nearest("bta", ["beta", "gamma"])
    "Did you mean 'beta'?"
    >>> nearest("x", ["beta", "gamma"])
    'Known: beta, gamma.'
    """
    known = sorted(known)
    near = difflib.get_close_matches(name, known, n=1)
    return f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(known)}."


def shortened(text: str, most: int = 60) -> str:
    """A text as messages quote it: cut where it is longer than `most` characters.

    >>> shortened("a" * 100, 6)
    'aaa...'
    """
    return text if len(text) <= most else text[: most - 3] + "..."

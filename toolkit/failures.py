"""How a command ends when something is wrong: a sentence and an exit code, never a traceback."""

import os
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from toolkit.errors import ToolkitError, shortened


@contextmanager
def errors_as_messages() -> Iterator[None]:
    """End the process with a sentence where the block cannot be finished.

    What a person can put right ends with exit code 1 and says how. Anything unexpected ends with
    exit code 1 too, and its traceback goes into a file that the message names.
    """
    try:
        yield
    except ToolkitError as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.stderr.write("stopped. Run the same command again to go on from here.\n")
        sys.exit(130)
    except Exception as error:
        reason = " ".join(str(error).split())
        what = f"{type(error).__name__}: {reason}" if reason else type(error).__name__
        shown = "".join(letter for letter in shortened(what, 200) if letter.isprintable())
        sys.stderr.write(
            f"error: something unexpected happened ({shown}). "
            f"The traceback is in {_write_traceback()}; please report it with that file.\n"
        )
        sys.exit(1)


def _write_traceback() -> Path:
    """The traceback of the current exception, in a file of the project or a temporary one."""
    name = f"{datetime.now():%Y%m%d-%H%M%S}-{os.getpid()}.txt"
    home = Path(os.environ.get("DVC_ROOT", "."))
    folders = [home / ".toolkit" / "tracebacks"] if (home / "params.yaml").exists() else []
    for folder in [*folders, Path(tempfile.gettempdir())]:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / (name if folder in folders else f"toolkit-{name}")
            path.write_text(traceback.format_exc(), encoding="utf-8", errors="backslashreplace")
        except OSError:
            continue
        return path
    return Path(os.devnull)

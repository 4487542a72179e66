"""The command that opens the Optuna dashboard on a study's storage."""

import sys
from pathlib import Path


def dashboard_command(storage: str | Path, *, port: int = 8080) -> list[str]:
    """The dashboard on the loopback address, seen by nobody beyond this machine.

    >>> dashboard_command("sqlite:///studies.db")[1:]
    ['sqlite:///studies.db', '--host', '127.0.0.1', '--port', '8080']
    """
    program = Path(sys.executable).with_name("optuna-dashboard")
    return [str(program), str(storage), "--host", "127.0.0.1", "--port", str(port)]

"""What other processes do in the tests: sync, or be killed at a given call of MLflow."""

import os
import signal
from dataclasses import replace
from multiprocessing.queues import Queue
from pathlib import Path
from typing import Any

from toolkit.records import MemberRecord
from toolkit.tracking import TrackedRun, open_store, project_member, sync


def made_runs(root: Path) -> list[TrackedRun]:
    """The members that lie below `root`, as runs."""
    folders = sorted((root / "made" / "sprites-beta").iterdir())
    return [project_member(MemberRecord.read(folder), folder) for folder in folders]


def sync_made(root: Path, said: "Queue[tuple[int, int]]") -> None:
    """Log them, and say how many were created and kept."""
    summary = sync(open_store(root), made_runs(root))
    said.put((summary.created, summary.kept))


def sync_until_killed(root: Path, method: str, call: int, moment: str) -> None:
    """Log them until the given call of a client's method, and end there without a farewell."""
    store = open_store(root)
    sync(replace(store, client=Deadly(store.client, method, call, moment)), made_runs(root))


class Deadly:
    """MLflow's client, but its process is killed before or after one of its calls."""

    def __init__(self, client: Any, method: str, call: int, moment: str) -> None:  # noqa: ANN401
        self._client, self._method, self._left, self._moment = client, method, call, moment

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        real = getattr(self._client, name)
        if name != self._method:
            return real

        def counted(*args: object, **settings: object) -> object:
            self._left -= 1
            if self._left == 0 and self._moment == "before":
                os.kill(os.getpid(), signal.SIGKILL)
            answer = real(*args, **settings)
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return answer

        return counted

"""Small analyses, and a workshop in one process."""

from pathlib import Path

from toolkit.analyses import FusionSO2, Parts, Workshop
from toolkit.analyses.fusion_so2 import CircleSettings
from toolkit.execution import serial
from toolkit.information import FusionSettings

FUSION = FusionSO2(
    sizes=(3, 2),
    repeats=2,
    points=12,
    similarities=("information", "nmi"),
    learners=CircleSettings(steps=30, batch_size=13, draws="lattice", hidden=6),
    fusion=FusionSettings(steps=20),
)


def workshop(folder: Path, reports: list[tuple[str, int, int]] | None = None) -> Workshop:
    """A workshop whose parts lie in `folder`."""

    def tell(what: str, done: int, total: int) -> None:
        if reports is not None:
            reports.append((what, done, total))

    return Workshop(parts=Parts(folder=folder), engine=lambda count: serial, tell=tell)

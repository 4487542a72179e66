"""The tables of a report as files: text, or Parquet where text would be too large."""

from pathlib import Path

from toolkit.files import write_csv, write_parquet
from toolkit.report.records import Findings
from toolkit.report.tables.tables import tables

TEXT_CHANNELS = 500  # of a square table as text: 3 MB; 3,000 channels would be 107 MB
SQUARE = ("nmi", "vi")


def square_suffix(findings: Findings) -> str:
    """The ending of the files of `nmi` and `vi`: "csv", or "parquet" above 500 active channels."""
    return "csv" if len(findings.structure.kept) <= TEXT_CHANNELS else "parquet"


def write_tables(folder: Path, findings: Findings) -> None:
    """Write every table that has rows into tables/, and curves.csv, which DVC expects always.

    Of `nmi` and `vi` only one form is left, that of `square_suffix`; of a table without rows none.
    """
    suffix = square_suffix(findings)
    for name, table in tables(findings).items():
        if name == "curves":
            write_csv(folder / "curves.csv", table)
        elif table.empty:
            for ending in ("csv", "parquet"):
                (folder / "tables" / f"{name}.{ending}").unlink(missing_ok=True)
        elif name in SQUARE and suffix == "parquet":
            write_parquet(folder / "tables" / f"{name}.parquet", table)
            (folder / "tables" / f"{name}.csv").unlink(missing_ok=True)
        else:
            write_csv(folder / "tables" / f"{name}.csv", table)
            (folder / "tables" / f"{name}.parquet").unlink(missing_ok=True)

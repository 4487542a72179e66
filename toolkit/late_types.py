"""Types of libraries that take long to import, for annotations alone.

Commands that read params.yaml, and every worker process, would pay for them without using them.
Functions that use such a library import it themselves.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llvmlite.binding import ExecutionEngine
    from matplotlib.figure import Figure
    from pandas import DataFrame
else:
    DataFrame = ExecutionEngine = Figure = object  # run-time checks let every value pass

__all__ = ["DataFrame", "ExecutionEngine", "Figure"]

"""The records of the pipeline as MLflow runs, and back: queries, members, links to the pages.

Only this package knows MLflow, and imports it when a store is opened.
"""

from toolkit.tracking.comparison import log_report
from toolkit.tracking.projections import (
    project_analysis,
    project_comparison,
    project_data,
    project_ensemble,
    project_member,
    project_trial,
)
from toolkit.tracking.query import FailedRun, SelectedRun, select, select_failed
from toolkit.tracking.records import TrackedRun
from toolkit.tracking.retrieval import artifact_path, fetch
from toolkit.tracking.server import (
    compare_link,
    run_list_link,
    ui_address,
    ui_command,
    ui_environment,
)
from toolkit.tracking.store import Store, open_store
from toolkit.tracking.upsert import SyncSummary, clean, sync

__all__ = [
    "FailedRun",
    "SelectedRun",
    "Store",
    "SyncSummary",
    "TrackedRun",
    "artifact_path",
    "clean",
    "compare_link",
    "fetch",
    "log_report",
    "open_store",
    "project_analysis",
    "project_comparison",
    "project_data",
    "project_ensemble",
    "project_member",
    "project_trial",
    "run_list_link",
    "select",
    "select_failed",
    "sync",
    "ui_address",
    "ui_command",
    "ui_environment",
]

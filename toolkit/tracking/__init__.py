"""The records of the pipeline as MLflow runs, and back: queries, members, links to the pages.

Only this package knows MLflow, and imports it when a store is opened.
"""

from toolkit.tracking.comparison import log_compared, log_report
from toolkit.tracking.foreign import OddRunError
from toolkit.tracking.mlflow_import import StoreError
from toolkit.tracking.projections import (
    project_analysis,
    project_comparison,
    project_data,
    project_ensemble,
    project_member,
    project_trial,
)
from toolkit.tracking.query import LeftOutRun, SelectedRun, Selection, select
from toolkit.tracking.records import TrackedRun
from toolkit.tracking.retrieval import answers_of_run, artifact_path, fetch
from toolkit.tracking.server import (
    commit_of,
    run_link,
    run_list_link,
    ui_address,
    ui_command,
    ui_environment,
)
from toolkit.tracking.store import Store, open_store
from toolkit.tracking.upsert import SyncSummary, sync

__all__ = [
    "LeftOutRun",
    "OddRunError",
    "SelectedRun",
    "Selection",
    "Store",
    "StoreError",
    "SyncSummary",
    "TrackedRun",
    "answers_of_run",
    "artifact_path",
    "commit_of",
    "fetch",
    "log_compared",
    "log_report",
    "open_store",
    "project_analysis",
    "project_comparison",
    "project_data",
    "project_ensemble",
    "project_member",
    "project_trial",
    "run_link",
    "run_list_link",
    "select",
    "sync",
    "ui_address",
    "ui_command",
    "ui_environment",
]

"""MLflow's library: brought in late, without its chatter, and its complaints as sentences.

Importing it takes a second or more, so it happens when a store is opened and not before. Its
telemetry asks the network unless it is told not to *before* the import.
"""

import os
import sqlite3
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from toolkit.errors import ToolkitError

ENVIRONMENT = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_DISABLE_AGENT_HINT": "true",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_LOGGING_LEVEL": "WARNING",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
}


def library(module: str) -> Any:  # noqa: ANN401 - a module of MLflow
    """A module of MLflow; an environment variable that the user has set stays as it is."""
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    with warnings.catch_warnings():  # about its own use of SQLAlchemy, which nobody here can mend
        warnings.simplefilter("ignore")
        return import_module(module)


def client_for(uri: str) -> Any:  # noqa: ANN401 - naming its type would import it
    """MLflow's client of the store at `uri`."""
    library("mlflow.store.tracking.sqlalchemy_store")
    return library("mlflow").MlflowClient(tracking_uri=uri)


def server_does_not_answer(uri: str, reason: object) -> ToolkitError:
    """The tracking server is away."""
    return ToolkitError(
        f"the tracking server at {uri} does not answer ({reason}). "
        "Start it, or unset MLFLOW_TRACKING_URI to keep the runs in this project."
    )


def store_is_of_another_version(uri: str, *, rebuildable: bool) -> ToolkitError:
    """The tables were made by an older or newer MLflow."""
    remedy = (
        "It only repeats the records: delete it and run `toolkit sync`."
        if rebuildable
        else f"Make a copy of it, then run `mlflow db upgrade {uri}`."
    )
    return ToolkitError(f"the run store {uri} was made by another version of MLflow. {remedy}")


@contextmanager
def plain(uri: str, *, rebuildable: bool) -> Iterator[None]:
    """Whatever MLflow, its database or the disk raise inside becomes one sentence about `uri`."""
    try:
        yield
    except library("mlflow.exceptions").MlflowException as error:
        if "out-of-date database schema" in str(error):
            raise store_is_of_another_version(uri, rebuildable=rebuildable) from error
        if "API request to endpoint" in str(error):
            raise ToolkitError(
                f"{uri} answers, but not as MLflow's tracking server does ({_first_line(error)}). "
                "Check MLFLOW_TRACKING_URI, and the name and password if it asks for them."
            ) from error
        if "Max retries" in str(error):
            raise server_does_not_answer(uri, _first_line(error.__cause__ or error)) from error
        raise ToolkitError(f"the run store {uri} refused: {_first_line(error)}") from error
    except (library("sqlalchemy.exc").SQLAlchemyError, sqlite3.Error) as error:
        raise ToolkitError(
            f"the run store {uri} cannot be used ({_first_line(error)}). "
            "Check that it is a database that you may write to and that the disk has room."
        ) from error
    except ModuleNotFoundError as error:
        raise ToolkitError(
            f"the run store {uri} needs the Python package {error.name!r}. "
            f"Run `pip install {error.name}`."
        ) from error
    except OSError as error:
        raise ToolkitError(
            f"{error.filename or uri} cannot be used ({error.strerror or error}). "
            "Check that it is there, that you may read and write it, and that the disk has room."
        ) from error


def _first_line(error: object) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].removesuffix(".") if lines else type(error).__name__

"""MLflow's library: imported late, without its chatter, and its errors as sentences.

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
from toolkit.tracking.addresses import SERVERS, printable, without_secrets

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


CLOUDS = ("botocore", "boto3", "s3transfer", "azure", "google")


class StoreError(ToolkitError):
    """The run store is away, refuses, or lacks something; the records are whole all the same."""


def library(module: str) -> Any:  # noqa: ANN401 - a module of MLflow
    """A module of MLflow; an environment variable that the user has set stays as it is."""
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    with warnings.catch_warnings():  # MLflow's own use of SQLAlchemy
        warnings.simplefilter("ignore")
        return import_module(module)


def client_for(uri: str) -> Any:  # noqa: ANN401 - naming its type would import it
    """MLflow's client of the store at `uri`."""
    library("mlflow.store.tracking.sqlalchemy_store")
    return library("mlflow").MlflowClient(tracking_uri=uri)


def server_does_not_answer(uri: str, reason: object) -> StoreError:
    """The tracking server is away."""
    reason = printable(without_secrets(str(reason)))
    remedy = "Start it, or unset MLFLOW_TRACKING_URI to keep the runs in this project."
    if "CERTIFICATE" in reason:
        remedy = "Set MLFLOW_TRACKING_SERVER_CERT_PATH to the file of its certificate."
    return StoreError(
        f"the tracking server at {without_secrets(uri)} does not answer ({reason}). {remedy}"
    )


def store_is_of_another_version(uri: str, *, rebuildable: bool) -> StoreError:
    """The tables were made by an older or newer MLflow."""
    shown = without_secrets(uri)
    remedy = (
        "It only repeats the records: delete it and run `toolkit sync`."
        if rebuildable
        else f"Make a copy of it, then run `mlflow db upgrade {shown}`."
    )
    return StoreError(f"the run store {shown} was made by another version of MLflow. {remedy}")


@contextmanager
def translate_errors(uri: str, *, rebuildable: bool) -> Iterator[None]:
    """Whatever MLflow, its database or the disk raise inside becomes one sentence about `uri`."""
    try:
        yield
    except ToolkitError:
        raise
    except library("mlflow.exceptions").MlflowException as error:
        raise _mlflow_error(error, uri, rebuildable=rebuildable) from error
    except (library("sqlalchemy.exc").SQLAlchemyError, sqlite3.Error) as error:
        if rebuildable:
            remedy = (
                "Check that you may write to it and that the disk has room. It only repeats the "
                "records: if it is damaged, delete it and run `toolkit sync`."
            )
        elif uri.startswith("sqlite:"):
            remedy = "Check that it is a database that you may write to and that the disk has room."
        else:
            remedy = (
                "Check the address, the name and the password, and that the database is running "
                "and lets you write."
            )
        raise StoreError(
            f"the run store {without_secrets(uri)} cannot be used ({_first_line(error)}). {remedy}"
        ) from error
    except ModuleNotFoundError as error:
        raise StoreError(
            f"the run store {without_secrets(uri)} needs the Python package {error.name!r}. "
            f"Run `pip install {error.name}`."
        ) from error
    except OSError as error:
        where = error.filename or without_secrets(uri)
        raise StoreError(
            f"{where} cannot be used ({error.strerror or _first_line(error)}). "
            "Check that it is there, that you may read and write it, and that the disk has room."
        ) from error
    except Exception as error:
        if type(error).__module__.partition(".")[0] not in CLOUDS:
            raise
        raise StoreError(
            f"the files of the run store {without_secrets(uri)} cannot be reached "
            f"({_first_line(error)}). Give the name and the secret of the file store where its "
            "client looks for them, for S3 as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
        ) from error


def ask_server(uri: str) -> None:
    """Ask a tracking server once whether it is there; any answer will do, even a refusal.

    MLflow's own client asks, so that its settings for certificates, logins and proxies hold, but
    without its retries, which would tell in minutes what is known in seconds.

    Raises:
        StoreError: it does not answer.
    """
    credentials = library("mlflow.utils.credentials").get_default_host_creds(uri.rstrip("/"))
    try:
        library("mlflow.utils.rest_utils").http_request(
            credentials, "/health", "GET", max_retries=0, timeout=5, raise_on_status=False
        )
    except library("mlflow.exceptions").MlflowException as error:
        raise server_does_not_answer(uri, _root_cause(error)) from error
    except OSError as error:
        raise server_does_not_answer(uri, _root_cause(error)) from error


def _mlflow_error(error: Exception, uri: str, *, rebuildable: bool) -> StoreError:
    text, shown = str(error), without_secrets(uri)
    if "out-of-date database schema" in text:
        return store_is_of_another_version(uri, rebuildable=rebuildable)
    if "API request to endpoint" in text:
        return StoreError(
            f"{shown} answers, but not as MLflow's tracking server does ({_first_line(error)}). "
            "Check MLFLOW_TRACKING_URI, and the name and password if it asks for them."
        )
    if "Max retries" in text or (uri.startswith(SERVERS) and "failed with exception" in text):
        return server_does_not_answer(uri, _first_line(error.__cause__ or error))
    remedy = " It only repeats the records: if it is damaged, delete it and run `toolkit sync`."
    return StoreError(
        f"the run store {shown} refused: {_first_line(error)}." + (remedy if rebuildable else "")
    )


def _root_cause(error: BaseException) -> BaseException:
    """The error that everything began with, such as "connection refused"."""
    while (earlier := error.__cause__ or error.__context__) is not None:
        error = earlier
    return error


def _first_line(error: object) -> str:
    lines = without_secrets(str(error)).strip().splitlines()
    return printable(lines[0]).removesuffix(".") if lines else type(error).__name__

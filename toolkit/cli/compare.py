"""`toolkit compare`: a report of the runs that a query selects, set as a declared comparison is."""

import argparse
import shlex
import sys
from itertools import chain, count
from re import fullmatch
from typing import Any

from pydantic import ValidationError

from toolkit.config import Comparison, Params, read_params
from toolkit.config.sections import NAME_PATTERN
from toolkit.errors import ToolkitError, UnknownNameError, shortened
from toolkit.pipeline.comparison import compare, summary
from toolkit.pipeline.sync import track_all
from toolkit.workspace import Workspace


def run_compare(workspace: Workspace, arguments: argparse.Namespace) -> None:
    """Track what is there, compare what the query selects, and tell what was found."""
    params = read_params(workspace.params)
    section = comparison_section(params, arguments)
    name = _report_name(workspace, params, arguments)
    track_all(workspace, params)
    compared = compare(
        workspace,
        params,
        section,
        name=name,
        folder=workspace.report(name),
        how=f"toolkit compare --query {quoted(section.query)}",
        outdated=arguments.outdated,
    )
    sys.stdout.write(summary(compared) + "\n")


def comparison_section(params: Params, arguments: argparse.Namespace) -> Comparison:
    """The settings of a comparison: those of the command line over those of a declared one.

    Raises:
        ToolkitError: `--like` names no comparison, or a number is out of its limits.
    """
    if arguments.like is not None and arguments.like not in params.comparisons:
        raise UnknownNameError("comparison of params.yaml", arguments.like, params.comparisons)
    declared = params.comparisons.get(arguments.like or "")
    if arguments.like is None and len(params.comparisons) == 1:
        (declared,) = params.comparisons.values()
    settings: dict[str, Any] = {} if declared is None else declared.model_dump()
    options = {
        "query": arguments.query,
        "threshold_bits": arguments.threshold_bits,
        "method": arguments.method,
    }
    settings |= {name: value for name, value in options.items() if value is not None}
    try:
        return Comparison.model_validate(settings)
    except ValidationError as error:
        mistakes = [
            f"--{str(item['loc'][0]).replace('_', '-')} = {shortened(repr(item['input']))}: "
            f"{item['msg'].removeprefix('Input ')}."
            for item in error.errors()
        ]
        raise ToolkitError(" ".join(mistakes)) from error


def _report_name(workspace: Workspace, params: Params, arguments: argparse.Namespace) -> str:
    """The name of the report: a free one, or the one that was asked for if it may be used."""
    name: str | None = "query" if arguments.overwrite and arguments.name is None else arguments.name
    if name is None:
        names = chain(["query"], (f"query-{number}" for number in count(2)))
        free = (
            name
            for name in names
            if name not in params.comparisons and not workspace.report(name).exists()
        )
        return next(free)
    if not fullmatch(NAME_PATTERN, name) or len(name) > 64:
        raise ToolkitError(
            f"--name {shortened(repr(name))} is not a valid name. Use up to 64 letters, digits, "
            "'_' and '-', a letter or digit first."
        )
    if name in params.comparisons:
        raise ToolkitError(
            f"the report {name} belongs to the comparison that params.yaml declares. Give another "
            f"`--name`, or run `dvc repro comparison@{name}`."
        )
    if workspace.report(name).exists() and not arguments.overwrite:
        raise ToolkitError(
            f"{workspace.report(name)} holds a report already. Give another `--name`, or "
            "`--overwrite` to replace it."
        )
    return name


def quoted(query: str) -> str:
    """A query as a shell takes it: in single quotes, where backticks are letters like others.

    MLflow reads texts in double quotes too.

    >>> print(quoted("tags.kind = 'member' and metrics.`hp/beta` > 2"))
    'tags.kind = "member" and metrics.`hp/beta` > 2'
    """
    if '"' not in query:
        query = query.replace("'", '"')
    return shlex.quote(query)

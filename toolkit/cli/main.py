"""The subcommands and their arguments; what they do is imported when it is asked for."""

import argparse
from collections.abc import Sequence
from importlib import import_module

from toolkit import __version__
from toolkit.failures import errors_as_messages

EPILOG = """\
Everything is declared in params.yaml and built by `dvc repro`:
  dvc repro                     build what changed
  dvc repro ensemble@NAME       build one ensemble
  dvc exp run -S 'ensembles.NAME.seeds=[0,1,2]'
                                try other numbers, as an experiment DVC remembers
  dvc metrics show              the numbers of every comparison
"""
EXAMPLE = "example: toolkit compare --query 'tags.dataset = \"sprites\" and metrics.`hp/beta` > 2'"
RUNNERS = {"check": "toolkit.cli.check", "where": "toolkit.cli.where"}  # of little to import


def parser() -> argparse.ArgumentParser:
    """Every subcommand with its help."""
    top = argparse.ArgumentParser(
        prog="toolkit",
        description=(
            "Trains ensembles of representation models, tracks every run, and reports what their "
            "channels know in bits."
        ),
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"toolkit {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _compare(commands)
    _fetch(commands)
    _import(commands)
    experiment = commands.add_parser(
        "experiment",
        help="check an experiment and put it in place as params.yaml",
        description="Without NAME, lists the files in experiments/ with what each one claims.",
    )
    experiment.add_argument("name", metavar="NAME", nargs="?", help="a file in experiments/")
    _data(commands)
    commands.add_parser("check", help="check params.yaml and say everything that is wrong with it")
    commands.add_parser(
        "sync", help="bring MLflow and Optuna up to date with the records of this project"
    )
    commands.add_parser("where", help="say where reports, runs and studies are")
    for name, what, port in (("ui", "MLflow pages", 5000), ("dashboard", "Optuna dashboard", 8080)):
        command = commands.add_parser(name, help=f"serve the {what} to this machine alone")
        command.add_argument("--port", type=_port, default=port, help=f"default {port}")
    return top


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the `toolkit` command; exit code 1 and a sentence when something is wrong."""
    parsed = parser().parse_args(arguments)
    with errors_as_messages():
        import_module(RUNNERS.get(parsed.command, "toolkit.cli.commands")).run(parsed)


def _is_whole(text: str, low: int, high: int) -> bool:
    """Whether a text is a whole number from `low` to `high`, in no more digits than `high` has."""
    digits = text.isascii() and text.isdigit() and len(text) <= len(str(high))
    return digits and low <= int(text) <= high


def _port(text: str) -> int:
    if not _is_whole(text, 1, 65_535):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port. Give a number from 1 to 65535")
    return int(text)


def _seed(text: str) -> int:
    if not _is_whole(text, 0, 2**32 - 1):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a seed. Give a whole number from 0 to {2**32 - 1}"
        )
    return int(text)


def _compare(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser(
        "compare",
        help="compare the runs that an MLflow query selects",
        description=(
            "Selects finished members by an MLflow filter string, and reports the information of "
            "their channels and which of it is found again and again."
        ),
        epilog=EXAMPLE,
    )
    command.add_argument("--query", required=True, help="MLflow filter string over member runs")
    command.add_argument(
        "--name",
        default=None,
        help="name of the report (default: the first free of query, query-2)",
    )
    command.add_argument(
        "--like",
        default=None,
        metavar="COMPARISON",
        help=(
            "a comparison of params.yaml that gives the settings left out below (default: the "
            "only one there; the toolkit's own defaults where there are several or none)"
        ),
    )
    command.add_argument(
        "--threshold-bits", type=float, metavar="BITS", help="channels that tell less are left out"
    )
    command.add_argument(
        "--method",
        choices=("average_linkage", "optics"),
        help="how hot spots are found (default: average_linkage)",
    )
    command.add_argument(
        "--overwrite", action="store_true", help="replace an earlier report of that name"
    )
    command.add_argument(
        "--outdated",
        action="store_true",
        help="also runs whose records this project has replaced since",
    )


def _fetch(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser(
        "fetch",
        help="bring back a member of a run: weights, settings, posteriors",
        description="`toolkit.load_member(FOLDER)` in Python makes it a module again.",
    )
    command.add_argument("run_id", metavar="RUN_ID", help="as the MLflow pages show it")
    command.add_argument(
        "--to",
        default="fetched",
        metavar="FOLDER",
        help="the member goes to FOLDER/RUN_ID (default: fetched)",
    )


def _import(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser(
        "import",
        help="make a member of a model that another program trained",
        description=(
            "Reads the model's files without running code, shows it the probe set of a data set, "
            "measures distortion and rate over the held-out split, and keeps it in "
            "runs/imported/NAME and in MLflow, so that it is compared as any other member."
        ),
        epilog="example: toolkit import disvae results/betaH_dsprites --data sprites",
    )
    command.add_argument("kind", metavar="KIND", help="the program that trained it: disvae")
    command.add_argument("folder", metavar="FOLDER", help="with its specs.json and model.pt")
    command.add_argument(
        "--data", required=True, metavar="NAME", help="a name under `data` in params.yaml"
    )
    command.add_argument(
        "--name", default=None, metavar="NAME", help="of the member (default: its own)"
    )


def _data(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    group = commands.add_parser("data", help="data sets: list, info, show, add, download")
    actions = group.add_subparsers(dest="action", metavar="ACTION", required=True)
    actions.add_parser("list", help="every data set that params.yaml may name")
    info = actions.add_parser("info", help="files, factors and options of a data set")
    info.add_argument("name", metavar="NAME", help="a data set of the list")
    show = actions.add_parser(
        "show", help="draw a data set of params.yaml: samples, a row a factor, a GIF of all factors"
    )
    show.add_argument("name", metavar="NAME", help="a name under `data` in params.yaml")
    show.add_argument(
        "--to", default="pictures", metavar="FOLDER", help="where to (default: pictures)"
    )
    show.add_argument("--seed", type=_seed, default=0, help="which images (default 0)")
    add = actions.add_parser(
        "add", help="check a publisher's files, put them in raw/ and into DVC's cache"
    )
    add.add_argument("name", metavar="NAME", help="a data set of the list")
    add.add_argument("path", metavar="PATH", help="the publisher's file, or the folder with it")
    add.add_argument("--to", default=None, metavar="FOLDER", help="default: raw/NAME")
    add.add_argument("--link", action="store_true", help="link to the files instead of copying")
    add.add_argument(
        "--option",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="an option of the data set, as `options` in params.yaml: layout=nchw; may be repeated",
    )
    fetch = actions.add_parser("download", help="fetch the files of a data set from its publisher")
    fetch.add_argument("name", metavar="NAME", help="a data set of the list")
    fetch.add_argument("--to", default=None, metavar="FOLDER", help="default: raw/NAME")

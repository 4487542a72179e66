"""The subcommands and their arguments; what they do is imported when it is asked for."""

import argparse
from collections.abc import Sequence

from toolkit import __version__

EPILOG = """\
Everything is declared in params.yaml and built by `dvc repro`:
  dvc repro                     build what changed
  dvc repro ensemble@NAME       build one ensemble
  dvc exp run -S 'ensembles.NAME.seeds=[0,1,2]'
                                try other numbers, as an experiment DVC remembers
  dvc metrics show              the numbers of every comparison
"""
EXAMPLE = "example: toolkit compare --query \"tags.dataset = 'sprites' and metrics.`hp/beta` > 2\""


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
    _experiment(commands)
    commands.add_parser("check", help="check params.yaml and say everything that is wrong with it")
    commands.add_parser("sync", help="bring MLflow up to date with the records of this project")
    commands.add_parser("where", help="say where reports, runs and studies are")
    for name, what, port in (("ui", "MLflow pages", 5000), ("dashboard", "Optuna dashboard", 8080)):
        command = commands.add_parser(name, help=f"serve the {what} to this machine alone")
        command.add_argument("--port", type=int, default=port, help=f"default {port}")
    return top


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the `toolkit` command; exit code 1 and a sentence when something is wrong."""
    given = parser().parse_args(arguments)
    from toolkit.cli.commands import run

    run(given)


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
    command.add_argument("--name", default="query", help="name of the report (default: query)")
    command.add_argument(
        "--threshold-bits",
        type=float,
        default=0.01,
        metavar="BITS",
        help="channels that tell less are left out (default 0.01)",
    )
    command.add_argument(
        "--by",
        choices=("vi", "nmi"),
        default="vi",
        help="what OPTICS groups channels by (default vi)",
    )
    command.add_argument(
        "--min-samples",
        type=int,
        default=None,
        metavar="N",
        help="of OPTICS (default: from the number of runs)",
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


def _experiment(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser(
        "experiment",
        help="check an experiment and put it in place as params.yaml",
        description="Without NAME, lists the files in experiments/ with what each one claims.",
    )
    command.add_argument("name", metavar="NAME", nargs="?", help="a file in experiments/")

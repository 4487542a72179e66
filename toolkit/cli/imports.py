"""`toolkit import`: a model that another program trained becomes a member of this project."""

import argparse
import math
import sys
from pathlib import Path

from toolkit.config import read_params
from toolkit.pipeline.imported import import_member
from toolkit.pipeline.sync import track_all
from toolkit.workspace import Workspace


def run_import(workspace: Workspace, arguments: argparse.Namespace) -> None:
    """Import, track, and tell what it knows."""
    params = read_params(workspace.params)
    imported = import_member(
        workspace,
        params,
        kind=arguments.kind,
        path=Path(arguments.folder),
        data=arguments.data,
        name=arguments.name,
    )
    done = track_all(workspace, params)
    final, bits = imported.record.final, imported.record.channels.information
    sys.stdout.write(
        f"{imported.record.name}: distortion {final['distortion']:.1f} nats, rate "
        f"{final['rate']:.1f} nats, {math.fsum(bits):.1f} bits in {len(bits)} channels; "
        f"{'was there already' if imported.kept else 'now'} in {imported.folder}\n"
        f"MLflow: {done.created} runs new, {done.kept} kept\n"
    )

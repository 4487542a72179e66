"""`python -m toolkit.stages.data NAME`: images, factors, split, probe set, pictures: one folder."""

import sys
from pathlib import Path

from toolkit.config import Params
from toolkit.data import DATASETS, load, prepare, write_prepared
from toolkit.data.prepared import discard
from toolkit.data.summary import summarise
from toolkit.pipeline.data_pictures import SEED, draw_sheets
from toolkit.stages.command import run_stage
from toolkit.workspace import Workspace


def make_data(workspace: Workspace, params: Params, name: str) -> None:
    """Make a data set ready."""
    section = params.data[name]
    raw = workspace.root / Path(section.raw)
    root = raw.parent if DATASETS[section.source].procedural else raw
    images = load(section.source, root, **section.options)
    summary = summarise(images)
    prepared = prepare(
        images,
        held_out=section.held_out,
        split_seed=section.split_seed,
        probe_size=section.probe.size,
        probe_seed=section.probe.seed,
        held_out_over=section.held_out_over,
        probe_over=section.probe.over,
    )
    discard(workspace.data(name))
    draw_sheets(workspace.sheets(name), prepared.images, seed=SEED)
    write_prepared(workspace.data(name), prepared)  # last, because its record says: all is here
    sys.stdout.write(
        f"{name}: {summary}\n{name}: {len(prepared.train)} images to train on, "
        f"{len(prepared.held_out)} held out, {len(prepared.probe)} to probe with, "
        f"in {workspace.data(name)}\n"
    )


if __name__ == "__main__":
    run_stage(make_data, kind="data", about=__doc__ or "")

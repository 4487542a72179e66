"""`python -m toolkit.stages.ensemble NAME`: a member for every point of the grid and every seed."""

from toolkit.pipeline.ensemble import make_ensemble
from toolkit.stages.command import run_stage

if __name__ == "__main__":
    run_stage(make_ensemble, kind="ensemble", about=__doc__ or "")

"""`python -m toolkit.stages.comparison NAME`: which pieces of information are found again."""

from toolkit.pipeline.comparison import make_comparison
from toolkit.stages.command import run_stage

if __name__ == "__main__":
    run_stage(make_comparison, kind="comparison", about=__doc__ or "")

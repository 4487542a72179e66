"""`python -m toolkit.stages.analysis NAME`: tables, a figure and a page; long work is kept."""

from toolkit.pipeline.analysis import make_analysis
from toolkit.stages.command import run_stage

if __name__ == "__main__":
    run_stage(make_analysis, kind="analysis", about=__doc__ or "")

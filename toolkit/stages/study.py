"""`python -m toolkit.stages.study NAME`: Optuna proposes, an ensemble of seeds answers."""

from toolkit.pipeline.trials import make_study
from toolkit.stages.command import run_stage

if __name__ == "__main__":
    run_stage(make_study, kind="study", about=__doc__ or "")

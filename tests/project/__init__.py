"""The whole pipeline, as people run it: real processes, real DVC, real MLflow, small numbers."""

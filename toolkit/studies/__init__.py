"""Sweeps: which hyper-parameters to try next, and what is known of those tried.

A trial is a whole ensemble (several seeds), because one seed says nothing about agreement. The
study's record, `study.json`, is the truth; Optuna proposes from it and shows it, and its storage
can be deleted at any time. `run.run_study` is the door; nothing here trains.
"""

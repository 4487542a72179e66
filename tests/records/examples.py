"""Records as JSON, of the present schemas and of those of earlier versions of the toolkit."""

from typing import Any

from toolkit.records import ANSWERS

MEMBER_1: dict[str, Any] = {
    "schema": "member/1",
    "key": "ab" * 32,
    "name": "beta=4 seed=1",
    "data": "sprites",
    "ensemble": "sprites-beta",
    "study": None,
    "trial": None,
    "settings": {
        "schema": "training/2",
        "data": "cd" * 32,
        "objective": {"name": "beta_vae", "beta": 4.0},
        "optimiser": {"name": "adam", "learning_rate": 0.12345678912345},
        "seed": 1,
    },
    "probe": {"digest": "ef" * 32, "size": 40},
    "status": "finished",
    "failure": None,
    "final": {"distortion": 90.5, "rate": 12, "loss": 138.5},
    "channels": {"information": [1.25, 0.001], "rate": [10.5, 1.5]},
    "course": [{"step": 2, "information": [0.5, 0.25]}],
    "files": {"weights.safetensors": "01" * 32, "course/00000002.safetensors": "23" * 32},
    "scores": {"mig/mig": 0.25},
    "scores_undefined": {"sap": "too few images"},
    "scoring": "45" * 32,
    "scoring_together": None,
}
MEMBER: dict[str, Any] = {
    **{name: value for name, value in MEMBER_1.items() if name != "course"},
    "schema": "member/2",
    "answers": ANSWERS,
    "trajectory": MEMBER_1["course"],
    "files": {"weights.safetensors": "01" * 32, "trajectory/00000002.safetensors": "23" * 32},
}
ENSEMBLE_1: dict[str, Any] = {
    "schema": "ensemble/1",
    "name": "sprites-beta",
    "data": "sprites",
    "data_digest": "cd" * 32,
    "probe": {"digest": "ef" * 32, "size": 40},
    "objective": "beta_vae",
    "settings": {"seeds": [0, 1]},
    "members": [
        {"name": "beta=4 seed=1", "key": "ab" * 32, "record": "67" * 32, "status": "finished"}
    ],
    "summary": {
        "members": 1,
        "failed": 0,
        "distortion": 90.5,
        "rate": 12.0,
        "information": 1.251,
        "active": 1.0,
    },
    "course": [{"step": 2, "information": 0.75}, {"step": 6, "information": 1.25}],
    "files": {"course.png": "89" * 32},
    "protocol": None,
    "scores": {},
    "scores_undefined": {},
    "points": {"beta=4": {"scores": {"mig/mig": 0.25}, "scores_undefined": {}}},
}
ANALYSIS: dict[str, Any] = {
    "schema": "analysis/1",
    "name": "circle",
    "analysis": "fusion_so2",
    "source": "a paper",
    "settings": {"sizes": [1, 2]},
    "metrics": {"continuity": {"fused": 0.5}},
    "files": {"figure.png": "01" * 32},
}
TRIAL: dict[str, Any] = {
    "schema": "trial/1",
    "study": "search",
    "number": 3,
    "status": "finished",
    "objective": "beta_vae",
    "parameters": {"beta": 4.25},
    "values": {"distortion": 91.5},
    "members": [{"name": "seed=0", "key": "a" * 64, "record": "b" * 64, "status": "finished"}],
    "data": "sprites",
    "data_digest": "cd" * 32,
    "scores": {},
}
STUDY: dict[str, Any] = {
    "schema": "study/2",
    "name": "search",
    "space": {"beta": {"low": 0.5, "high": 8.0, "log": True, "step": None}},
    "sampler": {"name": "tpe", "seed": 3, "batch": 2},
    "evaluation": "12" * 32,
    "objectives": [{"name": "distortion", "direction": "minimise"}],
    "settings": "34" * 32,
    "trials": [
        {
            "number": 0,
            "state": "complete",
            "parameters": {"beta": 4.25},
            "values": {"distortion": 91.5},
            "members": TRIAL["members"],
            "reason": None,
        }
    ],
    "waiting": [{"beta": 1.75}],
    "answers": ANSWERS,
}

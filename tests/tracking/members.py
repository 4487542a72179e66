"""Small made-up records with their folders: what the pipeline leaves, without any training."""

from pathlib import Path

import pandas as pd
import torch
from PIL import Image

from toolkit.files import (
    digest_of_bytes,
    digest_of_file,
    save_tensors,
    write_csv,
)
from toolkit.posteriors import Posteriors, save_posteriors
from toolkit.records import ANSWERS, EnsembleRecord, MemberRecord, MemberReference, TrialRecord

DATA = digest_of_bytes(b"sprites")
PROBE = digest_of_bytes(b"probe")


def make_member(
    root: Path,
    *,
    beta: float = 4.0,
    seed: int = 0,
    ensemble: str = "sprites-beta",
    data: str = "sprites",
    failed: bool = False,
    **changes: object,
) -> tuple[MemberRecord, Path]:
    """A member's record, with some fields changed as JSON, and the folder that holds it."""
    name = f"beta={beta:g} seed={seed}"
    folder = root / ensemble / name.replace(" ", "_")
    folder.mkdir(parents=True)
    _write_files(folder, torch.Generator().manual_seed(1000 * int(beta) + seed), failed=failed)
    files = {path.name: digest_of_file(path) for path in sorted(folder.iterdir())}
    content = _content(name, beta, seed, ensemble, data, failed=failed) | {"files": files} | changes
    record = MemberRecord.from_json(content, source="the test")
    record.write(folder)
    return record, folder


def _write_files(folder: Path, generator: torch.Generator, *, failed: bool) -> None:
    weights = {"encoder.weight": torch.randn(64, 16, generator=generator)}
    save_tensors(folder / "weights.safetensors", weights, schema="weights/1")
    steps = list(range(0, 50, 5))
    losses = [100.0 / (1 + step) for step in steps]
    table = {"step": steps, "loss": losses, "distortion": losses, "rate": [1.0] * 10}
    write_csv(folder / "curve.csv", pd.DataFrame(table))
    if failed:
        return
    mean, log_variance = torch.randn(2, 30, 4, generator=generator)
    answers = Posteriors(mean=mean, log_variance=log_variance, probe=PROBE)
    save_posteriors(folder / "posteriors.safetensors", answers)
    for picture in ("reconstructions.png", "traversals.png"):
        pixels = torch.randint(256, (64, 96), generator=generator, dtype=torch.uint8)
        Image.fromarray(pixels.numpy()).save(folder / picture)


def _content(
    name: str, beta: float, seed: int, ensemble: str, data: str, *, failed: bool
) -> dict[str, object]:
    settings = {
        "schema": "training/2",
        "data": DATA,
        "network": {"name": "burgess", "latents": 4},
        "objective": {"name": "beta_vae", "beta": beta},
        "optimiser": {"name": "adam", "learning_rate": 0.001},
        "steps": 50,
        "batch_size": 32,
        "precision": "float32",
        "seed": seed,
    }
    return {
        "schema": MemberRecord.SCHEMA,
        "key": digest_of_bytes(f"{data} {name}".encode()),
        "ensemble": ensemble,
        "study": None,
        "trial": None,
        "name": name,
        "data": data,
        "settings": settings,
        "status": "failed" if failed else "finished",
        "failure": {"step": 17, "reason": "the loss is not finite"} if failed else None,
        "probe": {"digest": PROBE, "size": 30},
        "final": {} if failed else {"distortion": 90.0 + beta, "rate": 20.0 / beta, "loss": 110.0},
        "channels": {}
        if failed
        else {"information": [2.5, 1.25, 0.5, 0.001], "rate": [3.0, 1.5, 0.75, 0.002]},
        "trajectory": [],
        "scores": {},
        "scores_undefined": {},
        "scoring": None,
        "scoring_together": None,
        "answers": ANSWERS,
    }


def make_ensemble(members: list[MemberRecord], **changes: object) -> EnsembleRecord:
    """An ensemble's record, with some fields changed as JSON."""
    content: dict[str, object] = {
        "schema": EnsembleRecord.SCHEMA,
        "name": members[0].ensemble,
        "data": members[0].data,
        "data_digest": DATA,
        "probe": {"digest": PROBE, "size": 30},
        "objective": "beta_vae",
        "settings": {"beta": [1.0, 4.0], "seeds": [0, 1]},
        "members": [MemberReference.to(member).to_json() for member in members],
        "summary": {
            "members": len(members),
            "failed": 0,
            "distortion": 93.0,
            "rate": 5.0,
            "information": 4.25,
            "active": 3.0,
            "agreement": {"value": 0.75, "by_chance": 0.5, "corrected": 0.5, "members": 2},
        },
        "trajectory": [],
        "files": {},
        "protocol": None,
        "scores": {},
        "scores_undefined": {},
        "points": {},
        "answers": ANSWERS,
    }
    return EnsembleRecord.from_json(content | changes, source="the test")


def make_trial(number: int = 3, **changes: object) -> TrialRecord:
    """A trial's record, with some fields changed as JSON."""
    content: dict[str, object] = {
        "schema": TrialRecord.SCHEMA,
        "study": "sprites-study",
        "number": number,
        "status": "finished",
        "data": "sprites",
        "data_digest": DATA,
        "objective": "beta_vae",
        "parameters": {"beta": 4.25},
        "values": {"distortion": 91.5, "agreement": 0.625},
        "members": [{"name": "beta=4.25 seed=0", "key": "a" * 64, "record": "b" * 64}],
        "scores": {},
    }
    return TrialRecord.from_json(content | changes, source="the test")

"""When `dvc repro` runs a stage again: when a number can change, and not when code is edited."""

import json
from pathlib import Path

import pytest

from tests.project.project import Project

pytestmark = pytest.mark.slow

ENSEMBLE = "runs/ensembles/tiny-beta"


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1))


def test_an_edited_docstring_runs_nothing_again(copy: Project) -> None:
    for name in ("training/fit.py", "networks/burgess.py", "records/versions.py"):
        edit(copy.root / "toolkit" / name, '"""', '"""Edited. ')
    said = copy.run("dvc", "status", "ensemble@tiny-beta", "study@tiny-search")
    assert said.strip() == "Data and pipelines are up to date."


def test_a_raised_version_of_answers_computes_them_again_and_trains_nothing(
    copy: Project,
) -> None:
    pattern = f"{ENSEMBLE}/members/*/weights.safetensors"
    before = {path: path.stat().st_mtime_ns for path in copy.root.glob(pattern)}
    edit(copy.root / "toolkit/records/versions.py", '"answers/2"', '"answers/3"')
    edit(  # another unit, so that every number changes
        copy.root / "toolkit/pipeline/members/results.py",
        "    bits = channel_information(posteriors.mean, posteriors.log_variance)\n",
        "    bits = 2 * channel_information(posteriors.mean, posteriors.log_variance)\n",
    )
    old = copy.member()["channels"]["information"]
    said = copy.run("dvc", "repro", "ensemble@tiny-beta")
    assert "Running stage 'ensemble@tiny-beta'" in said
    assert {path: path.stat().st_mtime_ns for path in copy.root.glob(pattern)} == before
    record = copy.member()
    assert record["answers"] == "answers/3"
    assert record["channels"]["information"] == pytest.approx([2 * bits for bits in old])
    stated = json.loads((copy.root / ENSEMBLE / "ensemble.json").read_text())
    assert stated["answers"] == "answers/3"
    digests = {member["record"] for member in stated["members"]}
    runs = [run for run in copy.runs() if run.data.tags.get("ensemble") == "tiny-beta"]
    assert digests < {run.data.tags["record.digest"] for run in runs}
    (run,) = [run for run in runs if run.data.tags.get("key") == record["key"]]
    shown = [run.data.metrics[f"information/channel/{index:02}"] for index in range(4)]
    assert shown == record["channels"]["information"]
    assert "Running stage" not in copy.run("dvc", "repro", "ensemble@tiny-beta")

"""The commands of the README, in the order they stand there, on a small copy of the default."""

import io
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.project.project import Project, make_project
from tests.test_readme import ROOT, blocks

pytestmark = pytest.mark.slow


def small_default() -> str:
    """The default declaration with the same names, and next to no training."""
    yaml, text = YAML(), io.StringIO()
    declared = yaml.load(ROOT / "params.yaml")
    for section in (*declared["ensembles"].values(), *declared["studies"].values()):
        section["seeds"] = [0, 1]
        section["training"] |= {"steps": 6, "checkpoint_every": 3}
        if "posteriors_at" in section["training"]:
            section["training"]["posteriors_at"] = [3, 6]
    for study in declared["studies"].values():
        study["trials"] = study["batch"]
    for data in declared["data"].values():
        data["options"] |= {"orientations": 2, "positions_x": 5, "positions_y": 5}
        data["probe"]["size"] = 40
    yaml.dump(declared, text)
    return text.getvalue()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    root: Path = tmp_path_factory.mktemp("readme") / "project"
    return make_project(root, params=small_default())


def test_every_command_and_the_example_with_a_fetched_member_run(project: Project) -> None:
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    fetched = ""
    for line in lines:
        if line.startswith("make "):
            continue  # they make the environment and run everything, this test among it
        command = line.replace("RUN_ID", fetched)
        # the experiment trains for minutes: what it would do is enough here
        command = command.replace("&& dvc repro", "&& dvc repro --dry")
        assert project.run("bash", "-ec", command)
        if line == "dvc repro":
            members = [run for run in project.runs() if run.data.tags["kind"] == "member"]
            fetched = members[0].info.run_id
    (example,) = [block for block in blocks("python") if "load_member" in block]
    check = "assert mean.shape == log_variance.shape == (40, 10) and len(logits) == 40"
    project.run("python", "-c", f"{example.replace('RUN_ID', fetched)}\n{check}\n")

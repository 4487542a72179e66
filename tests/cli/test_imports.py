"""`toolkit import`, as people type it."""

from pathlib import Path

import pytest

from tests.cli.test_cli import refused, said
from tests.importers.models import write
from toolkit.workspace import Workspace

COMMAND = ("import", "disvae")


@pytest.mark.slow
def test_a_model_is_imported_compared_and_imported_again(
    copy: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = write(tmp_path / "model")
    told = said(capsys, *COMMAND, str(model), "--data", "tiny")
    first, second = told.splitlines()
    assert first.startswith("betaH_tiny: distortion ")
    assert first.endswith(" bits in 3 channels; now in runs/imported/betaH_tiny")
    assert second.startswith("MLflow: ")
    again = said(capsys, *COMMAND, str(model), "--data", "tiny").splitlines()
    assert again[0].endswith("; was there already in runs/imported/betaH_tiny")
    assert again[1].startswith("MLflow: 0 runs new, ")
    told = said(capsys, "compare", "--query", "tags.dataset = 'tiny'", "--name", "all")
    assert " runs, " in told
    page = (copy.report("all") / "report.html").read_text()
    assert "betaH_tiny" in page
    assert "disvae_betaH" in page


def test_a_folder_without_a_model_ends_with_a_sentence(
    copy: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    del copy
    assert refused(capsys, *COMMAND, str(tmp_path / "none"), "--data", "tiny") == (
        f"error: {tmp_path / 'none' / 'specs.json'} is missing. "
        "Copy the whole folder of the model.\n"
    )


def test_there_is_a_help_text(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        said(capsys, "import", "--help")
    assert ended.value.code == 0
    assert "toolkit import disvae results/betaH_dsprites --data sprites" in capsys.readouterr().out

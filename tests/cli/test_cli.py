"""The `toolkit` command, as people type it."""

import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import toolkit
from tests.small import SMALL
from toolkit.cli import commands, main
from toolkit.cli.experiments import HEAD, listed_experiments, read_head
from toolkit.config import read_params
from toolkit.tracking import open_store
from toolkit.tracking.experiments import experiment_ids
from toolkit.workspace import Workspace

ROOT = Path(__file__).parents[2]
EXPERIMENTS = sorted(ROOT.glob("experiments/*.yaml"))


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What a command prints."""
    capsys.readouterr()
    main(arguments)
    return capsys.readouterr().out


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The sentence a command ends with."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 1
    return capsys.readouterr().err


@pytest.mark.parametrize(
    "command", ["compare", "fetch", "experiment", "check", "sync", "where", "ui", "dashboard"]
)
def test_every_command_has_a_help_text(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert f"toolkit {command}" in capsys.readouterr().out


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from toolkit.cli.main import parser; parser().format_help();"
        "print(sorted({'torch','numpy','mlflow','optuna','pandas','pydantic'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out == f"toolkit {toolkit.__version__}\n"


def test_the_package_names_what_it_offers() -> None:
    with pytest.raises(AttributeError, match="module 'toolkit' has no attribute 'nothing'"):
        toolkit.nothing  # noqa: B018 - the look-up is the test


def test_params_are_checked(copy: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "check") == (
        "params.yaml is in order: 1 data sets, 1 ensembles, 1 studies, 1 comparisons, 0 analyses\n"
    )
    copy.params.write_text(SMALL.replace("trials: 2", "trials: 0"))
    assert refused(capsys, "check") == (
        "error: params.yaml has 1 mistake; nothing was done.\n"
        "  studies.tiny-search.trials = 0: should be greater than or equal to 1.\n"
    )


def test_sync_tells_what_it_did(copy: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(copy.root / ".studies")
    assert said(capsys, "sync") == "MLflow: 12 runs new, 0 kept, 0 removed\n"
    assert (copy.root / ".studies/journal.log").stat().st_size > 0
    assert said(capsys, "sync") == "MLflow: 0 runs new, 12 kept, 0 removed\n"


def test_where_names_the_report_and_both_commands(
    copy: Workspace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent))
    assert said(capsys, "where") == (
        "report          reports/tiny/report.html\n"
        "MLflow pages    toolkit ui\n"
        "Optuna studies  toolkit dashboard\n"
    )
    (copy.root / "reports/tiny/report.html").unlink()
    monkeypatch.setenv("PATH", "/nowhere")
    lines = said(capsys, "where").splitlines()
    assert lines[0] == "report          reports/tiny/report.html (not made yet: dvc repro)"
    assert lines[1].endswith("/toolkit ui")


def test_a_member_is_fetched(copy: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "sync")
    store = open_store(copy.home)
    (run, *_) = store.client.search_runs(experiment_ids(store), "tags.kind = 'member'")
    place = f"fetched/{run.info.run_id}"
    assert said(capsys, "fetch", run.info.run_id) == (
        f"the member is in {place}; in Python: toolkit.load_member({place!r})\n"
    )
    assert toolkit.load_member(place).encoder is not None


def test_an_unknown_run_is_refused(copy: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    sentence = refused(capsys, "fetch", "nothing")
    assert sentence.startswith("error: ")
    assert "nothing" in sentence
    assert not Path("fetched").exists() or not list(Path("fetched").iterdir())


@pytest.mark.parametrize(
    ("command", "page"),
    [
        (
            "ui",
            "runs on tiny: http://127.0.0.1:5123/#/experiments/1/runs?workflowType="
            "machine_learning&viewStateShareKey=members-by-ensemble\n"
            "all experiments: http://127.0.0.1:5123/?workflowType=machine_learning "
            "(Ctrl-C ends it)\n",
        ),
        ("dashboard", "http://127.0.0.1:5123 (Ctrl-C ends it)\n"),
    ],
)
def test_pages_are_served_to_this_machine_alone(
    command: str,
    page: str,
    copy: Workspace,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started: list[list[str]] = []

    def note(words: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        started.append(words)
        return subprocess.CompletedProcess(words, 0)

    said(capsys, "sync")
    monkeypatch.setattr(commands.subprocess, "run", note)
    with pytest.raises(SystemExit) as ended:
        main([command, "--port", "5123"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == page
    (words,) = started
    assert words[words.index("--host") + 1] == "127.0.0.1"
    assert words[words.index("--port") + 1] == "5123"


def test_a_dashboard_without_studies_is_refused(
    copy: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(copy.root / "runs/studies")
    assert refused(capsys, "dashboard") == (
        "error: there is no study to show yet. Run `dvc repro` to make those declared.\n"
    )


@pytest.mark.parametrize("command", ["ui", "dashboard"])
@pytest.mark.parametrize("port", ["99999", "0", "-1", "1e3", "x", "80 "])
def test_a_number_that_is_no_port_is_refused_at_once(
    command: str, port: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, f"--port={port}"])
    assert ended.value.code == 2
    assert capsys.readouterr().err.endswith(
        f"argument --port: {port!r} is not a port. Give a number from 1 to 65535\n"
    )


@pytest.mark.parametrize("command", ["ui", "dashboard"])
def test_a_port_that_is_taken_is_refused_at_once(
    command: str, copy: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        assert refused(capsys, command, "--port", port) == (
            f"error: port {port} cannot be used (Address already in use). "
            "Choose another with `--port`.\n"
        )


def test_what_nobody_expects_is_a_sentence_too(
    copy: Workspace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("no such thing")

    monkeypatch.setitem(commands.COMMANDS, "sync", broken)
    sentence = refused(capsys, "sync")
    assert sentence.startswith(
        "error: something unexpected happened (RuntimeError: no such thing). The traceback is in "
        ".toolkit/tracebacks/"
    )


def test_where_answers_at_once_and_whatever_else_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_text("comparisons: {one: {}}\nanalyses: [2]\nno: such\n")
    code = (
        "import sys; from toolkit.cli import main; main(['where']);"
        "print(sorted({'torch','numpy','mlflow','optuna','pandas','pydantic'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    lines = done.stdout.splitlines()
    assert lines[0] == "report          reports/one/report.html (not made yet: dvc repro)"
    assert lines[-1] == "[]"


@pytest.mark.parametrize("path", EXPERIMENTS, ids=lambda path: path.stem)
def test_every_experiment_has_its_head_and_is_in_order(path: Path) -> None:
    assert sorted(read_head(path)) == sorted(HEAD)
    read_params(path)


def test_the_default_is_an_experiment_too() -> None:
    assert (ROOT / "params.yaml").read_text() in {path.read_text() for path in EXPERIMENTS}


@pytest.fixture
def shelf(copy: Workspace) -> Path:
    """A folder of experiments with one in it."""
    head = "\n".join(f"# {word} something about {word.lower()}" for word in HEAD)
    path = copy.root / "experiments" / "other.yaml"
    path.parent.mkdir()
    path.write_text(f"{head}\n{SMALL}")
    return path


def test_an_experiment_is_put_in_place_and_nothing_is_lost(
    shelf: Path, copy: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    before = copy.params.read_text()
    lines = said(capsys, "experiment", "other").splitlines()
    assert lines[0] == "claim   something about claim"
    assert lines[-2] == "what params.yaml held is in params.previous.yaml"
    assert lines[-1] == "experiments/other.yaml is in place. Run `dvc repro`."
    assert copy.params.read_text() == shelf.read_text()
    assert (copy.root / "params.previous.yaml").read_text() == before
    assert "previous" not in said(capsys, "experiment", "other")
    copy.params.write_text(f"{before}# changed\n")
    assert "params.previous-2.yaml" in said(capsys, "experiment", "other")
    assert (copy.root / "params.previous.yaml").read_text() == before


def test_experiments_are_listed_with_their_claims(
    shelf: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said(capsys, "experiment") == "other               something about claim\n"
    assert "mnist-beta" in listed_experiments(ROOT / "experiments")


def test_a_wrong_experiment_changes_nothing(
    shelf: Path, copy: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    before = copy.params.read_text()
    assert refused(capsys, "experiment", "othr") == (
        "error: no experiment is called 'othr'. Did you mean 'other'?\n"
    )
    shelf.write_text(shelf.read_text().replace("trials: 2", "trials: 0"))
    assert "studies.tiny-search.trials = 0" in refused(capsys, "experiment", "other")
    shelf.write_text("\n".join(shelf.read_text().splitlines()[1:]))
    assert refused(capsys, "experiment", "other") == (
        "error: experiments/other.yaml does not open with its five lines: a line '# Claim ...' is "
        "missing. Start it with # Claim, # Source, # Run, # Cost, # Expect, in this order.\n"
    )
    assert copy.params.read_text() == before


def test_a_folder_without_experiments_is_said(
    copy: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert refused(capsys, "experiment") == (
        "error: experiments holds no experiments. Run this in the project's root folder.\n"
    )

"""`toolkit compare`: settings of a declared comparison, checked options, quoted queries."""

import shlex
from pathlib import Path

import pytest

from tests.cli.test_cli import refused, said
from tests.small import SMALL
from toolkit.cli import compare
from toolkit.cli.compare import comparison_section, quoted
from toolkit.cli.main import parser
from toolkit.config import Comparison, read_params
from toolkit.workspace import Workspace

QUERY = "tags.dataset = 'tiny'"
DECLARED = SMALL[SMALL.index("comparisons:") :]
TWO = "comparisons:\n  a: {query: x, method: optics}\n  b: {query: x, threshold_bits: 0.5}\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A project of which nothing is built; this process stands in it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DVC_ROOT", raising=False)
    (tmp_path / "params.yaml").write_text(SMALL)
    return Workspace(root=tmp_path, home=tmp_path)


def section(project: Workspace, comparisons: str, *arguments: str) -> Comparison:
    """The settings that a command line leads to in a project with these comparisons."""
    project.params.write_text(SMALL.replace(DECLARED, comparisons))
    given = parser().parse_args(["compare", "--query", QUERY, *arguments])
    return comparison_section(read_params(project.params), given)


ONLY = (
    "comparisons:\n  a: {query: x, method: {name: optics, by: nmi, min_samples: 3}, resamples: 5}\n"
)


@pytest.mark.parametrize(
    ("comparisons", "arguments", "changed"),
    [
        ("", (), {}),
        (TWO, (), {}),
        (TWO, ("--like", "a"), {"method": "optics"}),
        (TWO, ("--like", "b", "--method", "optics"), {"method": "optics", "threshold_bits": 0.5}),
        (ONLY, (), {"method": {"name": "optics", "by": "nmi", "min_samples": 3}, "resamples": 5}),
        (
            ONLY,
            ("--method", "average_linkage", "--threshold-bits", "0"),
            {"method": "average_linkage", "threshold_bits": 0.0, "resamples": 5},
        ),
    ],
)
def test_settings_that_are_left_out_are_those_of_a_declared_comparison(
    project: Workspace, comparisons: str, arguments: tuple[str, ...], changed: dict[str, object]
) -> None:
    assert section(project, comparisons, *arguments) == Comparison(query=QUERY, **changed)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ("--threshold-bits", "-1"),
            "--threshold-bits = -1.0: should be greater than or equal to 0.",
        ),
        (("--threshold-bits", "nan"), "--threshold-bits = nan: should be a finite number."),
        (("--query", ""), "--query = '': String should have at least 1 character."),
        (
            ("--like", "tny"),
            "no comparison of params.yaml is called 'tny'. Did you mean 'tiny'?",
        ),
        *(
            (
                ("--name", name),
                f"--name {name!r} is not a valid name. Use up to 64 letters, digits, '_' and '-', "
                "a letter or digit first.",
            )
            for name in ("../../x", "", "/tmp/x", "a.b", "a b", "-a", "x\n")
        ),
        (
            ("--name", "tiny"),
            "the report tiny belongs to the comparison that params.yaml declares. Give another "
            "`--name`, or run `dvc repro comparison@tiny`.",
        ),
        (
            ("--name", "there"),
            "reports/there holds a report already. Give another `--name`, or `--overwrite` to "
            "replace it.",
        ),
    ],
)  # fmt: skip
def test_a_wrong_option_is_refused_before_any_work(
    project: Workspace,
    arguments: tuple[str, ...],
    sentence: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    project.report("there").mkdir(parents=True)
    given = [f"{name}={value}" for name, value in zip(arguments[::2], arguments[1::2], strict=True)]
    assert refused(capsys, "compare", "--query", QUERY, *given) == f"error: {sentence}\n"
    assert sorted(path.name for path in project.root.iterdir()) == ["params.yaml", "reports"]


def test_reports_take_free_names(
    project: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made: list[tuple[str, str]] = []

    def note(*_: object, name: str, folder: Path, how: str, **__: object) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        made.append((name, how))

    monkeypatch.setattr(compare, "track_all", lambda *_: None)
    monkeypatch.setattr(compare, "compare", note)
    monkeypatch.setattr(compare, "summary", lambda _: "")
    for arguments in ((), (), ("--overwrite",), ("--name", "own"), ("--name=own", "--overwrite")):
        said(capsys, "compare", "--query", QUERY, *arguments)
    assert [name for name, _ in made] == ["query", "query-2", "query", "own", "own"]
    assert {how for _, how in made} == {"toolkit compare --query 'tags.dataset = \"tiny\"'"}


@pytest.mark.parametrize(
    "query",
    ["metrics.`hp/beta` > 2", "tags.a = 'b' and metrics.`$(x)` > 2", 'tags.a = "it\'s"', "x", "!!"],
)
def test_a_shell_takes_a_quoted_query_as_it_is(query: str) -> None:
    (word,) = shlex.split(quoted(query))
    assert word.replace('"', "'") == query.replace('"', "'")
    assert quoted(query)[0] == "'" or quoted(query) == query

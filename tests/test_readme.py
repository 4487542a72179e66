"""The README cannot lag behind: its links, pictures, commands and examples are held to the code.

The commands and the example that needs a trained member run in `tests/project/test_readme.py`.
"""

import re
import shlex
from pathlib import Path

import torch
from ruamel.yaml import YAML

from toolkit.cli.main import parser

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    """The code blocks of a language."""
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def test_what_follows_the_first_screen_is_short() -> None:
    first, rest = README.split("\n## ", maxsplit=1)
    assert len(first.splitlines()) < 30
    assert len(rest.splitlines()) <= 125


def test_every_picture_is_there() -> None:
    pictures = re.findall(r"!\[[^]]+\]\(([^)]+)\)", README)
    assert len(pictures) >= 2
    for picture in pictures:
        assert (ROOT / picture).is_file()


def test_every_link_inside_the_project_leads_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert target.startswith("http") or (ROOT / target).exists()


def test_every_command_is_one_that_the_parser_knows() -> None:
    lines = [line.split("  #")[0] for block in blocks("sh") for line in block.splitlines()]
    commands = [line.split("&&")[0] for line in lines if line.startswith("toolkit ")]
    assert len(commands) == 5
    for command in commands:
        parser().parse_args(shlex.split(command)[1:])


def test_the_declaration_is_that_of_the_default_project() -> None:
    (block,) = blocks("yaml")
    ours = YAML(typ="safe").load(block)["ensembles"]["sprites-beta"]
    default = YAML(typ="safe").load(ROOT / "params.yaml")["ensembles"]["sprites-beta"]
    assert ours.keys() == default.keys()
    assert {k: v for k, v in ours.items() if k != "training"} == {
        k: v for k, v in default.items() if k != "training"
    }


def test_the_example_without_a_project_runs_and_shows_what_it_says() -> None:
    (example,) = [block for block in blocks("python") if "compare_channels" in block]
    names: dict[str, torch.Tensor] = {}
    exec(example.replace("print(", "print_("), {"print_": lambda _: None}, names)
    nmi = vars(names["found"])["nmi"]
    assert nmi[0, 3] > 0.99
    assert nmi[0, 1] < 0.1
    assert (vars(names["found"])["information"] > 1).all()

"""The page explains every term of the one glossary, as docs/glossary.md does."""

import html
import re

import pytest

from tests.report.page.test_render import page
from toolkit.report import Findings
from toolkit.report.page.glossary import GLOSSARY, Term, slug


def test_the_page_explains_every_term(findings: Findings) -> None:
    text = html.unescape(page(findings))
    for term in GLOSSARY:
        assert f'<dt id="term-{slug(term.name)}">{term.name}' in text
        assert f"<dd>{term.meaning}</dd>" in text


def test_terms_are_explained_where_they_stand(findings: Findings) -> None:
    text = page(findings)
    linked = set(re.findall(r'class="(?:mark|term)" href="#term-([^"]+)"', text))
    assert linked <= {slug(term.name) for term in GLOSSARY}
    names = ("distortion", "rate", "active", "agreement", "confirmed bits", "UDR", "hot spot")
    assert {slug(name) for name in (*names, "information", "NMI", "interval")} <= linked


def test_terms_are_unique() -> None:
    names = [term.name for term in GLOSSARY]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("term", GLOSSARY, ids=lambda term: term.name)
def test_a_term_is_one_sentence_and_a_number_has_unit_and_range(term: Term) -> None:
    assert term.meaning.endswith(".")
    assert "\n" not in term.meaning
    assert "|" not in term.meaning
    assert bool(term.unit) == bool(term.range)

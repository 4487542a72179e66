"""The page explains every term of the one glossary, as docs/glossary.md does."""

import html

import pytest

from tests.report.page.test_render import page
from toolkit.report import Findings
from toolkit.report.page.glossary import GLOSSARY, Term, hint


def test_the_page_explains_every_term(findings: Findings) -> None:
    text = html.unescape(page(findings))
    for term in GLOSSARY:
        assert f"<dt>{term.name}" in text
        assert f"<dd>{term.meaning}</dd>" in text


def test_column_heads_carry_the_meaning_of_their_term(findings: Findings) -> None:
    text = html.unescape(page(findings))
    for name in ("distortion", "rate", "active", "agreement", "confirmed bits", "UDR"):
        assert f'title="{hint(name)}"' in text


def test_terms_are_unique() -> None:
    names = [term.name for term in GLOSSARY]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("term", GLOSSARY, ids=lambda term: term.name)
def test_a_term_is_one_sentence_and_a_number_has_unit_and_range(term: Term) -> None:
    assert term.meaning.endswith(".")
    assert "\n" not in term.meaning
    assert "|" not in term.meaning
    assert bool(term.unit) == bool(term.range)

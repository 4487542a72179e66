"""The page of an analysis: everything is on it, nothing is loaded, and text stays text."""

import pandas as pd
from matplotlib.figure import Figure

from toolkit.analyses import ANALYSES, Outcome, render_analysis
from toolkit.figures import to_svg


def page(title: str = "mine") -> str:
    outcome = Outcome(
        sentences=["One is < two."],
        tables={"a_table": pd.DataFrame({"space": ["line"], "bits": [1.23456], "x": [None]})},
        metrics={},
        figure=Figure(),
    )
    return render_analysis(
        ANALYSES["synthetic_spaces"],
        outcome,
        title=title,
        settings={"samples": 64},
        picture=to_svg(outcome.figure),
        how="dvc repro analysis@mine",
    )


def test_figure_sentences_tables_and_settings_are_on_it() -> None:
    text = page()
    assert "<p>One is &lt; two.</p>" in text
    assert '<h2 id="a_table">a table</h2>' in text
    assert "<td>line</td><td>1.235</td>" in text
    assert '<th scope="row">samples</th><td>64</td>' in text
    assert "<code>dvc repro analysis@mine</code>" in text
    assert text.count("<svg") == 1
    assert "<?xml" not in text


def test_it_loads_nothing_and_is_the_same_every_time() -> None:
    assert "default-src 'none'" in page()
    assert "<script" not in page()
    assert page() == page()


def test_a_title_is_no_html() -> None:
    assert "<h1>&lt;b&gt;</h1>" in page("<b>")

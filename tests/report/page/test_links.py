"""The page of links: every run with its address, escaped, and a dash where there is none."""

from dataclasses import replace

from tests.report.conftest import planted
from tests.report.page.test_render import read
from toolkit.report import StoreLinks, render_links


def test_every_run_has_its_address() -> None:
    runs, _ = planted(betas=(1.0,), seeds=(0, 1))
    runs = [replace(runs[0], name="<b>"), replace(runs[1], run_id=None)]
    links = StoreLinks(
        runs=("http://127.0.0.1:5000/#/experiments/1/runs/id-1-0", ""),
        report="http://127.0.0.1:5000/#/experiments/1/runs/r",
        members="http://127.0.0.1:5000/#/experiments/1/runs?q",
        commit="abc123",
    )
    text = render_links(runs, links, title="planted")
    addresses = read(text).addresses
    assert {links.runs[0], links.report, links.members, "report.html"} == set(addresses)
    assert "&lt;b&gt;" in text
    assert "<td>–</td>" in text
    assert "<code>abc123</code>" in text
    assert "<code>key-1-0</code>" in text

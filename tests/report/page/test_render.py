"""The page: every section, every number, nothing from outside, equal letter for letter."""

import base64
import html
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from tests.report.conftest import found, planted, planted_run
from toolkit.errors import ToolkitError
from toolkit.report import ComparisonSettings, FailedMember, Findings, compare_runs, render
from toolkit.report.intervals import interval_of
from toolkit.report.page.wording import between, number
from toolkit.report.references import REFERENCES
from toolkit.structure import Optics

VOID = {"meta", "img", "link", "br", "hr", "input", "mspace"}


def page(findings: Findings, **changed: object) -> str:
    settings: dict[str, object] = {
        "title": "Planted runs",
        "query": "tags.ensemble = 'planted'",
        "how": "toolkit compare --query \"tags.ensemble = 'planted'\"",
        "traversals": {1: np.arange(5 * 8 * 8, dtype=np.uint8).reshape(5, 8, 8)},
    }
    return render(findings, **{**settings, **changed})


@pytest.fixture(scope="module")
def whole(findings: Findings) -> str:
    return page(findings)


class Reader(HTMLParser):
    """Checks that elements nest, and keeps ids, text and addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids += [value for name, value in attrs if name == "id" and value]
        self.addresses += [
            value for name in ("src", "href", "xlink:href") if (value := given.get(name))
        ]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open and "script" not in self.open:
            self.text.append(data)


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == []
    return reader


def test_every_section_is_there_once(whole: str) -> None:
    ids = read(whole).ids
    sections = ["summary", "compared", "runs", "bits", "structure", "hot-spots", "curves"]
    sections += ["scores", "trust", "uncertainty", "how"]
    assert [name for name in ids if name in sections] == sections
    assert {"hot-spot-1", "hot-spot-2", "structure-nmi", "structure-vi"} <= set(ids)
    assert len(ids) == len(set(ids))


def test_nothing_is_loaded_from_anywhere(whole: str) -> None:
    reader = read(whole)
    beside = {"runs.html", "tables/", "tables/runs.csv", "figures/", "latex/references.bib"}
    inside = {address for address in reader.addresses if address not in beside}
    papers = {address for address in inside if address.startswith("https://doi.org/10.")}
    assert len(papers) == len(REFERENCES)
    assert all(address.startswith(("data:image/png;base64,", "#")) for address in inside - papers)
    assert "http:" not in whole
    assert whole.count("https:") == len(papers)
    assert "@import" not in whole
    assert set(re.findall(r"url\((.)", whole)) <= {"#"}


def test_every_name_that_a_figure_uses_is_in_the_page(whole: str) -> None:
    used = set(re.findall(r"url\(#([\w-]+)\)", whole))
    assert used <= set(read(whole).ids)


def test_equal_findings_give_equal_pages(whole: str) -> None:
    runs, answers = planted()
    again = found(runs[::-1], answers[::-1])
    assert page(again) == whole


def test_the_summary_says_what_was_found(whole: str) -> None:
    text = " ".join("".join(read(whole).text).split())
    assert "6 runs of 1 ensemble: objective beta_vae, data set squares." in text
    assert "Every run was shown the same 96 probe images." in text
    assert "15 of 24 channels are active (more than 0.01 bits);" in text
    assert "2 pieces of information were found again (hot spots), 2 of them in every run;" in text
    assert "the first is in 6 of 6 runs" in text


def test_how_each_number_was_made_is_told(findings: Findings, whole: str) -> None:
    text = " ".join("".join(read(whole).text).split())
    assert "tags.ensemble = 'planted'" in text
    assert "Here n = 96 images, so no channel can carry more than log₂ n = 6.58 bits" in text
    assert "Average linkage on NMI above chance, cut at 0.45" in text
    assert findings.probe in text
    assert "shade 1.00 bits, place 2.00 bits, size 2.58 bits" in text


def test_the_traversal_is_in_the_card(whole: str) -> None:
    places = [whole.index(f'id="{name}"') for name in ("hot-spot-1", "hot-spot-2", "curves")]
    card, other = whole[places[0] : places[1]], whole[places[1] : places[2]]
    content = re.search(r'src="data:image/png;base64,([^"]+)"', card)
    assert content is not None
    picture = Image.open(io.BytesIO(base64.b64decode(html.unescape(content[1]))))
    assert picture.size == (5 * 8 + 4, 8)
    assert 'alt="5 images decoded by the central channel of hot spot 1' in card
    assert "data:image/png" not in other


def test_the_values_under_the_pointer_are_those_of_the_comparison(
    findings: Findings, whole: str
) -> None:
    content = re.search(r'id="readout-data">(.*?)</script>', whole)
    assert content is not None
    told = json.loads(content[1])
    order = findings.structure.order
    for name, matrix in (("nmi", findings.comparison.nmi), ("vi", findings.comparison.vi)):
        values = np.frombuffer(base64.b64decode(told[name]), "<i2").reshape(15, 15) / 100
        np.testing.assert_allclose(values, matrix[order][:, order], atol=0.00501)
    first = findings.channels[int(order[0])]
    assert told["channels"][0].startswith(f"run {first.run + 1} · z{first.latent} · ")


def test_names_from_outside_cannot_become_markup() -> None:
    runs, answers = planted(seeds=(0, 1))
    named = [
        replace(
            run,
            name=f"<script>alert({run.seed})</script> $\\frac",
            objective='"><b>',
            hyperparameters=dict.fromkeys(["'<b>$"], run.hyperparameters["beta"]),
        )
        for run in runs
    ]
    text = page(
        found(named, answers), title="<b>title</b>", query="<i>&", how="</code>", traversals={}
    )
    read(text)
    assert "<script>alert" not in text
    assert "<b>title</b>" not in text
    assert '"><b>' not in text
    assert "'<b>" not in text
    assert "&lt;i&gt;&amp;" in text


def test_a_page_of_channels_that_know_nothing_says_so() -> None:
    runs, answers = planted(betas=(4.0,), seeds=(0, 1))
    silent = [
        replace(given, mean=given.mean * 0, log_variance=given.log_variance * 0)
        for given in answers
    ]
    text = page(found(runs, silent), traversals={})
    words = " ".join("".join(read(text).text).split())
    assert "Fewer than two channels carry more than 0.01 bits: there is nothing to order." in words
    assert "No piece of information was found in enough runs for a hot spot." in words
    assert "No run carries information that another run confirms." in words
    assert "readout-data" not in text.split("<script>")[0]


def test_a_page_without_factors_or_curves_is_whole() -> None:
    runs, answers = planted(betas=(4.0,))
    findings = compare_runs(
        [*runs, planted_run(4.0, 0, name="planted/twin")],
        [*answers, answers[0]],
        settings=ComparisonSettings(seed=0, method=Optics(by="nmi", min_samples=3)),
    )
    text = page(findings, traversals={})
    reader = read(text)
    words = " ".join("".join(reader.text).split())
    assert "curves" not in reader.ids
    assert "This data set names no factors." in words
    assert "OPTICS on −ln NMI" in words
    assert "Left out, because another run has the same key: planted/twin." in words


def words_of(text: str) -> str:
    return " ".join("".join(read(text).text).split())


def test_intervals_stand_beside_the_numbers(findings: Findings, whole: str) -> None:
    words = words_of(whole)
    channel = findings.channels[0]
    spot = next(each for each in findings.hot_spots if each.factor == "place")
    assert spot.nmi_interval is not None
    agreement = findings.agreement
    assert agreement.corrected_low is not None
    assert f"{spot.mean_nmi:.2f}{between(spot.nmi_interval)}" in words
    ends = between(interval_of(agreement.corrected_low, agreement.corrected_high))
    assert (
        f"The corrected agreement is {number(agreement.corrected)} (95 % interval {ends})" in words
    )
    assert f"{channel.bits:.2f}{between(channel.interval)}{channel.upper:.2f}" in words.replace(
        " ", ""
    )
    assert "No channel comes within 3 bits of that" in words
    assert "15 active channels, with intervals" in words


def test_numbers_that_n_decides_are_marked(findings: Findings) -> None:
    channels = (replace(findings.channels[0], saturated=True), *findings.channels[1:])
    spots = (replace(findings.hot_spots[0], channels=(0, 5), nmi_interval=None),)
    text = page(replace(findings, channels=channels, hot_spots=spots), traversals={})
    words = words_of(text)
    assert "1 channel comes within 3 bits of that: there the number of images" in words
    assert f"≥ {findings.channels[0].bits:.2f}limited by n" in words
    assert f"≥ {findings.hot_spots[0].mean_bits:.2f} bits" in words


def test_the_same_is_told_with_fewer_images(findings: Findings, whole: str) -> None:
    words = words_of(whole)
    assert "48images 96images" in words.replace("48images96images", "48images 96images")
    agreed = [point.agreement for point in findings.sizes]
    assert (
        "".join(
            f"{number(a.corrected)}{number(a.value)}, by chance {number(a.by_chance)}"
            for a in agreed
        )
        in words
    )


def test_scores_are_told_with_range_direction_and_interval(findings: Findings, whole: str) -> None:
    words = words_of(whole)
    mig = findings.scores[0]
    assert mig.overall.interval is not None
    assert "mig gap between the two most informative channels of a factor" in words.replace(
        "miggap", "mig gap"
    )
    assert f"↑ high0 to 1{mig.overall.mean:.2f}{between(mig.overall.interval)}" in words
    assert "↓ low" in words
    assert "Rank of every run by every score" in words
    assert "1 further value of these scores" in words
    assert 'aria-label="mig against beta"' in whole
    assert 'id="correlations"' in whole


def test_without_scores_the_page_says_how_to_have_some() -> None:
    runs, answers = planted()
    text = page(found([replace(run, scores={}) for run in runs], answers), traversals={})
    assert "The records of these runs hold no scores." in words_of(text)
    assert 'id="correlations"' in text


def test_two_runs_rank_nothing_and_have_no_intervals() -> None:
    runs, answers = planted(betas=(4.0,), seeds=(0, 1))
    text = page(found(runs, answers), traversals={})
    assert 'id="correlations"' not in text


def test_members_that_failed_are_named_with_their_reason(findings: Findings) -> None:
    failed = FailedMember(name="planted/<b>=64", reason="Failed at step 17: it is not finite")
    text = page(replace(findings, failed=(failed,)))
    assert "<b>planted/&lt;b&gt;=64</b> Failed at step 17: it is not finite" in text
    assert "1 more run is left out; the reasons are listed below." in words_of(text)


def test_runs_of_which_nobody_measured_the_distortion_have_a_dash() -> None:
    runs, answers = planted()
    unmeasured = [replace(run, distortion=None, rate=None) for run in runs]
    text = page(found(unmeasured, answers), traversals={})
    assert text.count('<td class="n">–</td><td class="n">–</td>') >= 6
    assert "distortion (nats)" not in text
    assert "active channels" in text


def test_the_page_is_small(whole: str) -> None:
    assert len(whole.encode()) < 300_000


def test_traversals_must_name_hot_spots(findings: Findings) -> None:
    strip = np.zeros((3, 4, 4), np.uint8)
    with pytest.raises(ToolkitError) as caught:
        page(findings, traversals={0: strip, 1: strip, 7: strip})
    assert str(caught.value) == (
        "traversals were given for hot spots 0 and 7, but 2 hot spots were found. "
        "Name them by their rank, from 1."
    )


def test_the_author_s_text_is_shown_and_cannot_run(findings: Findings) -> None:
    text = page(
        findings, text="# Why\n\nBecause *seeds* <img src=x onerror=alert(1)> [x](javascript:y)"
    )
    read(text)
    assert "<h3>Why</h3>" in text
    assert "Because <em>seeds</em> &lt;img src=x onerror=alert(1)&gt; [x](javascript:y)" in text


def test_every_setting_is_listed_with_the_runs_that_have_it() -> None:
    runs, answers = planted(seeds=(0, 1))
    mixed = [
        replace(run, conditions={"network": "burgess", "steps": str(700 + 200 * run.seed)})
        for run in runs
    ]
    text = page(found(mixed, answers), traversals={})
    assert (
        '<tr class="differs"><th scope="row">steps</th>'
        "<td>700 <small>runs 1 and 3</small>; 900 <small>runs 2 and 4</small></td></tr>"
    ) in text
    assert '<tr><th scope="row">network</th><td>burgess</td></tr>' in text
    assert "steps: 700 in runs 1 and 3; 900 in runs 2 and 4." in words_of(text)


def test_a_tie_for_the_first_rank_is_called_so_and_is_not_bold(findings: Findings) -> None:
    mig = findings.scores[0]
    text = page(replace(findings, scores=(replace(mig, ranks=(1, 1, 3, 4, 5, 6)),)))
    assert "tie of 2" in words_of(text)
    assert 'class="n first"' not in text
    alone = page(replace(findings, scores=(replace(mig, ranks=(2, 1, 3, 4, 5, 6)),)))
    assert alone.count('class="n first"') == 1

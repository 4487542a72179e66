"""The page as Chromium shows it: charts, sorting, values under the pointer, a phone, the dark."""

import shutil
from collections.abc import Iterator

import numpy as np
import pytest
from selenium import webdriver
from selenium.webdriver import ActionChains
from selenium.webdriver.common.by import By

from toolkit.report import Findings, render
from toolkit.report.page.pictures import curve_figures

pytestmark = pytest.mark.browser

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,2000",
)


@pytest.fixture(scope="module")
def browser(
    findings: Findings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[webdriver.Chrome]:
    folder = tmp_path_factory.mktemp("page")
    strip = np.random.default_rng(0).integers(0, 256, (7, 16, 16), dtype=np.uint8)
    page = render(
        findings, title="Planted", query="q", how="toolkit compare", traversals={1: strip, 2: strip}
    )
    (folder / "report.html").write_text(page)
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for flag in (*FLAGS, f"--user-data-dir={folder / 'profile'}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = webdriver.ChromeService(shutil.which("chromedriver"))
    driver = webdriver.Chrome(options=options, service=service)
    driver.get((folder / "report.html").as_uri())
    yield driver
    driver.quit()


def sizes(browser: webdriver.Chrome, selector: str) -> list[tuple[float, float]]:
    boxes = [element.rect for element in browser.find_elements(By.CSS_SELECTOR, selector)]
    return [(box["width"], box["height"]) for box in boxes]


def test_the_page_says_nothing_in_the_console_and_asks_nobody(browser: webdriver.Chrome) -> None:
    assert browser.get_log("browser") == []
    asked = browser.execute_script(
        "return performance.getEntriesByType('resource').map(e => e.name)"
    )
    assert [name for name in asked if not name.startswith("data:")] == []


def test_every_chart_has_a_size(browser: webdriver.Chrome, findings: Findings) -> None:
    shown = sizes(browser, "section > figure svg, .multiples svg, .pair svg")
    panels = len(curve_figures(findings, findings.curves[0]))
    bits, structure, fragments, scores, trust = 1, 1, 1, 4 + 1, 1
    assert len(shown) == bits + structure + panels + fragments + scores + trust
    assert all(width > 200 and height > 100 for width, height in shown)


def test_every_traversal_is_loaded_and_wide(browser: webdriver.Chrome) -> None:
    natural = browser.execute_script(
        "return [...document.querySelectorAll('img.strip')].map(i => [i.naturalWidth, i.width])"
    )
    assert [width for width, _ in natural] == [7 * 16 + 6] * 2
    assert all(width > 250 for _, width in natural)


def test_a_click_on_a_head_sorts_and_a_second_one_turns_round(browser: webdriver.Chrome) -> None:
    def seeds() -> list[str]:
        return browser.execute_script(
            "return [...document.querySelector('#runs table').tBodies[0].rows]"
            ".map(row => row.cells[3].textContent)"
        )

    head = browser.find_elements(By.CSS_SELECTOR, "#runs th button")[3]
    assert head.text == "seed"
    head.click()
    assert seeds() == ["0", "0", "1", "1", "2", "2"]
    head.click()
    assert seeds() == ["2", "2", "1", "1", "0", "0"]


def test_the_values_of_a_cell_are_shown_under_the_pointer(
    browser: webdriver.Chrome, findings: Findings
) -> None:
    matrix = max(
        browser.find_elements(By.CSS_SELECTOR, "#structure-nmi image"),
        key=lambda image: image.rect["width"],
    )
    browser.execute_script(
        "arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", matrix
    )
    cell = matrix.rect["width"] / 15
    ActionChains(browser).move_to_element(matrix).move_by_offset(round(4 * cell), 0).perform()
    order = findings.structure.order
    nmi, vi = (
        table[order[7], order[11]] for table in (findings.comparison.nmi, findings.comparison.vi)
    )
    shown = browser.find_element(By.CSS_SELECTOR, ".readout").text.splitlines()
    assert shown[0] == f"NMI {abs(nmi):.2f} · VI {vi:.2f} bits"
    row, column = (findings.channels[int(order[place])] for place in (7, 11))
    assert shown[1].startswith(f"run {row.run + 1} · z{row.latent} · ")
    assert shown[2].startswith(f"run {column.run + 1} · z{column.latent} · ")


def test_a_term_tells_its_meaning_with_the_keyboard_and_at_a_touch(
    browser: webdriver.Chrome,
) -> None:
    term = browser.find_element(By.CSS_SELECTOR, "#summary .term[href='#term-corrected-agreement']")
    tip = browser.find_element(By.ID, "tip")
    assert not tip.is_displayed()
    browser.execute_script("arguments[0].focus()", term)
    assert tip.is_displayed()
    assert tip.text.startswith("corrected agreement")
    assert "random axes" in tip.text
    browser.execute_script("arguments[0].blur()", term)
    assert not tip.is_displayed()
    browser.execute_script("arguments[0].click()", term)
    assert tip.is_displayed()
    browser.execute_script("arguments[0].blur()", term)


def test_a_filter_shows_the_rows_with_all_its_words(browser: webdriver.Chrome) -> None:
    browser.execute_script("document.querySelector('#bits details').open = true")
    field = browser.find_element(By.CSS_SELECTOR, "#bits .tools input")
    rows = browser.find_elements(By.CSS_SELECTOR, "#channels tbody tr")
    field.send_keys("size")
    shown = [row for row in rows if row.is_displayed()]
    assert 0 < len(shown) < len(rows)
    assert all("size" in row.text for row in shown)
    field.clear()
    field.send_keys(" ")
    assert all(row.is_displayed() for row in rows)


def test_the_table_of_trust_stands_beside_its_figure(browser: webdriver.Chrome) -> None:
    figure = browser.find_element(By.CSS_SELECTOR, "#trust .pair figure").rect
    table = browser.find_element(By.CSS_SELECTOR, "#trust .pair table").rect
    assert table["x"] > figure["x"] + figure["width"]
    assert table["y"] < figure["y"] + figure["height"]


def test_the_structure_grows_within_its_frame(browser: webdriver.Chrome) -> None:
    def width() -> float:
        return browser.find_element(By.CSS_SELECTOR, "#structure-nmi svg").rect["width"]

    before = width()
    larger, _, whole = browser.find_elements(By.CSS_SELECTOR, "#structure-nmi .tools button")
    browser.execute_script("arguments[0].click()", larger)
    assert width() == pytest.approx(2 * before, rel=0.02)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 1280
    browser.execute_script("arguments[0].click()", whole)
    assert width() == pytest.approx(before, rel=0.02)


@pytest.mark.parametrize("width", [360, 1280])
def test_the_page_is_no_wider_than_its_window(browser: webdriver.Chrome, width: int) -> None:
    metrics = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_a_printed_page_loses_no_column(browser: webdriver.Chrome) -> None:
    a4_landscape = {"width": 1032, "height": 700, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", a4_landscape)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    ends = browser.execute_script(
        "return [...document.querySelectorAll('table, svg, img')]"
        ".map(e => e.getBoundingClientRect().right)"
    )
    hidden = browser.execute_script(
        "return [...document.querySelectorAll('.scroll')]"
        ".filter(e => getComputedStyle(e).overflowX !== 'visible').length"
    )
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert len(ends) > 10
    assert max(ends) <= 1032
    assert hidden == 0


def test_in_the_dark_figures_are_drawn_in_light_ink(browser: webdriver.Chrome) -> None:
    def ink() -> tuple[str, str]:
        return tuple(
            browser.execute_script(
                "return [getComputedStyle(document.body).backgroundColor,"
                " getComputedStyle(document.querySelector('#bits svg text')).fill]"
            )
        )

    assert ink() == ("rgb(251, 252, 252)", "rgb(34, 48, 60)")
    scheme = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", scheme)
    assert ink() == ("rgb(18, 23, 28)", "rgb(223, 230, 236)")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})

"""What people see of the runs: the list by ensemble, and members side by side."""

import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from tests.tracking.members import make_ensemble, make_member
from toolkit.tracking import (
    Store,
    open_store,
    project_ensemble,
    project_member,
    run_list_link,
    select,
    sync,
    ui_address,
    ui_command,
    ui_environment,
)

pytestmark = pytest.mark.browser
PATIENCE = 90.0


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Two ensembles of four members."""
    root = tmp_path_factory.mktemp("project")
    runs = []
    for ensemble in ("sprites-beta", "sprites-small"):
        made = [
            make_member(root / "made", beta=beta, seed=seed, ensemble=ensemble)
            for beta in (1.0, 4.0)
            for seed in (0, 1)
        ]
        runs += [project_member(record, folder) for record, folder in made]
        runs.append(project_ensemble(make_ensemble([record for record, _ in made]), root))
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        opened = open_store(root)
    sync(opened, runs)
    return opened


@pytest.fixture(scope="module")
def port(store: Store) -> Iterator[int]:
    """A port on which MLflow's pages are served."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = int(free.getsockname()[1])
    log = store.root / "server.log"
    with log.open("w") as file:
        server = subprocess.Popen(
            ui_command(store, port=number),
            env=os.environ | ui_environment(store),
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_for(f"{ui_address(store, port=number)}/health", log)
        yield number
    finally:
        server.terminate()
        server.wait(timeout=60)


def _wait_for(address: str, log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.3)
    raise AssertionError(f"the server did not start: {log.read_text()}")


def text_of(browser: Chrome) -> str:
    return browser.find_element(By.TAG_NAME, "body").text


def wait_until_seen(browser: Chrome, *texts: str) -> str:
    """The page's text, once it holds all of `texts`."""
    waiting = WebDriverWait(browser, PATIENCE, ignored_exceptions=[StaleElementReferenceException])
    waiting.until(lambda chrome: all(text in text_of(chrome) for text in texts), str(texts))
    return text_of(browser)


def test_the_run_list_opens_grouped_by_ensemble(
    browser: Chrome, store: Store, port: int, screenshots: Path
) -> None:
    browser.get(run_list_link(store, "sprites", port=port))
    text = wait_until_seen(browser, "Group: sprites-beta", "Group: sprites-small", "Group by:")
    assert "Members by ensemble" in text
    assert "Model training" in text
    for seen in ("final/distortion", "final/rate", "hp/beta", "sprites-beta beta=4 seed=1"):
        assert seen in text
    assert "8 matching runs" in wait_until_seen(browser, "matching runs")
    browser.save_screenshot(screenshots / "mlflow-runs-by-ensemble.png")


def test_the_chart_view_draws_the_runs_of_a_query(
    browser: Chrome, store: Store, port: int, screenshots: Path
) -> None:
    query = "tags.kind = 'member' and tags.ensemble = 'sprites-beta'"
    link = run_list_link(store, "sprites", query=query, port=port)
    browser.get("about:blank")
    browser.get(f"{link}&compareRunsMode=CHART")
    text = wait_until_seen(browser, "final/distortion", "4 matching runs")
    assert "hp/beta" in text
    assert "sprites-small" not in text
    waiting = WebDriverWait(browser, PATIENCE)
    bars = waiting.until(lambda chrome: drawn(chrome, ".js-plotly-plot .bars .point"))
    assert len(bars) >= 4
    browser.save_screenshot(screenshots / "mlflow-charts.png")


def test_three_members_stand_side_by_side_with_charts_tables_and_pictures(
    browser: Chrome, store: Store, port: int, screenshots: Path
) -> None:
    runs = select(store, "tags.ensemble = 'sprites-beta'").runs[:3]
    browser.get("about:blank")
    number = store.client.get_experiment_by_name("sprites").experiment_id
    chosen = quote(json.dumps([run.run_id for run in runs]))
    browser.get(
        f"{ui_address(store, port=port)}/#/compare-runs?runs={chosen}"
        f"&experiments={quote(json.dumps([number]))}&workflowType=machine_learning"
    )
    text = wait_until_seen(browser, "Comparing 3 Runs", *(run.run.name for run in runs))
    for row in ("objective.beta", "final/distortion", "hp/beta"):
        assert row in text
    waiting = WebDriverWait(browser, PATIENCE)
    assert waiting.until(lambda chrome: drawn(chrome, ".js-plotly-plot svg"))
    browser.save_screenshot(screenshots / "mlflow-compare.png")

    def node(chrome: Chrome) -> WebElement | None:
        nodes = chrome.find_elements(By.CSS_SELECTOR, "[data-testid='artifact-tree-node']")
        named = [n for n in nodes if "traversals.png" in str(n.get_attribute("textContent"))]
        return named[0] if named else None

    chosen = waiting.until(node)
    browser.execute_script("arguments[0].scrollIntoView({block: 'start'})", chosen)
    browser.execute_script("arguments[0].click()", chosen)
    pictures = waiting.until(lambda chrome: three_pictures(chrome))
    assert len({picture.location["y"] for picture in pictures}) == 1
    browser.save_screenshot(screenshots / "mlflow-compare-pictures.png")


def drawn(browser: Chrome, selector: str) -> list[WebElement]:
    """What a plot holds, once it is on the page."""
    return browser.find_elements(By.CSS_SELECTOR, selector)


def three_pictures(browser: Chrome) -> list[WebElement]:
    """The pictures of the three runs, once all of them are loaded."""
    shown = [
        image
        for image in browser.find_elements(By.TAG_NAME, "img")
        if image.size["width"] and (image.get_attribute("src") or "").startswith("blob:")
    ]
    return shown if len(shown) == 3 else []

"""The Optuna dashboard on a study's journal: its front, its history and its table of trials."""

import re
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from tests.studies.examples import finish, front, settings
from toolkit.records import StudyRecord, read_study
from toolkit.studies.storage import dashboard_command

pytestmark = pytest.mark.browser

GIVEN = settings("qmc", trials=14)
PATIENCE = 60.0  # seconds for a server to start or a page to be drawn


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    return int(port)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> tuple[StudyRecord, Path]:
    folder = tmp_path_factory.mktemp("sweep")
    finish(folder, GIVEN)
    return read_study(folder / "study"), folder / "journal.log"


@pytest.fixture(scope="module")
def page(study: tuple[StudyRecord, Path]) -> Iterator[str]:
    """The study's address in a dashboard of its own."""
    port = free_port()
    server = subprocess.Popen(
        dashboard_command(study[1], port=port),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}/dashboard"
    try:
        wait_for(address, server)
        yield f"{address}/studies/0"
    finally:
        server.terminate()
        server.wait()


def wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if server.poll() is not None:
            raise RuntimeError(f"the dashboard ended with code {server.returncode}")
        try:
            urlopen(address).close()
        except URLError:
            time.sleep(0.2)
        else:
            return
    raise TimeoutError(f"no dashboard at {address} after {PATIENCE:.0f} s")


def points(browser: Chrome) -> list[WebElement]:
    return browser.find_elements(By.CSS_SELECTOR, "#graph-pareto-front .point")


def rows(browser: Chrome) -> list[list[str]]:
    """The cells of the table of trials, row by row."""
    return [
        [cell.text for cell in row.find_elements(By.TAG_NAME, "td")]
        for table in browser.find_elements(By.TAG_NAME, "table")
        for row in table.find_elements(By.CSS_SELECTOR, "tbody tr")
    ]


def test_the_study_page_draws_the_front_and_names_both_objectives(
    browser: Chrome, page: str, study: tuple[StudyRecord, Path], screenshots: Path
) -> None:
    browser.get(page)
    complete = sum(trial.complete for trial in study[0].trials)
    WebDriverWait(browser, PATIENCE).until(
        lambda chrome: len(points(chrome)) == complete, f"{complete} points were expected"
    )
    browser.save_screenshot(str(screenshots / "optuna-front.png"))
    text = browser.find_element(By.TAG_NAME, "body").text
    assert GIVEN.storage_name in text
    for words in ("Pareto Front", "History", "Timeline", "distortion", "corrected_agreement"):
        assert words in text
    best = front(study[0].trials, GIVEN.objectives)
    assert {int(number) for number in re.findall(r"Trial (\d+)\nObjective Values", text)} == best
    assert 1 < len(best) < complete < len(study[0].trials)


def test_the_table_of_trials_holds_the_record(
    browser: Chrome, page: str, study: tuple[StudyRecord, Path], screenshots: Path
) -> None:
    browser.get(f"{page}/smartSelection")
    WebDriverWait(browser, PATIENCE).until(lambda chrome: len(rows(chrome)) == GIVEN.trials)
    table = browser.find_element(By.TAG_NAME, "table")
    browser.execute_script("arguments[0].scrollIntoView()", table)
    browser.save_screenshot(str(screenshots / "optuna-trials.png"))
    for row, trial in zip(rows(browser), study[0].trials, strict=True):
        values = trial.values or {"distortion": "", "corrected_agreement": ""}
        assert row[:7] == [
            str(trial.number),
            "Complete" if trial.complete else "Fail",
            str(values["distortion"]),
            str(values["corrected_agreement"]),
            *(str(trial.parameters[name]) for name in sorted(trial.parameters)),
        ]

"""MNIST live, the fault clinic and the runs in a browser, driven by mouse and by keys."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from lab.browser.page import DESKTOP, PHONE, Page, Pages, serious, wait
from mitbadak.runs import Session, TrainConfig

pytestmark = pytest.mark.browser
VIEWS = ("mnist", "clinic", "runs")


def opened(pages: Pages, view: str, settings: str = "", size: Any = DESKTOP) -> Page:
    """A page of the lab with one of its views, once it can be used."""
    page = pages.open(size=size)
    page.goto(f"{page.url.partition('#')[0]}#/{view}{settings}")
    ready = {"mnist": ".mnist .unit", "clinic": ".clinic .cause", "runs": ".runs .caption"}
    page.locator(ready[view]).first.wait_for()
    return page


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def steps(page: Page) -> int:
    """The updates that the toolbar of MNIST live counts."""
    return int(page.locator(".count b").nth(1).text_content().replace(",", ""))


@pytest.fixture
def mnist(pages: Pages) -> Page:
    """MNIST live, ready, with a small training set."""
    return opened(pages, "mnist", "?examples=1000&speed=normal&hidden=12")


@pytest.fixture
def clinic(pages: Pages) -> Page:
    """The clinic, with a patient whose net is small."""
    return opened(pages, "clinic", "?case=8")


# ---- MNIST live


def test_digits_are_learned_and_paused_and_stepped(mnist: Page) -> None:
    press(mnist, "Train")
    wait(mnist, "document.querySelectorAll('.count b')[1].textContent !== '0'")
    press(mnist, "Pause")
    mnist.get_by_role("button", name="Train", exact=True).wait_for()
    mnist.wait_for_timeout(300)
    before = steps(mnist)
    press(mnist, "One update")
    wait(mnist, f"document.querySelectorAll('.count b')[1].textContent === '{before + 1}'")
    press(mnist, "Start anew")
    wait(mnist, "document.querySelectorAll('.count b')[1].textContent === '0'")


def test_settings_change_while_it_trains_and_come_back_with_the_address(mnist: Page) -> None:
    press(mnist, "Train")
    mnist.get_by_label("Optimizer").select_option("adam")
    hidden = mnist.get_by_role("spinbutton", name="Hidden units")
    hidden.fill("20")
    hidden.press("Enter")
    wait(mnist, "document.querySelectorAll('.mnist .unit').length === 20")
    wait(mnist, "location.hash.includes('adam') && location.hash.includes('hidden=20')")
    mnist.reload()
    wait(mnist, "document.querySelectorAll('.mnist .unit').length === 20")
    assert mnist.get_by_label("Optimizer").input_value() == "adam"


def test_units_and_cells_are_reached_by_arrow_keys(mnist: Page) -> None:
    first = mnist.get_by_role("button", name="Hidden unit 1", exact=True)
    first.focus()
    first.press("ArrowRight")
    focused = mnist.get_by_role("button", name="Hidden unit 2", exact=True)
    wait(mnist, "document.activeElement.getAttribute('aria-label') === 'Hidden unit 2'")
    focused.press("Enter")
    assert focused.get_attribute("aria-pressed") == "true"
    assert mnist.locator(".votes li").count() == 10
    cell = mnist.get_by_role("button", name=re.compile("^0 read as 0:"))
    cell.focus()
    cell.press("ArrowDown")
    mnist.keyboard.press("ArrowRight")
    mnist.keyboard.press("Enter")
    wait(mnist, "document.querySelector('.misread').closest('section').textContent"
                ".includes('1 read as 1')")  # fmt: skip


def test_the_doctor_speaks_while_it_trains(mnist: Page) -> None:
    mnist.get_by_label("Speed").select_option("full")
    press(mnist, "Train")
    wait(mnist, "document.querySelector('.doctor .finding, .doctor .healthy')")


# ---- the clinic


def test_a_cause_is_named_by_keys_and_the_score_survives_a_reload(clinic: Page) -> None:
    press(clinic, "To the end")
    clinic.locator(".clinic .toolbar button.primary[disabled]").wait_for()
    choice = clinic.get_by_label("Nothing: it is healthy")
    choice.focus()
    choice.press("Space")
    clinic.get_by_role("button", name="Say so").press("Enter")
    clinic.locator(".verdict.right").wait_for()
    clinic.locator(".doctor .healthy, .doctor .finding").first.wait_for()
    assert "2 points, 1 of" in clinic.locator(".score").text_content()
    assert serious(clinic) == []
    clinic.reload()
    clinic.locator(".clinic .cause").first.wait_for()
    assert "2 points, 1 of" in clinic.locator(".score").text_content()
    clinic.get_by_label("Dead ReLU units").check()  # another answer to the same patient
    press(clinic, "Say so")
    clinic.locator(".verdict:not(.right)").wait_for()
    assert "2 points, 1 of" in clinic.locator(".score").text_content()


def test_the_next_patient_is_another_one_and_nothing_is_given_away(clinic: Page) -> None:
    press(clinic, "Next patient")
    wait(clinic, "location.hash.includes('case=9')")
    assert clinic.locator(".verdict, .truth, .finding").count() == 0


def test_the_whole_training_of_a_patient_can_be_looked_back_at(clinic: Page) -> None:
    press(clinic, "To the end")
    clinic.locator(".clinic .toolbar button.primary[disabled]").wait_for()
    bar = clinic.get_by_label("Look back")
    bar.focus()
    bar.press("Home")
    wait(clinic, "document.querySelector('.caption').textContent.startsWith('Update 1:')")
    bar.press("End")
    wait(clinic, "document.querySelector('.caption').textContent.startsWith('Update 200:')")


# ---- the runs


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a lab that was started in a directory with runs."""
    folder = tmp_path_factory.mktemp("directory")
    for name, rate in (("good", 0.5), ("crawl", 1e-6)):
        Session.start(
            TrainConfig.for_data("spiral", epochs=3, lr=rate), folder / "runs" / name
        ).train()
    (folder / "runs" / "broken").mkdir()
    (folder / "runs" / "broken" / "config.json").write_text("{")
    command = [sys.executable, "-m", "mitbadak", "lab", "--no-browser", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=folder) as process:
        assert process.stdout is not None
        yield process.stdout.readline().split()[-1]
        process.send_signal(2)
        assert process.wait(30) == 0


@pytest.fixture
def runs(browser: Any, other: str) -> Iterator[Page]:
    """The runs of that directory."""
    pages = Pages(browser, other)
    yield opened(pages, "runs")
    pages.close()


def test_runs_are_sorted_compared_and_examined_by_keys(runs: Page) -> None:
    runs.locator("tbody tr").nth(2).wait_for()
    press(runs, "Name")
    names = runs.locator("tbody th")
    assert names.all_text_contents() == ["broken", "crawl", "good"]
    runs.get_by_role("button", name="Name", exact=True).press("Enter")
    wait(runs, "document.querySelector('tbody th').textContent === 'good'")
    assert runs.get_by_label("Compare broken").count() == 0  # it has nothing to compare
    for name in ("good", "crawl"):
        runs.get_by_label(f"Compare {name}").press("Space")
    runs.locator(".finding.fault").first.wait_for()
    assert "lr-too-small" in runs.locator(".doctors").text_content()
    assert serious(runs) == []
    wait(runs, "location.hash.includes('chosen=')")
    runs.reload()
    runs.locator(".finding.fault").first.wait_for()
    assert runs.get_by_label("Compare good").is_checked()


# ---- every view


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_no_serious_fault_of_accessibility(pages: Pages, view: str, lang: str) -> None:
    page = opened(pages, view)
    if lang == "ko":
        page.get_by_role("button", name="한국어").click()
        page.wait_for_timeout(300)
    for theme in ("light", "dark"):
        page.locator(".page-tools select").select_option(theme)
        page.wait_for_timeout(200)
        assert serious(page) == []


@pytest.mark.parametrize("view", VIEWS)
def test_a_phone_needs_no_scrolling_sideways(pages: Pages, view: str) -> None:
    page = opened(pages, view, size=PHONE)
    page.wait_for_timeout(300)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("view", VIEWS)
def test_the_language_changes_in_place(pages: Pages, view: str) -> None:
    page = opened(pages, view)
    page.get_by_role("button", name="한국어").click()
    wait(page, "/[가-힣]/.test(document.querySelector('.caption').textContent)")


def test_a_directory_without_runs_says_how_to_make_one(pages: Pages) -> None:
    page = opened(pages, "runs")
    wait(page, "/\\d+ runs|mitbadak train/.test(document.querySelector('.caption').textContent)")

"""Views as files: saved from the page, opened from the disk, played without a server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.browser.page import (
    DESKTOP,
    PATIENCE,
    PHONE,
    Page,
    Pages,
    epochs,
    serious,
    wait,
    wait_for_epoch,
)

pytestmark = pytest.mark.browser
VIEWS = ("descent", "mnist", "drawing", "graph", "runs")


@pytest.fixture
def from_disk(browser: Any) -> Iterator[Callable[..., Page]]:
    """Opens files without a network; none of them may ask for anything or have an error."""
    context = browser.new_context(offline=True, locale="en-US", reduced_motion="reduce")
    context.set_default_timeout(1000 * PATIENCE)
    problems = []

    def open_file(path: Path, size: dict[str, int] = DESKTOP) -> Page:
        page = context.new_page()
        page.set_viewport_size(size)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda m: m.type == "error" and problems.append(m.text))
        page.on("request", lambda r: r.url == path.as_uri() or problems.append(r.url))
        page.goto(path.as_uri())
        page.wait_for_selector(".lab .caption:not(:empty)")
        return page

    yield open_file
    context.close()
    assert not problems


def save(page: Page, folder: Path) -> Path:
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as a file").click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def test_a_run_of_the_playground_is_played(
    pages: Pages, from_disk: Callable[..., Page], tmp_path: Path
) -> None:
    page = pages.open()
    page.get_by_role("button", name="Run", exact=True).click()
    wait_for_epoch(page, 12)
    page.get_by_role("button", name="Pause", exact=True).click()
    page.get_by_role("button", name="Run", exact=True).wait_for()
    last = epochs(page)
    path = save(page, tmp_path)
    assert path.name == "mitbadak-playground.html"
    file = from_disk(path)
    assert epochs(file) == last
    bar = file.get_by_label("Moment", exact=True)
    bar.focus()
    file.keyboard.press("Home")
    assert epochs(file) == 0
    weights = file.locator("canvas").first.evaluate("c => c.toDataURL()")
    file.keyboard.press("ArrowRight")
    wait_for_epoch(file, 1)
    assert file.locator("canvas").first.evaluate("c => c.toDataURL()") != weights
    file.get_by_role("button", name="Play", exact=True).click()
    wait_for_epoch(file, 4)
    file.get_by_role("button", name="Pause", exact=True).click()
    stopped = epochs(file)
    assert 4 <= stopped <= last
    file.get_by_role("button", name="One moment back").click()
    wait(file, f"!document.querySelector('.caption').textContent.includes('Epoch {stopped:g}:')")
    assert file.evaluate("document.querySelector('.side.left').inert")
    file.get_by_text("The same experiment as Python").click()
    assert "mb.Sequential(" in (file.locator("details pre.code").text_content() or "")
    assert serious(file) == []
    file.get_by_role("button", name="한국어").click()
    file.get_by_role("button", name="재생", exact=True).wait_for()
    assert file.evaluate("document.documentElement.lang") == "ko"
    file.set_viewport_size(PHONE)
    wait(file, f"document.documentElement.scrollWidth <= {PHONE['width']}")
    assert serious(file) == []


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_that_lasts_opens_from_the_disk(
    view: str, pages: Pages, from_disk: Callable[..., Page], tmp_path: Path
) -> None:
    page = pages.open(f"/{view}", ready=f".lab.{view} .caption:not(:empty)")
    file = from_disk(save(page, tmp_path))
    file.locator(f".lab.{view}").wait_for()
    assert serious(file) == []
    file.set_viewport_size(PHONE)
    wait(file, f"document.documentElement.scrollWidth <= {PHONE['width']}")


def test_a_descent_runs_in_its_file(
    pages: Pages, from_disk: Callable[..., Page], tmp_path: Path
) -> None:
    file = from_disk(save(pages.open("/descent", ready=".lab.descent canvas"), tmp_path))
    bar = file.get_by_label("Step", exact=True)
    bar.focus()
    file.keyboard.press("Home")
    told = file.locator(".caption").text_content()
    file.get_by_role("button", name="One step").click()
    assert file.locator(".caption").text_content() != told
    assert file.locator(".ask").is_hidden()


def test_the_clinic_offers_no_file(pages: Pages) -> None:
    page = pages.open("/clinic", ready=".lab.clinic")
    assert page.get_by_role("button", name="Save as a file").count() == 0

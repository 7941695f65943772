"""Pages of the lab as a test sees them."""

from __future__ import annotations

import re
import time
from typing import Any
from urllib.parse import urlsplit

import pytest

Page = Any  # Playwright's, which is optional
PATIENCE = 30.0  # seconds until something has certainly gone wrong
DESKTOP, PHONE = {"width": 1360, "height": 860}, {"width": 375, "height": 812}


class Pages:
    """Opens pages, and collects their errors and requests.

    Args:
        browser: of Playwright.
        address: of the lab, with its token.
    """

    def __init__(self, browser: Any, address: str):
        self.address, self.problems, self.requests = address, list[str](), list[str]()
        self.context = browser.new_context(
            viewport=DESKTOP, locale="en-US", reduced_motion="reduce"
        )
        self.context.set_default_timeout(1000 * PATIENCE)

    def open(
        self, place: str = "", size: dict[str, int] = DESKTOP, ready: str = ".unit, .answer"
    ) -> Page:
        """A page of the lab, once it can be used: once ``ready``, a selector, is there; ``place``
        follows the # in place of the token."""
        page = self.context.new_page()
        page.set_viewport_size(size)
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", lambda m: m.type == "error" and self.problems.append(m.text))
        page.on("request", lambda request: self.requests.append(request.url))
        base, _, token = self.address.partition("#")
        page.goto(f"{base}#{place}&{token}" if place else self.address)
        page.wait_for_selector(ready)
        return page

    @property
    def hosts(self) -> set[str]:
        """The hosts that were asked for anything."""
        return {urlsplit(url).netloc for url in self.requests if not url.startswith("data:")}

    def close(self) -> None:
        """Close all; fails if a page had an error."""
        self.context.close()
        assert not self.problems


def serious(page: Page) -> list[tuple[str, str]]:
    """What axe finds that keeps somebody out: the rule, and where."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    return [
        (violation["id"], violation["nodes"][0]["html"][:200])
        for violation in axe.run(page).response["violations"]
        if violation["impact"] in ("serious", "critical")
    ]


def epochs(page: Page) -> float:
    """The epochs that the caption tells."""
    text = page.locator(".caption").text_content()
    found = re.search(r"([\d.]+)에폭|Epoch ([\d.]+)", text or "")
    assert found, text
    return float(found[1] or found[2])


def wait(page: Page, condition: str, arg: object = None) -> None:
    """Wait until a condition holds in the page. Playwright's own way needs eval, which the page's
    security policy forbids."""
    script = condition if "=>" in condition else f"() => {condition}"
    end = time.monotonic() + PATIENCE
    while not page.evaluate(script, arg):
        assert time.monotonic() < end, f"it never came to {condition}"
        page.wait_for_timeout(30)


def wait_for_epoch(page: Page, least: float) -> None:
    """Wait until the caption tells of an epoch."""
    wait(
        page,
        """least => { const m = /([\\d.]+)에폭|Epoch ([\\d.]+)/.exec(
             document.querySelector('.caption').textContent);
           return !!m && Number(m[1] ?? m[2]) >= least }""",
        least,
    )


def look_at(page: Page, share: float) -> None:
    """Move the scrub bar to a share of the run."""
    page.get_by_label(re.compile("Look back|되돌아보기")).evaluate(
        """(bar, share) => { bar.value = Math.round(bar.max * share);
           bar.dispatchEvent(new Event('input', { bubbles: true })) }""",
        share,
    )

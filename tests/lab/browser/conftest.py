"""A lab and a browser for the tests that drive its page: Debian's Chromium by Playwright."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from lab.browser.page import Page, Pages

NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """The address that ``mitbadak lab`` prints."""
    pytest.importorskip("starlette")
    command = [sys.executable, "-m", "mitbadak", "lab", "--no-browser", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.fullmatch(r"lab: (http://127\.0\.0\.1:\d+/#token=[\w-]+)\n", line)
        assert found, line
        yield found[1]
        process.send_signal(2)
        assert process.wait(30) == 0


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """The system's browser; with ``--lab`` a missing one fails."""
    playwright = pytest.importorskip("playwright.sync_api")
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip("there is no Chromium: apt-get install chromium")
    arguments = ["--no-sandbox"] if os.name == "posix" and os.geteuid() == 0 else []
    with playwright.sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=program, args=arguments)
        yield chromium
        chromium.close()


@pytest.fixture
def pages(browser: Any, address: str) -> Iterator[Pages]:
    """Opens pages of a fresh profile; at the end none of them may have complained."""
    opened = Pages(browser, address)
    yield opened
    opened.close()


@pytest.fixture
def page(pages: Pages) -> Page:
    """The Playground, ready."""
    return pages.open()

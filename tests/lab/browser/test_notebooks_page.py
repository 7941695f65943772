"""The widgets where notebooks show them: JupyterLab and marimo, in a browser."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.browser.page import PATIENCE, Page

pytestmark = pytest.mark.browser
CELL = "from mitbadak.lab import {name}\n\n{name}({settings})"
MARIMO = """\
import marimo

app = marimo.App()


@app.cell
def _():
    from mitbadak.lab import {name}

    {name}({settings})
    return


if __name__ == "__main__":
    app.run()
"""
LONG = 4 * PATIENCE  # servers of notebooks take their time


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextlib.contextmanager
def serving(port: int, *command: str, folder: Path) -> Iterator[str]:
    """A server of notebooks on this machine, until the end of the block."""
    home = {"HOME": str(folder), "JUPYTER_CONFIG_DIR": str(folder / "config")}
    log = folder / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", *command], cwd=folder, env={**os.environ, **home},
            stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    try:
        end = time.monotonic() + LONG
        while not answers(port):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(PATIENCE)


def answers(port: int) -> bool:
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as to:
        try:
            to.request("GET", "/")
            return to.getresponse().status < 400
        except OSError:
            return False


@pytest.fixture
def opened(browser: Any) -> Iterator[Any]:
    """A page of a fresh profile, whose errors are collected."""
    context = browser.new_context(viewport={"width": 1500, "height": 1300}, locale="en-US")
    context.set_default_timeout(1000 * LONG)
    page, problems = context.new_page(), []
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page
    context.close()
    assert not problems


def trains(page: Page) -> None:
    """The Playground is there, trains, and shows it."""
    page.locator(".lab.playground .unit").first.wait_for()
    assert (
        page.locator(".lab.playground")
        .evaluate("el => getComputedStyle(el).getPropertyValue('--accent').trim()")
        .startswith("#")
    )  # its style sheet is there too
    page.get_by_role("button", name="Run", exact=True).last.click()
    page.locator(".caption", has_text=re.compile("Epoch [3-9]|Epoch [1-9][0-9]")).wait_for()
    page.get_by_role("button", name="Pause", exact=True).click()


def test_a_view_works_in_jupyterlab(opened: Page, tmp_path: Path) -> None:
    pytest.importorskip("jupyterlab")
    cell = CELL.format(name="Playground", settings='data="xor", lang="en"')
    notebook = {
        "cells": [{"cell_type": "code", "source": cell, "metadata": {}, "outputs": [], "id": "a",
                   "execution_count": None}],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        "nbformat": 4, "nbformat_minor": 5,
    }  # fmt: skip
    (tmp_path / "a.ipynb").write_text(json.dumps(notebook))
    port = free_port()
    command = ["jupyterlab", "--no-browser", "--ServerApp.ip=127.0.0.1", f"--port={port}",
               "--IdentityProvider.token=", "--allow-root"]  # fmt: skip
    with serving(port, *command, folder=tmp_path) as address:
        opened.goto(f"{address}/lab/tree/a.ipynb?reset")
        opened.locator(".jp-CodeCell .cm-content").first.click()
        opened.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()
        opened.keyboard.press("Shift+Enter")
        trains(opened)


def test_a_view_works_in_marimo(opened: Page, tmp_path: Path) -> None:
    pytest.importorskip("marimo")
    (tmp_path / "a.py").write_text(
        MARIMO.format(name="Playground", settings='data="xor", lang="en"')
    )
    port = free_port()
    command = ["marimo", "run", "a.py", "--headless", "--no-token", "--host", "127.0.0.1",
               "--port", str(port)]  # fmt: skip
    with serving(port, *command, folder=tmp_path) as address:
        opened.goto(address)
        trains(opened)

"""The lab as its user feels it: the start, frames, training beside a page, strokes, a spiral.

``python benchmarks/lab.py [rounds]`` needs ``pip install -e ".[browser]"``, Chromium and Node.js.
Whatever is compared is measured by turns in one run: training that a page in the browser watches
beside the same training that nobody watches; and the Playground's spiral beside a net of objects
that is trained as TensorFlow Playground trains it (``playground_way.js``).
"""

# pyright: reportMissingImports=false
from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
WATCHED, BREATH = 4.0, 0.5  # seconds
FRAMES = 60.0  # a second, which TensorFlow Playground never exceeds: an epoch each
PATIENCE = 60.0


@contextlib.contextmanager
def lab() -> Iterator[str]:
    """A lab in a process of its own; its address."""
    command = [sys.executable, "-m", "mitbadak", "lab", "--no-browser", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().split(" ", 1)[1].strip()
        process.send_signal(signal.SIGINT)


@contextlib.contextmanager
def chromium() -> Iterator[Any]:
    """The system's browser."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path=program, args=["--no-sandbox"] if os.geteuid() == 0 else []
        )
        yield browser
        browser.close()


def started(browser: Any) -> float:
    """Seconds from the command until the Playground can be used, in a browser that runs."""
    page = browser.new_page()
    began = time.perf_counter()
    with lab() as address:
        page.goto(address)
        page.get_by_role("button", name="Run", exact=True).wait_for()
        page.wait_for_selector(".unit")
        took = time.perf_counter() - began
        page.close()
    return took


def watched(page: Any) -> tuple[float, float]:
    """Epochs and frames a second while the page watches the Playground at full speed."""
    page.get_by_role("button", name="Run", exact=True).click()
    page.wait_for_timeout(1000 * BREATH)
    now = "[Number(document.querySelector('.count b').textContent.replaceAll(',', '')), seen]"
    (first, frames), began = page.evaluate(now), time.perf_counter()
    page.wait_for_timeout(1000 * WATCHED)
    (last, more), took = page.evaluate(now), time.perf_counter() - began
    page.get_by_role("button", name="Pause", exact=True).click()
    page.get_by_role("button", name="Back to the start").click()
    return (last - first) / took, (more - frames) / took


def unwatched() -> float:
    """Epochs a second of the same training that nobody looks at."""
    view = playground(speed="full")
    view.receive({"type": "play"})
    time.sleep(BREATH)
    first, began = epochs(view), time.perf_counter()
    time.sleep(WATCHED)
    speed = (epochs(view) - first) / (time.perf_counter() - began)
    view.close()
    return speed


def playground(**settings: Any) -> Any:
    """The Playground's session, ready, without a page."""
    from mitbadak.lab.playground.session import PlaygroundView

    view = PlaygroundView()
    view.receive({"type": "set", "settings": settings})
    view.receive({"type": "hello"})
    until(lambda: view.run is not None and view.run.recording.moments)
    return view


def epochs(view: Any) -> float:
    return view.run.recording.rows[-1][0]


def until(condition: Callable[[], Any]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.002)


def strokes(page: Any) -> list[float]:
    """Milliseconds from a point of a stroke until the answer is on the page."""
    trained = "!document.querySelector('progress')?.offsetParent"
    until(lambda: page.evaluate(trained))  # the page's policy forbids wait_for_function's eval
    page.evaluate(
        """() => { window.began = 0; window.found = [];
          window.addEventListener('pointermove', () => { began = performance.now() }, true);
          new MutationObserver(() => {
            if (began) found.push(performance.now() - began);
            began = 0;
          }).observe(document.querySelector('.lab.drawing'),
            { childList: true, subtree: true, characterData: true, attributes: true });
        }"""
    )
    box = page.locator(".lab.drawing canvas").first.bounding_box()
    at = [(box["x"] + box["width"] * (0.3 + 0.005 * k), box["y"] + box["height"] * (0.2 + k / 100))
          for k in range(60)]  # fmt: skip
    page.mouse.move(*at[0])
    page.mouse.down()
    for place in at:
        page.mouse.move(*place)
        page.wait_for_timeout(80)
    page.mouse.up()
    return page.evaluate("found")


def spiral(seed: int) -> tuple[float, float, float]:
    """Seconds and epochs until the spiral preset has all training points right; epochs a second."""
    view = playground(speed="full", weight_seed=seed)
    began = time.perf_counter()
    view.receive({"type": "play"})
    until(lambda: any(row[4] == 1 for row in list(view.run.recording.rows)))
    took = time.perf_counter() - began
    first = next(row[0] for row in view.run.recording.rows if row[4] == 1)
    speed = epochs(view) / (time.perf_counter() - began)
    view.close()
    return took, first, speed


def spiral_in_objects(seed: int, folder: Path) -> dict[str, float]:
    """The same points and layers, in JavaScript, by SGD at TensorFlow Playground's rate of 0.03."""
    view = playground()
    train = view.run.sets.dataset(["x1", "x2"], test=False)
    x, t = train.x.tolist(), [1 if k else -1 for k in train.t.tolist()]
    view.close()
    settings = {"x": x, "t": t, "lr": 0.03, "batch": 10, "layers": [8, 8], "seed": seed + 1,
                "seconds": PATIENCE}  # fmt: skip
    file = folder / "spiral.json"
    file.write_text(json.dumps(settings))
    command = ["node", str(HERE / "playground_way.js"), str(file)]
    return json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)


def told(name: str, values: list[float], unit: str, digits: int = 2) -> None:
    shown = ", ".join(f"{value:.{digits}f}" for value in values)
    print(f"{name}: median {statistics.median(values):.{digits}f} {unit} ({shown})", flush=True)


def main(rounds: int = 5) -> None:
    with chromium() as browser:
        told("from the command to a usable page", [started(browser) for _ in range(rounds)], "s")
        with lab() as address:
            page = browser.new_page()
            page.goto(address)
            page.wait_for_selector(".unit")
            page.get_by_label("Speed").select_option("full")
            page.evaluate(
                """() => { window.seen = 0; new MutationObserver(() => seen++).observe(
                   document.querySelector('.caption'), { childList: true }) }"""
            )
            shares, frames = [], []
            for _ in range(rounds):
                alone = unwatched()
                speed, rate = watched(page)
                shares.append(speed / alone)
                frames.append(rate)
            told("training beside a page, of the speed that it has alone", shares, "times")
            told("frames that the page shows meanwhile", frames, "a second", 1)
            page.get_by_role("link", name="Drawing pad").click()
            page.wait_for_selector(".lab.drawing canvas")
            found = sorted(strokes(page))
            told("from a stroke to its answer", found[:: len(found) // 5], "ms", 1)
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = [], []
        for seed in range(rounds):
            ours.append(spiral(seed))
            theirs.append(spiral_in_objects(seed, Path(folder)))
    told("the spiral preset, until all is right", [took for took, _, _ in ours], "s")
    told("  epochs that it takes", [count for _, count, _ in ours], "", 0)
    told("  epochs a second", [speed for _, _, speed in ours], "", 0)
    told("in objects, until all is right", [one["seconds"] for one in theirs], "s")
    told("  epochs that it takes", [one["epochs"] for one in theirs], "", 0)
    told("  epochs a second", [one["epochs"] / one["seconds"] for one in theirs], "", 0)
    told("  share that is right at the end", [one["right"] for one in theirs], "", 3)
    paced = [max(one["seconds"], one["epochs"] / FRAMES) for one in theirs]
    told("  at an epoch per frame, as it is shown", paced, "s", 1)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

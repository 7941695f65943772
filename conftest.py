"""Options and collection for all tests."""

from __future__ import annotations

import inspect
import os
import re
from collections import Counter
from importlib.util import find_spec
from typing import Any

import pytest

ENGINES = ("auto", "numpy", "compiled")
PEERS = ("jax", "mpi4py", "onnxruntime", "psycopg", "sklearn", "torch")
ASKS_FOR_A_PEER = re.compile(rf'importorskip\(\s*"({"|".join(PEERS)})\b')

# Rooms whose tests take long, and whose results depend little on versions: rules over recorded
# trainings, slopes of functions, and kernels, which the sanitizers also run.
ONCE = ("tests/doctor/", "tests/gradcheck/", "tests/native/")
# Doctests of modules that need an optional library are collected where it is installed.
OPTIONAL = {
    "sklearn": ["src/mitbadak/interop/*.py"],
    "starlette": ["src/mitbadak/lab/server.py"],
    "anywidget": ["src/mitbadak/lab/notebook.py"],
}
collect_ignore_glob = [glob for name in OPTIONAL if not find_spec(name) for glob in OPTIONAL[name]]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--engine",
        choices=ENGINES,
        default="auto",
        help="kernels if this installation has them; none, as in a pure installation; or kernels, "
        "without which the tests do not start",
    )
    parser.addoption(
        "--seed",
        type=int,
        help="draw other random numbers than those that every run without it has",
    )
    parser.addoption(
        "--few-examples",
        action="store_true",
        help="draw fewer examples of properties, as on further versions of Python and NumPy",
    )
    parser.addoption(
        "--lab",
        action="store_true",
        help="the tests that drive the lab in a browser too; with it no test may be skipped",
    )
    parser.addoption(
        "--peers",
        action="store_true",
        help=f"only the comparisons with {', '.join(PEERS)}; one that is skipped fails, and so "
        "does a library that no comparison used",
    )


def pytest_sessionstart(session: pytest.Session) -> None:
    from mitbadak.native import library  # after the type checks

    if session.config.getoption("--engine") == "compiled" and library.why_not():
        raise pytest.UsageError(f"--engine compiled: {library.why_not()}")


def peers_of(item: pytest.Item) -> list[str]:
    """The libraries that a test asks for by ``importorskip``, itself or at the top of its file."""
    if not isinstance(item, pytest.Function) or item.module is None:
        return []
    lines = inspect.getsource(item.module).splitlines()
    top = "\n".join(line for line in lines if not line.startswith((" ", "\t")))
    return sorted(set(ASKS_FOR_A_PEER.findall(top + inspect.getsource(item.function))))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--lab"):
        driven = [item for item in items if item.get_closest_marker("browser")]
        config.hook.pytest_deselected(items=driven)
        items[:] = [item for item in items if item not in driven]
    others = []
    for item in items:
        if item.nodeid.startswith(ONCE):
            item.add_marker(pytest.mark.once)
        names = peers_of(item)
        if names:
            item.add_marker(pytest.mark.peers)
            item.user_properties += [("peer", name) for name in names]
        else:
            others.append(item)
    if config.getoption("--peers"):
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if item.get_closest_marker("peers")]


def complete_under(config: pytest.Config) -> str:
    """The option under which all that a test could ask for should be installed, or ""."""
    return next((flag for flag in ("--peers", "--lab") if config.getoption(flag)), "")


def fail_if_skipped(report: Any, flag: str) -> None:
    """Where the libraries should be installed, a comparison that is skipped is a failure."""
    if report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid} was skipped under {flag}: {report.longrepr}"


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Any:
    report = yield
    flag = complete_under(collector.config)
    if flag and (flag != "--peers" or asks_for_a_peer(collector)):
        fail_if_skipped(report, flag)
    return report


def asks_for_a_peer(collector: pytest.Collector) -> bool:
    """Whether a file compares with another library; the lab's tests need libraries of their own."""
    path = collector.path
    return path.is_file() and bool(ASKS_FOR_A_PEER.search(path.read_text(encoding="utf-8")))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    report = yield
    if flag := complete_under(item.config):
        fail_if_skipped(report, flag)
    return report


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--engine") == "numpy":
        os.environ["MITBADAK_NATIVE"] = "0"  # also for the processes that tests start
    if config.getoption("--peers"):
        config.pluginmanager.register(EveryPeer())


class EveryPeer:
    """Counts the comparisons with each library, and fails where there was none."""

    def __init__(self) -> None:
        self.passed = Counter[str]()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and report.passed:
            self.passed.update(str(name) for key, name in report.user_properties if key == "peer")

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if not hasattr(session.config, "workerinput") and not all(self.passed[p] for p in PEERS):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        counts = ", ".join(f"{name} {self.passed[name]}" for name in PEERS)
        terminalreporter.write_line(f"comparisons that passed: {counts}")

"""Options and collection for all tests."""

from __future__ import annotations

import importlib.util
import inspect
import re
from collections import Counter
from typing import Any

import pytest

# Doctests of the compiled engine are collected only where Numba is installed.
collect_ignore_glob = [] if importlib.util.find_spec("numba") else ["src/mitbadak/compiled/*"]

WORTH = {"auto": None, "numpy": float("inf"), "compiled": 0.0}
PEERS = ("jax", "sklearn", "torch")
ASKS_FOR_A_PEER = re.compile(rf'importorskip\(\s*"({"|".join(PEERS)})\b')


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--engine",
        choices=sorted(WORTH),
        default="auto",
        help="what engine='auto' takes: what users get, NumPy, or kernels for runs however short",
    )
    parser.addoption(
        "--peers",
        action="store_true",
        help=f"only the comparisons with {', '.join(PEERS)}; one that is skipped fails, and so "
        "does a library that no comparison used",
    )


@pytest.fixture(autouse=True)
def _engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    worth = WORTH[request.config.getoption("--engine")]
    if worth is not None:
        monkeypatch.setattr("mitbadak.core.engines.WORTH_SECONDS", worth)


def peers_of(item: pytest.Item) -> list[str]:
    """The libraries that a test asks for by ``importorskip``, itself or at the top of its file."""
    if not isinstance(item, pytest.Function) or item.module is None:
        return []
    lines = inspect.getsource(item.module).splitlines()
    top = "\n".join(line for line in lines if not line.startswith((" ", "\t")))
    return sorted(set(ASKS_FOR_A_PEER.findall(top + inspect.getsource(item.function))))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    others = []
    for item in items:
        names = peers_of(item)
        if names:
            item.add_marker(pytest.mark.peers)
            item.user_properties += [("peer", name) for name in names]
        else:
            others.append(item)
    if config.getoption("--peers"):
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if item.get_closest_marker("peers")]


def fail_if_skipped(report: Any) -> None:
    """Where the libraries should be installed, a comparison that is skipped is a failure."""
    if report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid} was skipped under --peers: {report.longrepr}"


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Any:
    report = yield
    if collector.config.getoption("--peers"):
        fail_if_skipped(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    report = yield
    if item.config.getoption("--peers"):
        fail_if_skipped(report)
    return report


def pytest_configure(config: pytest.Config) -> None:
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

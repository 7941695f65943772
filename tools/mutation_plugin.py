"""Part of mutate.py inside pytest: records which test runs which lines, or runs chosen tests."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(os.environ.get("MUTATE_FOLDER", "."))  # where to write the observations
SELECTED = os.environ.get("MUTATE_SELECTED", "")  # a file with the tests to run, in their order


def pytest_configure(config: pytest.Config) -> None:
    if SELECTED:
        config.pluginmanager.register(Chosen())
    else:
        config.pluginmanager.register(Lines())
        config.pluginmanager.register(Outcomes())


class Chosen:
    """Runs only the selected tests, in order, and records which one is running or has failed."""

    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        wanted = {name: k for k, name in enumerate(json.loads(Path(SELECTED).read_text("utf-8")))}
        out = [item for item in items if item.nodeid not in wanted]
        config.hook.pytest_deselected(items=out)
        items[:] = sorted((i for i in items if i.nodeid in wanted), key=lambda i: wanted[i.nodeid])

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        (FOLDER / "running").write_text(nodeid, "utf-8")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            (FOLDER / "noticed").write_text(report.nodeid, "utf-8")

    def pytest_runtest_logfinish(self) -> None:
        (FOLDER / "running").write_text("", "utf-8")


class Outcomes:
    """Records how long each test took, and which tests failed."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.not_passed: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0.0) + report.duration
        if not report.passed:
            self.not_passed.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        passed = {name: s for name, s in self.seconds.items() if name not in self.not_passed}
        (FOLDER / f"seconds-{os.environ['MUTATE_PART']}.json").write_text(
            json.dumps(passed), "utf-8"
        )


class Lines:
    """Records the lines that each test runs, in this process and in those that it starts.

    What runs while a file is collected, or in a fixture that several tests share, is recorded
    for the file as a whole.
    """

    def __init__(self) -> None:
        import coverage

        settings = FOLDER / "coverage.ini"
        self.coverage = coverage.Coverage(config_file=str(settings), data_suffix=True)
        self.coverage.start()
        os.environ["COVERAGE_PROCESS_START"] = str(settings)

    @contextmanager
    def recorded_for(self, name: str, then: str = "") -> Iterator[None]:
        self.coverage.switch_context(name)
        os.environ["MUTATE_TEST"] = name
        yield
        self.coverage.switch_context(then)
        os.environ["MUTATE_TEST"] = then

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self, collector: pytest.Collector) -> Any:
        with self.recorded_for(collector.nodeid.split("::")[0]):
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        with self.recorded_for(item.nodeid):
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any, request: Any) -> Any:
        if fixturedef.scope == "function":
            return (yield)
        nodeid = request.node.nodeid.split("::")[0]
        with self.recorded_for(nodeid, then=os.environ["MUTATE_TEST"]):
            return (yield)

    def pytest_unconfigure(self) -> None:
        self.coverage.stop()
        self.coverage.save()

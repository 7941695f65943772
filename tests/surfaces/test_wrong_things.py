"""Whatever a public function is handed, it answers or refuses in words of our own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import mitbadak as mb
from surfaces import wrong_things


def found(*arguments: str) -> dict[str, list]:
    done = subprocess.run(
        [sys.executable, "-m", "surfaces.wrong_things", *arguments],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1],
    )  # fmt: skip
    return json.loads(done.stdout)


def test_few_wrong_things() -> None:
    assert found("--few")["found"] == []


@pytest.mark.once
def test_all_wrong_things() -> None:
    assert found()["found"] == []


def test_every_public_name_that_takes_arguments_is_tried(tmp_path: Path) -> None:
    without_arguments = {
        "Callback",
        "StopOnNonFinite",
        "Schedule",
        "Flatten",
        "Chain",
        "Sequential",
    }
    made_by_us = {"GradientReport", "Source"}
    tried = wrong_things.calls(str(tmp_path)).keys() | without_arguments | made_by_us
    for name in mb.__all__:  # pyright: ignore[reportAttributeAccessIssue]
        value = getattr(mb, name)
        is_error = isinstance(value, type) and issubclass(value, BaseException)
        plain = isinstance(value, type) and not getattr(value, "_field_names", True)
        assert name in tried or is_error or plain or not callable(value), name

"""``mitbadak gradcheck``, on a run's net and on a user's functions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from command_line import Capture, printed, refused
from mitbadak.cli.app import main

FUNCTIONS = """
import numpy as np

def bowl(x):
    return np.sum(x * x)

def loud(x):
    raise ValueError("no")

def plain(x):
    return 3.0
"""


@pytest.fixture(autouse=True)
def _in_a_folder_with_functions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my_functions_to_check.py").write_text(FUNCTIONS)


def test_a_run_is_checked_on_its_training_data(capfd: Capture) -> None:
    printed(capfd, "train", "spiral", "--epochs", "1", "--out", "run")
    message = printed(capfd, "gradcheck", "run", "--examples", "10")
    assert message.startswith("The gradient is right where it was tested.\n  W1 (2, 10): right;")
    report = json.loads(printed(capfd, "gradcheck", "run", "--json", "--mode", "directions"))
    assert (report["ok"], report["mode"]) == (True, "directions")
    assert [f["name"] for f in report["findings"]] == ["W1", "b1", "W2", "b2"]


def test_a_function_is_checked_at_a_point(capfd: Capture) -> None:
    message = printed(capfd, "gradcheck", "my_functions_to_check:bowl", "--at=3,-4")
    assert message.startswith("The gradient is right where it was tested.")


def test_a_wrong_gradient_exits_with_1(monkeypatch, capfd: Capture) -> None:
    printed(capfd, "train", "spiral", "--epochs", "1", "--out", "run")
    monkeypatch.setattr(
        "mitbadak.nn.network.Sequential.gradient",
        lambda self, x, t: {k: -g for k, g in self.loss_and_gradient(x, t)[1].items()},
    )
    assert main(["gradcheck", "run"]) == 1
    message = capfd.readouterr().out
    assert message.startswith("The gradient is wrong in W1, b1, W2, b2.")
    assert "likely cause: sign" in message


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("nowhere",), "nowhere"),
        (("my_functions_to_check:bowl",), "needs a point, such as --at=-3,4"),
        (("my_functions_to_check:bow", "--at=1"), "did you mean 'bowl'"),
        (("my_functions_to_check:loud", "--at=1"), "failed: ValueError: no"),
        (("my_functions_to_check:plain", "--at=1"), "f returned a plain number for variables"),
        (("my_functions_to_check:bowl", "--at=1", "--mode", "fast"), "unknown mode 'fast'"),
    ],
)
def test_bad_input_is_refused_in_one_line(args, message, capfd: Capture) -> None:
    assert message in refused(capfd, "gradcheck", *args)

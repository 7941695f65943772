"""Warnings point at the line of the user, from every depth of the package."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

CALLS = {
    "a loss": "mb.MLP([2, 3], rng=0).loss(np.ones((1, 2)), np.full((1, 3), 0.5))",
    "a derivative": "mb.numerical_diff(np.tanh, np.float32(1))",
    "a gradient": "mb.numerical_gradient(lambda x: float((x**2).sum()), np.ones(2, np.float32))",
    "a callback": "mb.EarlyStopping(monitor='test_loss')",
    "a training": "mb.fit(mb.MLP([784, 2], rng=0), (np.full((4, 784), 200), "
    "np.array([0, 1, 0, 1])), batch_size=2, epochs=1, callbacks=[])",
    "a picture": "digits_in(paper)",
    "an earlier name": "mb.MLP([2, 2], rng=0).modal",
    "a class": "type('Old', (Optimizer,), {'step': lambda self, key, gradient: gradient})",
}  # fmt: skip
BEFORE = """
import warnings
import numpy as np
import mitbadak as mb
from mitbadak.data.images import digits_in
from mitbadak.optim import Optimizer
warnings.simplefilter("always")
paper = np.full((200, 300), 240.0)
paper[40:160, 60:72] = 20
paper[:, 270:] = 60
"""


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_warnings_point_at_the_line_of_the_user(call: str, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(f"{BEFORE}{call}\n")
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    line = len(BEFORE.splitlines()) + 1
    assert re.search(rf"^{re.escape(str(script))}:{line}: \w*Warning: ", done.stderr, re.M)


def test_no_module_counts_its_own_frames() -> None:
    package = Path(__file__).parents[2] / "src" / "mitbadak"
    counting = {
        str(path.relative_to(package))
        for path in package.rglob("*.py")
        if re.search(r"\bstacklevel=", path.read_text(encoding="utf-8"))
    }
    assert counting == {"core/warned.py", "core/moved.py"}  # the second is there before any import

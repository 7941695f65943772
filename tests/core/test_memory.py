"""Work that does not fit into memory is refused before allocating, with one clear sentence."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import mitbadak as mb
from command_line import Capture, refused
from mitbadak import nn, plots
from mitbadak.core import memory
from mitbadak.core.errors import RangeError, ShapeError
from mitbadak.functions.labels import one_hot
from mitbadak.runs.quality import confusion_matrix

HUGE = 10**12
POINTS = np.zeros((4, 2)), np.array([0, 1, 0, 1])


def of_two_inputs() -> mb.MLP:
    return mb.MLP([2, 3, 2], rng=0)


ASKING: dict[str, Callable[[], object]] = {
    "MLP": lambda: mb.MLP([784, HUGE, 10]),
    "MLP, of more digits than Python prints": lambda: mb.MLP([784, 10**5000, 10]),
    "TwoLayerNet": lambda: mb.TwoLayerNet(784, HUGE, 10),
    "Affine": lambda: nn.Affine(HUGE, HUGE),
    "BatchNorm": lambda: nn.BatchNorm(HUGE),
    "LayerNorm": lambda: nn.LayerNorm(HUGE),
    "one_hot": lambda: one_hot([0, 1], HUGE),
    "confusion_matrix": lambda: confusion_matrix([0, 1], [0, 1], HUGE),
    "load_moons": lambda: mb.load_moons(HUGE),
    "gradient_descent": lambda: mb.gradient_descent(np.sum, np.ones(2), step_num=HUGE),
    "decision_boundary": lambda: plots.decision_boundary(
        of_two_inputs(), mb.Dataset(*POINTS), plots.new_figure().subplots(), points=10**8
    ),
}


@pytest.mark.parametrize("name", ASKING)
def test_a_call_that_needs_too_much_memory_is_refused(name: str) -> None:
    with pytest.raises(RangeError, match=r"needs .* of memory; .* free here\. \w+"):
        ASKING[name]()


def test_a_training_step_is_checked_before_it_allocates(monkeypatch: pytest.MonkeyPatch) -> None:
    net = mb.MLP([2, 3000, 3000, 2], rng=0)  # 36 MB
    monkeypatch.setattr(memory, "free_bytes", lambda: 1 << 25)
    with pytest.raises(RangeError, match=r"fit: a step of MLP.* needs 34\.\d MiB of memory; 32"):
        mb.fit(net, POINTS, batch_size=2, epochs=1, engine="numpy", callbacks=[])


def test_a_call_that_fits_into_memory_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "free_bytes", lambda: 1 << 26)
    memory.check_memory("a net", 1 << 26, "")
    with pytest.raises(RangeError, match=r"a net needs 64\.0 MiB of memory; 64\.0 MiB are free"):
        memory.check_memory("a net", (1 << 26) + 1, "")


def test_free_memory_is_that_of_the_tightest_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_of_the_machine", lambda: 1000)
    monkeypatch.setattr(memory, "_of_control_groups", lambda: 300)
    monkeypatch.setattr(memory, "_of_the_limits", lambda: None)
    assert memory.free_bytes() == 300
    monkeypatch.setattr(memory, "_of_control_groups", lambda: 1 // 0)
    monkeypatch.setattr(memory, "_of_the_limits", lambda: -5)
    with pytest.raises(ZeroDivisionError):
        memory.free_bytes()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems: no /proc/meminfo")
def test_the_free_memory_of_a_linux_machine_is_what_its_kernel_calls_available() -> None:
    sizes = dict(re.findall(r"(\w+): +(\d+) kB", Path("/proc/meminfo").read_text("ascii")))
    available = (int(sizes["MemAvailable"]) + int(sizes.get("SwapFree", 0))) * 1024
    measured = memory._of_the_machine()  # a moment later
    assert measured == pytest.approx(available, rel=0.3)


@pytest.mark.parametrize("layers", [600, 50_000])
def test_a_net_of_too_many_layers_is_refused(layers: int) -> None:
    with pytest.raises(RangeError, match=r"MLP.* asks for .* affine layers; at most 511"):
        mb.MLP([2] * layers)
    with pytest.raises(RangeError, match=r"layers; at most 1,024 are possible"):
        mb.Sequential(*[nn.Sigmoid() for _ in range(max(layers, 1025))])
    with pytest.raises(ShapeError, match="at least two"):
        mb.MLP([2])


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (["--hidden", "100000,100000"], "MLP.* needs 111.8 GiB of memory; .* smaller widths"),
        (["--hidden", "1" + "0" * 20], "MLP.* needs more than 1,000 EiB of memory"),
        (["--hidden", "9" * 5000], "--hidden expects whole numbers"),
        (["--hidden", "," * 1_000_000], "--hidden names 1,000,001 layers; at most 1,024"),
        (["--hidden", "50,,100"], "--hidden expects whole numbers .* got '50,,100'"),
        (["--batch-size", "1" + "0" * 18], "--batch-size .* is larger than the training set"),
        (["--batch-size", "9" * 400], "--batch-size .* is larger than the training set"),
    ],
)
def test_train_refuses_such_sizes_in_one_line(
    args: list[str], expected: str, capfd: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(memory, "free_bytes", lambda: 1 << 34)
    message = refused(capfd, "train", "xor", *args)
    assert len(message) < 400
    assert re.search(expected, message)
    assert not any(tmp_path.iterdir())


TIGHT = """
import os, resource, sys
from mitbadak.cli import evaluate, main, run_pictures
def tight(draw):
    def drawn(*args, **options):
        pages = int(open("/proc/self/statm").read().split()[0])
        room = pages * os.sysconf("SC_PAGE_SIZE") + int(sys.argv[1])
        resource.setrlimit(resource.RLIMIT_AS, (room, room))
        return draw(*args, **options)
    return drawn
run_pictures._draw = tight(run_pictures._draw)
evaluate._picture = tight(evaluate._picture)
sys.exit(main(sys.argv[2:]))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="counts the pages of Linux")
@pytest.mark.parametrize("room", [1 << 20, 24 << 20, 40 << 20, 60 << 20])
def test_a_run_is_complete_even_if_memory_is_too_small_for_its_picture(
    room: int, tmp_path: Path
) -> None:
    def ended(*args: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", TIGHT, str(room), *args]
        env = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
        return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=env)

    train = ended("train", "xor", "--epochs", "1", "--engine", "numpy", "--out", "run")
    assert train.returncode == 1, train.stderr
    assert "no picture was drawn: A picture needs 64.0 MiB of memory; " in train.stderr
    assert train.stderr.endswith("The run itself is complete, in run\n")
    assert train.stderr.count("\n") == 1
    evaluated = ended("evaluate", "run")
    assert evaluated.returncode == 1, evaluated.stderr
    assert evaluated.stderr.startswith("mitbadak: no picture was drawn: ")
    assert evaluated.stderr.count("\n") == 1
    assert "test_accuracy" in evaluated.stdout

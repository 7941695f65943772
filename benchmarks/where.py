"""Where Mitbadak's time goes: one warm turn, or one cold command, under Python's profiler.

Time in kernels counts as the own time of the function that calls them. The profiler makes
Python functions that are called often look slower than they are.
"""

from __future__ import annotations

import cProfile
import importlib
import io
import json
import pstats
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from machine import environment, pin, pinned

LINES = 18


def profile(module: str, case: Any, cores: list[int]) -> str:
    """The profile of ``turn_of("mitbadak", case)`` of a module, in a process of its own."""
    request = {"module": module, "case": case, "cores": cores}
    return _output([sys.executable, __file__, json.dumps(request)], cores)


def profile_command(arguments: list[str], cores: list[int]) -> str:
    """The profile of a module or a script with these arguments, from the first import on."""
    run = "run_path" if arguments[0].endswith(".py") else "run_module"
    code = (
        "import cProfile, runpy, sys, pstats, io\n"
        f"sys.argv = {arguments!r}\n"
        "sys.path.insert(0, sys.orig_argv[-1])\n"
        "profiler = cProfile.Profile()\n"
        "try:\n"
        f"    profiler.runcall(runpy.{run}, sys.argv[0], run_name='__main__')\n"
        "except SystemExit:\n"
        "    pass\n"
        "from where import written\n"
        "print('::' + written(profiler))\n"
    )
    text = _output([sys.executable, "-c", code, str(Path(__file__).parent)], cores)
    return text.rpartition("::")[2]


def written(profiler: cProfile.Profile) -> str:
    """The functions with the most time of their own, without the paths before the package."""
    text = io.StringIO()
    stats = pstats.Stats(profiler, stream=text)
    stats.sort_stats("tottime").print_stats(LINES)
    kept = [line for line in text.getvalue().splitlines() if line.strip()]
    return "\n".join(_short(line) for line in kept if "Ordered by" not in line
                     and "List reduced" not in line)  # fmt: skip


def _short(line: str) -> str:
    for mark in ("site-packages/", "/src/", "benchmarks/", "/lib/python"):
        if mark in line:
            numbers, path = line[: line.index(" /") + 1], line[line.rindex(mark) + len(mark) :]
            return numbers + path
    return line


def _output(command: list[str], cores: list[int]) -> str:
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment(cores), **pinned(cores)
    )
    if done.returncode:
        return "the profile failed: " + (done.stderr.strip().splitlines() or ["no word of why"])[-1]
    return done.stdout


def main(request: dict[str, Any]) -> None:
    pin(request["cores"])
    turn = importlib.import_module(request["module"]).turn_of("mitbadak", request["case"])
    turn()
    if request["module"] == "peers":
        print(_phases(turn))
    profiler = cProfile.Profile()
    profiler.runcall(turn)
    print(written(profiler))


def _phases(turn: Any) -> str:
    """How the time of a training divides, by clocks and without the profiler.

    Where kernels make whole epochs in one call, steps and measurements have one time together; a
    second training in separate calls, which takes longer, gives each its own.
    """
    from peers.mitbadak import TOGETHER

    lines, phases = _clocked(turn, apart=not turn.measuring)
    if phases[TOGETHER].rows:
        lines += "\nIn separate calls:\n" + _clocked(turn, apart=True)[0]
    return lines


def _clocked(turn: Any, *, apart: bool) -> tuple[str, dict[str, Any]]:
    """The phases of one training, a line for each, and as they were clocked."""
    from peers.mitbadak import ClockedTrainer, examples, mlp, options_of

    case, m = turn.case, turn.material
    test = {"test": examples(m, m.x_test, m.t_test)} if turn.measuring else {}
    options = options_of(case, len(m.x)) | test
    net = mlp(case, m.params)
    began = time.perf_counter()
    trainer = ClockedTrainer(net, examples(m, m.x, m.t), apart=apart, **options)
    trainer.clocked()
    whole = time.perf_counter() - began
    rest = whole - sum(phase.seconds for phase in trainer.phases.values())
    lines = [f"{whole * 1e3:9.1f} ms in all, engine {trainer.engine.name}"]
    lines += [
        f"{phase.seconds * 1e3:9.1f} ms {name}: {phase.steps} steps, {phase.rows} measurements"
        for name, phase in trainer.phases.items()
        if phase.steps or phase.rows
    ]
    return "\n".join([*lines, f"{rest * 1e3:9.1f} ms preparing"]), trainer.phases


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))

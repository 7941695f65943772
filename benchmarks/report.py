"""The results as Markdown: ``table.md``, and the measured part of ``RESULTS.md``."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from rows import Row, below, full_table, goal_table

Key = tuple[str, str, str]  # section, case, setting of cores
BEGIN, END = "<!-- run.py writes from here -->", "<!-- to here -->"
NAMES = {
    "numpy": "NumPy",
    "jax": "JAX",
    "torch": "PyTorch",
    "scikit-learn": "scikit-learn",
    "thinc": "thinc",
    "onnxruntime": "onnxruntime",
    "autograd": "autograd",
}


def surroundings(command: str, date: str, rounds: int) -> str:
    """The machine, the day, the command and the versions, in words."""
    versions = []
    for project, name in NAMES.items():
        try:
            versions.append(f"{name} {version(project)}")
        except PackageNotFoundError:
            continue
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return (
        f"{cores} cores of {_processor()}, {date}, `{command}`, {rounds} rounds in turn.\n"
        f"Python {platform.python_version()}, {', '.join(versions)}.\n"
    )


def command_of(key: Key) -> str:
    """The arguments with which ``run.py`` measures a case again."""
    _, case, label = key
    return f"--only '{case}'" + (f" --cores {label}" if label else "")


def whole_report(
    results: dict[Key, list[Row]], about: str, profile: Callable[[Key], str | None]
) -> str:
    """Goals, profiles of the cases below them, and every row by section."""
    rows = [(row, command_of(key)) for key, found in results.items() for row in found]
    text = f"{about}\n## Targets\n\n{goal_table(rows)}\n"
    missed = [key for key, found in results.items() if any(map(below, found))]
    if missed:
        text += '## Where the time goes\n\nThe cases below "at least", under Python\'s profiler.\n'
    for key in missed:
        pointer = f"python benchmarks/run.py --profile '{key[1]}' --cores {key[2] or 'all'}"
        seen = profile(key) or "There is no profile of this case."
        text += f"\n{key[1]} {key[2]}: `{pointer}`\n\n```text\n{seen.strip()}\n```\n"
    text += "\n## Everything\n"
    for section in dict.fromkeys(key[0] for key in results):
        of_section = [row for key, found in results.items() if key[0] == section for row in found]
        text += f"\n`python benchmarks/run.py --only {section}`\n\n{full_table(of_section)}"
    return text


def update(path: Path, text: str) -> None:
    """Put the text between the two marks of a file, which stay where they are."""
    whole = path.read_text()
    before, _, rest = whole.partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        raise SystemExit(f"{path} has no lines {BEGIN!r} and {END!r}; results are in table.md")
    path.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}")


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()

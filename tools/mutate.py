"""Plant small faults in the sources, one at a time, and see whether the quick tests notice.

    python tools/mutate.py --count 60 --seed 1 --work /tmp/mutation

Each mutation is made in a copy of the tree. Only the tests that run the mutated line are run,
nearest first, until one fails; a test that takes far longer than before counts as failed. Mutations
that no test noticed are listed at the end, for a person to judge whether users could see a change.
The work folder keeps every result, so the same command continues an interrupted run.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import hashlib
import json
import math
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from mutants import Mutation, draw_mutations, python_files

TOOLS = Path(__file__).resolve().parent
HOUSE = "src/mitbadak/"
CORE = [HOUSE + room for room in (
    "core", "functions", "optim", "graph", "data", "nn", "descent", "gradcheck", "training", "runs",
)]  # fmt: skip
LEFT_OUT = shutil.ignore_patterns("__pycache__", ".*_cache")
LEFT_OUT_OF_THE_ROOT = {".git", ".hypothesis", "runs", "results", ".venv", "build", "dist"}
PARTS = 24  # of the first run of all tests
FIRST_SECONDS = 20.0  # of the tests that are tried before the others are imported
BETWEEN_TESTS_SECONDS = 10.0  # the usual limit for imports and for the end of a run
GRACE_SECONDS, GRACE_FACTOR = 60.0, 20.0  # after these a test hangs, even on a loaded machine
MOST_BYTES = 16 << 30  # of address space: a mutation may ask for any amount of memory

# Processes that tests start record their lines for the test that started them.
COVERAGE = """[run]
core = ctrace
parallel = true
sigterm = true
data_file = {lines}
source = {tree}
omit = */test_*.py
context = ${{MUTATE_TEST-}}
disable_warnings = no-data-collected,module-not-measured,already-imported,module-not-imported
"""


def _left_out_of(root: Path) -> Callable[[str, list[str]], set[str]]:
    """What a copy of a tree does without; a package may have the name of a folder of results."""

    def left_out(folder: str, names: list[str]) -> set[str]:
        at_the_root = LEFT_OUT_OF_THE_ROOT if Path(folder) == root else set[str]()
        return LEFT_OUT(folder, names) | at_the_root.intersection(names)

    return left_out


class Baseline:
    """A copy of the tree without a fault, and the lines of it that each test runs."""

    def __init__(self, root: Path, work: Path, tests: list[str], marks: str):
        self.tree, self.work, self.tests, self.marks = work / "tree", work, tests, marks
        if not self.tree.exists():
            shutil.copytree(root, self.tree, ignore=_left_out_of(root))
        self.imports = {p: _imported_files(self.tree, p) for p in self.tree.rglob("*.py")}

    def observe(self, processes: int) -> None:
        """Run all tests once, recording their lines and times, unless that was done before."""
        import coverage

        lines, seconds = self.work / "lines" / "part", self.work / "seconds.json"
        if not seconds.exists():
            self._run_all(processes)
            coverage.Coverage(config_file=str(self.work / "coverage.ini")).combine()
            parts = [json.loads(p.read_text("utf-8")) for p in self.work.glob("seconds-*.json")]
            seconds.write_text(json.dumps({n: s for p in parts for n, s in p.items()}), "utf-8")
        self.lines = coverage.CoverageData(str(lines))
        self.lines.read()
        self.seconds: dict[str, float] = json.loads(seconds.read_text("utf-8"))
        self.by_file: dict[str, list[str]] = {}
        for name in self.seconds:
            self.by_file.setdefault(name.split("::")[0], []).append(name)

    def _run_all(self, processes: int) -> None:
        """Run all tests in parts, so that an interrupted call continues with the next part."""
        (self.work / "lines").mkdir(exist_ok=True)
        settings = COVERAGE.format(lines=self.work / "lines" / "part", tree=self.tree)
        (self.work / "coverage.ini").write_text(settings, "utf-8")
        files = [
            str(file.relative_to(self.tree))
            for folder in self.tests
            for file in python_files(self.tree / folder)
            if file.name.startswith("test_") or b">>>" in file.read_bytes()
        ]
        parts = min(PARTS, len(files))
        with ThreadPoolExecutor(processes) as pool:
            codes = set(pool.map(lambda k: self._run_part(k, files[k::parts]), range(parts)))
        if 1 in codes:
            print("mutate: tests that fail without a mutation are left out; see "
                  f"{self.work}/baseline-*.log.", flush=True)  # fmt: skip

    def _run_part(self, number: int, files: list[str]) -> int:
        """Run the tests of some files, unless an earlier call has finished them."""
        if (self.work / f"seconds-{number}.json").exists():
            return 0
        environment = _environment(self.tree, self.work, MUTATE_PART=str(number))
        with (self.work / f"baseline-{number}.log").open("w") as log:
            code = subprocess.run(
                [*_pytest(self.marks), *files],
                cwd=self.tree, env=environment, stdout=log, stderr=log,
            ).returncode  # fmt: skip
        if code not in (0, 1, 5):
            (self.work / f"seconds-{number}.json").unlink(missing_ok=True)
            raise SystemExit(f"mutate: the tests cannot be run; see {log.name}.")
        print(f"baseline: part {number + 1} is done", flush=True)
        return code

    def tests_of(self, mutation: Mutation) -> list[str]:
        """The tests that could notice a mutation: nearest file first, in it the fastest first."""
        by_line = self._contexts(mutation.path)
        first, last = mutation.lines
        contexts = {c for n in range(first, last + 1) for c in by_line.get(n, ())}
        if mutation.shared:  # whoever uses the module, directly or through one that imports it
            files = [p.relative_to(self.tree).as_posix() for p, imported in self.imports.items()
                     if mutation.path in imported]  # fmt: skip
            for file in (mutation.path, *files):
                contexts |= {c for names in self._contexts(file).values() for c in names} | {file}
        names = {n for c in contexts for n in self.by_file.get(c, [c]) if n in self.seconds}
        files = {name.split("::")[0] for name in names}
        total = {f: sum(self.seconds[n] for n in names if n.split("::")[0] == f) for f in files}
        return sorted(names, key=lambda n: (
            _distance(file := n.split("::")[0], mutation.path), total[file], file, self.seconds[n]
        ))  # fmt: skip

    def _contexts(self, path: str) -> dict[int, list[str]]:
        return self.lines.contexts_by_lineno(str(self.tree / path))


def _distance(test: str, path: str) -> int:
    """The distance in the tree between a file of tests and a module that it may test."""
    mine, other = Path(path), Path(test)
    if test == path:
        return 0
    return 4 - 2 * (mine.stem in other.stem) - (mine.parent.name == other.parent.name)


def _imported_files(tree: Path, path: Path) -> set[str]:
    """The files of the tree that a file names in its imports."""
    files: set[str] = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            modules = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        for module in modules:
            for end in (".py", "/__init__.py"):
                file = "src/" + module.replace(".", "/") + end
                if (tree / file).exists():
                    files.add(file)
    return files


def _pytest(marks: str) -> list[str]:
    return [sys.executable, "-m", "pytest", "-q", "-n", "0", "--no-header",
            "-p", "no:cacheprovider", "-p", "mutation_plugin", "--rootdir", ".",
            "-m", marks]  # fmt: skip


def _environment(tree: Path, folder: Path, **more: str) -> dict[str, str]:
    path = os.pathsep.join([str(tree / "src"), str(TOOLS)])
    return {**os.environ, "PYTHONPATH": path, "MUTATE_FOLDER": str(folder), **more}


def try_mutation(mutation: Mutation, baseline: Baseline, folder: Path) -> dict[str, object]:
    """Plant one fault in a copy, and run its tests until one notices it."""
    tests = baseline.tests_of(mutation)
    shutil.rmtree(folder, ignore_errors=True)
    tree = folder / "tree"
    shutil.copytree(baseline.tree, tree, ignore=shutil.ignore_patterns(".hypothesis"))
    file = tree / mutation.path
    file.write_bytes(mutation.applied(file.read_bytes()))
    for stale in (file.parent / "__pycache__").glob(f"{file.stem}.*"):
        stale.unlink()
    spent, first = 0.0, 0
    while first < len(tests) and spent < FIRST_SECONDS:
        spent, first = spent + baseline.seconds[tests[first]], first + 1
    began, noticed = time.monotonic(), ""
    for part in (tests[:first], tests[first:]):
        if part and not noticed:
            noticed = _run(part, tree, folder, baseline)
    shutil.rmtree(folder, ignore_errors=True)
    return {"noticed": noticed, "tests": len(tests), "seconds": time.monotonic() - began}


def _run(tests: list[str], tree: Path, folder: Path, baseline: Baseline) -> str:
    """The test that failed, or an empty string."""
    running, selected = folder / "running", folder / "selected.json"
    selected.write_text(json.dumps(tests), "utf-8")
    running.write_text("", "utf-8")  # still importing
    files = list(dict.fromkeys(name.split("::")[0] for name in tests))
    command = [*_pytest(baseline.marks), "-x", f"--basetemp={folder / 'temporary'}", *files]
    environment = _environment(tree, folder, MUTATE_SELECTED=str(selected),
                               PYTHONDONTWRITEBYTECODE="1")  # fmt: skip
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=tree, env=environment, stdout=log, stderr=log,
                                   start_new_session=True, preexec_fn=_limit_memory)  # fmt: skip
        hangs = False
        while process.poll() is None and not hangs:
            time.sleep(0.1)
            usual = baseline.seconds.get(running.read_text("utf-8"), BETWEEN_TESTS_SECONDS)
            hangs = time.time() - running.stat().st_mtime > GRACE_SECONDS + GRACE_FACTOR * usual
        if os.name == "posix":  # end the processes that the tests started
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        elif hangs:
            process.kill()
        process.wait()
    if not hangs and process.returncode in (0, 5):  # 5: the mutation removed the tests
        return ""
    if process.returncode == 4:
        raise SystemExit("mutate: pytest refused its arguments:\n" + (folder / "log").read_text())
    if hangs:
        return f"{running.read_text('utf-8') or 'the imports'} (hangs)"
    noticed = folder / "noticed"
    return noticed.read_text("utf-8") if noticed.exists() else "the imports"


def _limit_memory() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))


def wilson(caught: int, count: int, z: float = 1.96) -> tuple[float, float]:
    """The 95% interval of a share (E. B. Wilson, J. Am. Stat. Assoc. 22, 1927, p. 209)."""
    if count == 0:
        return 0.0, 1.0
    share, spread = caught / count, z * z / count
    middle = share + spread / 2
    half = z * math.sqrt(share * (1 - share) / count + spread / (4 * count))
    return (middle - half) / (1 + spread), (middle + half) / (1 + spread)


def report(results: list[tuple[Mutation, dict]]) -> str:
    """The survivors, and the share that was caught."""
    lines, caught = [], sum(bool(result["noticed"]) for _, result in results)
    for mutation, result in results:
        if not result["noticed"]:
            lines.append(f"survived {result['tests']} tests: {mutation}")
    low, high = wilson(caught, len(results))
    share = caught / max(len(results), 1)
    lines.append(
        f"caught {caught} of {len(results)}: {share:.1%} (95% interval {low:.1%} to {high:.1%})"
    )
    return "\n".join(lines)


def main(argv: list[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument(
        "folders", nargs="*", default=CORE, help="what to mutate (default: the core)"
    )
    parser.add_argument("--count", type=int, default=200, help="how many mutations")
    parser.add_argument("--seed", type=int, default=0, help="of the draw")
    parser.add_argument("--root", type=Path, default=TOOLS.parent, help="the tree")
    parser.add_argument("--work", type=Path, required=True, help="folder that keeps the results")
    parser.add_argument("--tests", nargs="+", default=["tests", "src"], help="where the tests are")
    parser.add_argument("--marks", default="not slow and not peers", help="pytest's -m")
    parser.add_argument("--workers", type=int, default=1, help="mutations at the same time")
    parser.add_argument("--baseline-processes", type=int, default=1, help="of the first run")
    parser.add_argument("--list", action="store_true", help="only show the mutations")
    args = parser.parse_args(argv)
    root, work = args.root.resolve(), args.work.resolve()
    mutations = draw_mutations(root, args.folders, args.count, args.seed)
    if args.list:
        print(*mutations, sep="\n")
        return 0
    work.mkdir(parents=True, exist_ok=True)
    _same_sources(root, work, [*args.tests, *args.folders])
    baseline = Baseline(root, work, args.tests, args.marks)
    baseline.observe(args.baseline_processes)
    print(report(try_all(mutations, baseline, work, args.workers)))
    return 0


def try_all(
    mutations: list[Mutation], baseline: Baseline, work: Path, workers: int
) -> list[tuple[Mutation, dict]]:
    """The result of every mutation, those of an earlier run included."""
    ledger, lock = work / "results.jsonl", threading.Lock()
    known = dict(map(json.loads, ledger.read_text("utf-8").splitlines())) if ledger.exists() else {}
    todo = [m for m in mutations if str((m, m.start)) not in known]

    def attempt(numbered: tuple[int, Mutation]) -> None:
        number, mutation = numbered
        result = try_mutation(mutation, baseline, work / f"copy-{number}")
        with lock:
            known[str((mutation, mutation.start))] = result
            with ledger.open("a", encoding="utf-8") as file:
                file.write(json.dumps([str((mutation, mutation.start)), result]) + "\n")
            verdict = f"caught by {result['noticed']}" if result["noticed"] else "SURVIVED"
            print(f"{len(known)}/{len(mutations)} {result['seconds']:.0f} s {mutation}\n"
                  f"    {verdict} (of {result['tests']} tests)", flush=True)  # fmt: skip

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(attempt, enumerate(todo)))
    return [(m, known[str((m, m.start))]) for m in mutations]


def _same_sources(root: Path, work: Path, folders: list[str]) -> None:
    """Refuse a work folder that belongs to another state of the sources."""
    digest = hashlib.sha256()
    for file in sorted({p for f in folders for p in python_files(root / f)}):
        digest.update(file.read_bytes())
    stamp = work / "sources"
    if stamp.exists() and stamp.read_text() != digest.hexdigest():
        raise SystemExit(f"mutate: {work} belongs to other sources. Name a new --work folder.")
    stamp.write_text(digest.hexdigest())


if __name__ == "__main__":
    raise SystemExit(main())

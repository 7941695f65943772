"""Fuzz every reader of files from strangers: no crash, hang, warning, or memory beyond its bound.

The table of readers and what counts as wrong are those of the tests (tests/fuzzing); here they run
for minutes or days, each reader in processes of its own, guided by coverage where atheris is
installed.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tracemalloc
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests"))

if TYPE_CHECKING:
    from fuzzing.cases import Reader

SLICE_SECONDS = 30.0
HANG_SECONDS = 10.0  # for one input; the slowest good one takes milliseconds
START_SECONDS = 60.0  # until the first input: imports, and rewriting them to count coverage
ADDRESS_SPACE = 2 << 30  # beyond what a child holds when it begins
RATIO_FROM = 1 << 10  # bytes; below, what reading costs at all would hide what the input costs


@dataclass
class Tally:
    """Counts and findings of one reader."""

    executions: int = 0
    seconds: float = 0.0
    accepted: int = 0
    crashes: int = 0
    hangs: int = 0
    peak: int = 0
    ratio: float = 0.0
    coverage: int = 0
    inputs: int = 0

    def add(self, other: Tally) -> None:
        for name in ("executions", "seconds", "accepted", "crashes", "hangs"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("peak", "ratio", "coverage", "inputs"):
            setattr(self, name, max(getattr(self, name), getattr(other, name)))


class Bench:
    """One reader under test in this process, and the folder that keeps what was found.

    Attributes:
        current: the input that is being read, for the parent to find when this process dies.
    """

    def __init__(self, reader: Reader, home: Path, work: Path):
        self.reader, self.home = reader, home
        self.folder, self.current = work / "files", work / "current"
        self.stats, self.began, self.reported = work / "stats.json", 0.0, 0.0
        self.tally = Tally()
        self.seeds = list(reader.seeds.values())
        self.folder.mkdir()

    def start(self) -> None:
        """Import and cache what reading needs, so that memory is measured without it."""
        from fuzzing.cases import judge

        tracemalloc.start()
        for files in self.seeds:
            outcome = judge(self.reader, files, self.folder)
            if outcome.wrong or not outcome.accepted:
                raise SystemExit(f"{self.reader.name} does not read a valid seed: {outcome}")
        limit_memory()
        self.began = time.perf_counter()

    def one(self, packed: bytes) -> None:
        """Read one input; what is wrong with it is saved once for each place in the source."""
        from fuzzing.cases import judge

        self.current.write_bytes(packed)
        files = self.reader.unpack(packed)
        outcome = judge(self.reader, files, self.folder)
        tally = self.tally
        tally.executions += 1
        tally.accepted += outcome.accepted
        tally.peak = max(tally.peak, outcome.peak)
        if len(packed) >= RATIO_FROM:
            tally.ratio = max(tally.ratio, outcome.peak / len(packed))
        if outcome.wrong:
            new = save_finding(self.home, self.reader.name, outcome.place, outcome.wrong, packed)
            tally.crashes += new
        if time.perf_counter() - self.reported > 0.5:
            self.report()

    def report(self) -> None:
        self.reported = time.perf_counter()
        self.tally.seconds = self.reported - self.began
        part = self.stats.with_suffix(".part")
        part.write_text(json.dumps(asdict(self.tally)))
        part.replace(self.stats)

    def mutate(self, packed: bytes, rng: Random, flip: object = None) -> bytes:
        """Another input from one: one of its files changed, or one of a seed put in its place."""
        from fuzzing.cases import MOST_BYTES
        from fuzzing.mutations import mutate

        files = self.reader.unpack(packed) or dict(rng.choice(self.seeds))
        name = rng.choice(list(files))
        others = [seed[name] for seed in self.seeds if name in seed]
        kind = rng.random()
        if kind < 0.08 and others:
            files[name] = rng.choice(others)
        elif kind < 0.4 and callable(flip):
            files[name] = flip(files[name], MOST_BYTES)
        else:
            files[name] = mutate(name, files[name], others, rng)
        return self.reader.pack({n: content[:MOST_BYTES] for n, content in files.items()})


def limit_memory() -> None:
    """Limit this process to ``ADDRESS_SPACE`` bytes from now on, where the system can."""
    with contextlib.suppress(ImportError, OSError):
        import resource

        pages = int(Path("/proc/self/statm").read_text().split()[0])
        limit = pages * resource.getpagesize() + ADDRESS_SPACE
        resource.setrlimit(resource.RLIMIT_AS, (limit, resource.getrlimit(resource.RLIMIT_AS)[1]))


def save_finding(home: Path, name: str, place: str, wrong: str, packed: bytes) -> bool:
    """Save an input that caused an error; True if it is the first at its place in the source."""
    folder = home / "findings"
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"{name}-{re.sub(r'[^A-Za-z0-9]+', '-', place)}"[:100]
    if (folder / stem).exists():
        return False
    (folder / stem).write_bytes(packed)
    again = f"python benchmarks/fuzz.py --reader {name} --replay {folder / stem}"
    (folder / f"{stem}.txt").write_text(f"{wrong}\n{place}\n{again}\n", encoding="utf-8")
    print(f"{name}: {wrong}\n  {again}", flush=True)
    return True


def run_random(bench: Bench, corpus: Path, seconds: float, seed: int) -> None:
    """Mutations of seeds and of inputs that were accepted: works wherever Python does."""
    rng = Random(seed)
    pool = [bench.reader.pack(files) for files in bench.seeds]
    pool += [path.read_bytes() for path in sorted(corpus.iterdir())]
    bench.start()
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        packed = bench.mutate(rng.choice(pool), rng)
        accepted = bench.tally.accepted
        bench.one(packed)
        if bench.tally.accepted > accepted and len(pool) < 1000:
            pool.append(packed)
            keep(corpus, packed)
    bench.tally.inputs = len(pool)
    bench.report()


def run_guided(bench: Bench, corpus: Path, seconds: float, seed: int) -> None:
    """libFuzzer through atheris, which keeps inputs that reach new lines of Mitbadak."""
    import atheris

    for files in bench.seeds:
        keep(corpus, bench.reader.pack(files))
    bench.start()

    def flip(content: bytes, most: int) -> bytes:
        return atheris.Mutate(content, most)

    def custom(packed: bytes, most: int, seed: int) -> bytes:
        return bench.mutate(packed, Random(seed), flip)[:most]

    most = bench_length(bench.reader)
    options = [f"-max_total_time={max(1, round(seconds))}", f"-seed={seed % (1 << 31) + 1}",
               f"-max_len={most}", "-timeout=86400", "-rss_limit_mb=0", "-len_control=0",
               "-print_final_stats=1", "-detect_leaks=0"]  # fmt: skip
    atheris.Setup([sys.argv[0], *options, str(corpus)], bench.one, custom_mutator=custom)
    atheris.Fuzz()


def bench_length(reader: Reader) -> int:
    """The longest packed input."""
    from fuzzing.cases import MOST_BYTES

    return (MOST_BYTES + 5) * len(reader.parts)


def keep(corpus: Path, packed: bytes) -> None:
    """One more input in the corpus, named by its content."""
    (corpus / hashlib.sha1(packed).hexdigest()).write_bytes(packed)


def child(name: str, engine: str, home: Path, work: Path, seconds: float, seed: int) -> None:
    """One slice of one reader, in this process."""
    reader = load_readers(guided=engine == "atheris")[name]
    corpus = home / "corpus" / name
    corpus.mkdir(parents=True, exist_ok=True)
    bench = Bench(reader, home, work)
    (run_guided if engine == "atheris" else run_random)(bench, corpus, seconds, seed)


def load_readers(*, guided: bool = False) -> dict[str, Reader]:
    """The table of readers, with Mitbadak instrumented where coverage guides the fuzzer."""
    with contextlib.ExitStack() as stack:
        if guided:
            import atheris

            stack.enter_context(atheris.instrument_imports(include=["mitbadak"]))
        from fuzzing.readers import READERS

    return READERS


def slice_of(name: str, engine: str, home: Path, seconds: float, seed: int) -> Tally:
    """Run one slice in a child process, and end it if it hangs."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as work_name:
        work = Path(work_name)
        job = json.dumps([name, engine, str(home), str(work), seconds, seed])
        with open(work / "log", "wb") as log:
            process = subprocess.Popen(
                [sys.executable, __file__, "--child", job], stdout=None, stderr=log,
                stdin=subprocess.DEVNULL, cwd=work,
            )  # fmt: skip
            hung = wait(process, work / "current", seconds)
        text = (work / "log").read_text(errors="replace")
        stats = work / "stats.json"
        tally = Tally(**json.loads(stats.read_text())) if stats.exists() else Tally()
        reached = re.findall(r"cov: (\d+) ft: \d+ corp: (\d+)", text)
        if reached:
            tally.coverage, tally.inputs = map(int, reached[-1])
        if hung or process.returncode != 0:
            current = work / "current"
            if not current.exists():
                raise SystemExit(f"{name} did not start:\n{text[-2000:]}")
            wrong = (
                f"no answer within {HANG_SECONDS:g} s" if hung
                else f"the process ended with {process.returncode}: {text[-300:]}"
            )  # fmt: skip
            place = "hang" if hung else f"death {process.returncode}"
            new = save_finding(home, name, place, wrong, current.read_bytes())
            tally.hangs, tally.crashes = tally.hangs + hung * new, tally.crashes + (not hung) * new
    return tally


def wait(process: subprocess.Popen[bytes], current: Path, seconds: float) -> bool:
    """Wait for a child; True when it was ended because one input took too long."""
    began = time.monotonic()
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(1.0)
            return False
        started = current.exists()
        silent = time.time() - current.stat().st_mtime if started else time.monotonic() - began
        if silent > (HANG_SECONDS if started else START_SECONDS):
            process.kill()
            process.wait()
            return True


def replay(reader: Reader, path: Path) -> int:
    """Read one saved input again, and say what happens."""
    from fuzzing.cases import judge

    tracemalloc.start()
    with tempfile.TemporaryDirectory() as folder:
        for files in reader.seeds.values():  # imports take memory of their own
            judge(reader, files, Path(folder))
        limit_memory()
        files = reader.unpack(path.read_bytes())
        outcome = judge(reader, files, Path(folder))
        if outcome.accepted or not outcome.wrong:
            print("accepted" if outcome.accepted else "refused, as it should be")
        with contextlib.suppress(Exception) if not outcome.wrong else contextlib.nullcontext():
            reader.read(Path(folder))
    print(outcome)
    return int(bool(outcome.wrong))


def report(tallies: dict[str, Tally]) -> str:
    """A table of all readers."""
    lines = [
        "| reader | executions | per second | accepted | coverage | inputs kept | crashes | hangs "
        "| peak, MiB | peak / input |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name, t in tallies.items():
        lines.append(
            f"| {name} | {t.executions:,} | {t.executions / max(t.seconds, 1e-9):,.0f} "
            f"| {t.accepted / max(t.executions, 1):.0%} | {t.coverage or '-'} | {t.inputs} "
            f"| {t.crashes} | {t.hangs} | {t.peak / 2**20:.2f} | {t.ratio:.1f} |"
        )
    return "\n".join(lines)


def go_round(asked: argparse.Namespace, names: list[str]) -> int:
    """Slices of all readers in turn until the time is up; the table is kept after each."""
    engine = asked.engine
    if engine == "auto":
        engine = "atheris" if find_spec("atheris") else "random"
    home = asked.corpus.resolve()
    until = time.monotonic() + 60 * asked.minutes
    seconds = min(SLICE_SECONDS, 60 * asked.minutes / len(names))
    tallies = {name: Tally() for name in names}
    seed, turn = asked.seed, 0
    print(f"engine {engine}, seed {seed}, {seconds:.0f} s at a time", flush=True)
    while turn < len(names) or time.monotonic() < until:
        name = names[turn % len(names)]
        tallies[name].add(slice_of(name, engine, home, seconds, seed + turn))
        turn += 1
        home.mkdir(parents=True, exist_ok=True)
        (home / "table.md").write_text(report(tallies) + "\n", encoding="utf-8")
    print(report(tallies))
    return int(any(t.crashes or t.hangs for t in tallies.values()))


def main() -> None:
    if sys.argv[1:2] == ["--child"]:
        name, engine, home, work, seconds, seed = json.loads(sys.argv[2])
        return child(name, engine, Path(home), Path(work), seconds, seed)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0, help="for all readers together")
    parser.add_argument("--reader", help="one of them; all by default")
    parser.add_argument("--engine", choices=("auto", "atheris", "random"), default="auto")
    parser.add_argument("--corpus", type=Path, default=HERE / "results" / "fuzz",
                        help="folder that keeps inputs and findings")  # fmt: skip
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--replay", type=Path, metavar="FILE", help="read one finding again")
    parser.add_argument("--clean", action="store_true", help="forget inputs and findings first")
    asked = parser.parse_args()
    readers = load_readers()
    if asked.reader and asked.reader not in readers:
        parser.error(f"--reader {asked.reader}: there are {', '.join(readers)}")
    if asked.replay:
        if not asked.reader:
            parser.error("--replay needs --reader")
        sys.exit(replay(readers[asked.reader], asked.replay))
    if asked.clean:
        shutil.rmtree(asked.corpus, ignore_errors=True)
    sys.exit(go_round(asked, [asked.reader] if asked.reader else list(readers)))


if __name__ == "__main__":
    main()

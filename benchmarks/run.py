"""Measure Mitbadak beside its peers; write every number, a table of goals, and pictures."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
import time
from dataclasses import asdict
from datetime import date
from pathlib import Path

from peers import PEERS
from pictures import growth_picture, steps_picture
from report import Key, surroundings, update, whole_report
from rows import Options, Row, full_table, row_from
from sections import (
    accuracy,
    fits,
    gradient,
    graph,
    growth,
    inference,
    installed,
    notes,
    startup,
    steps,
    stream,
)

HERE = Path(__file__).parent
MODULES = (steps, fits, notes, accuracy, gradient, startup, installed, graph, inference, stream,
           growth)  # fmt: skip
SECTIONS = {module.SECTION.name: module.SECTION for module in MODULES}
LABELS = ("one", "all")


def wanted(only: str, labels: tuple[str, ...], parser: argparse.ArgumentParser) -> list[Key]:
    """The cases that ``--only`` names, by section or by case; all where it names none."""
    known = [(s.name, *case) for s in SECTIONS.values() for case in s.cases(labels)]
    names = [name for name in only.split(",") if name]
    # A case may have a comma in its name.
    names = [only] if any(only == case for _, case, _ in known) else names
    there_are = dict.fromkeys(name for key in known for name in key[:2])
    for name in names:
        if name not in there_are:
            parser.error(f"--only {name}: on these cores there are {', '.join(there_are)}")
    return [key for key in known if not names or set(names) & set(key[:2])]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="sections or cases, by name")
    parser.add_argument("--peers", default="", help=f"some of {', '.join(PEERS)}, onnxruntime, jax")
    parser.add_argument("--cores", choices=[*LABELS, "both"], default="both")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--images", type=int, default=8_100_000, help="of the section stream")
    parser.add_argument("--full", action="store_true",
                        help="also the whole numerical gradient by its definition")  # fmt: skip
    parser.add_argument("--before", default="", metavar="SRC",
                        help="the folder src of an earlier checkout, for startup")  # fmt: skip
    parser.add_argument("--keep", action="store_true", help="skip cases that have results")
    parser.add_argument("--out", type=Path, default=HERE / "results")
    parser.add_argument("--write", action="store_true", help="put the results into RESULTS.md")
    parser.add_argument("--profile", default="", metavar="CASE",
                        help="measure nothing; show where Mitbadak's time goes")  # fmt: skip
    asked = parser.parse_args()
    labels = LABELS if asked.cores == "both" else (asked.cores,)
    if asked.profile:
        for key in wanted(asked.profile, labels, parser):
            print(f"{key[1]} {key[2]}\n{profile_of(key) or 'There is no profile of this case.'}\n")
        return
    peers = tuple(name for name in asked.peers.split(",") if name)
    options = Options(asked.rounds, labels, peers, asked.images, asked.full, asked.before)
    asked.out.mkdir(parents=True, exist_ok=True)
    store = asked.out / "results.json"
    results = read(store) if asked.keep else {}
    for key in wanted(asked.only, labels, parser):
        if key in results:
            continue
        began = time.perf_counter()
        section, case, label = key
        results[key] = SECTIONS[section].measure(case, label, options)
        write(store, results)
        print(full_table(results[key]), f"{time.perf_counter() - began:.0f} s\n", flush=True)
    arguments = [a for a in sys.argv[1:] if a not in ("--write", "--keep")]
    command = shlex.join(["python", "benchmarks/run.py", *arguments])
    about = surroundings(command, date.today().isoformat(), asked.rounds)
    text = whole_report(results, about, profile_of)
    (asked.out / "table.md").write_text(text)
    print(text[: text.index("## Everything")])
    if asked.write:
        update(HERE / "RESULTS.md", text)
    draw(results, asked.out)


def profile_of(key: Key) -> str | None:
    section, case, label = key
    profile = SECTIONS[section].profile
    return profile(case, label or "all") if profile else None


def read(store: Path) -> dict[Key, list[Row]]:
    kept = json.loads(store.read_text()) if store.exists() else []
    return {tuple(case["key"]): [row_from(row) for row in case["rows"]] for case in kept}


def write(store: Path, results: dict[Key, list[Row]]) -> None:
    """Save all results so far atomically, so that an interruption loses nothing."""
    cases = [{"key": key, "rows": [asdict(row) for row in rows]} for key, rows in results.items()]
    new = store.with_suffix(".new")
    new.write_text(json.dumps(cases, indent=1))
    new.replace(store)


def draw(results: dict[Key, list[Row]], folder: Path) -> None:
    """The pictures of the results so far."""
    for label, name in zip(LABELS, ("steps.png", "steps_all_cores.png"), strict=True):
        of_label = [found for key, found in results.items() if key[::2] == ("steps", label)]
        if of_label:
            steps_picture(of_label, label, folder / name)
    grown = {key[1]: found for key, found in results.items() if key[0] == "growth"}
    if grown:
        growth_picture(grown, folder / "growth.png")


if __name__ == "__main__":
    main()

"""The command tune: many runs with drawn settings, and the best of them."""

from __future__ import annotations

import inspect
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mitbadak.cli.exits import FAILED, code_of, complain, for_the_reader, undrawn
from mitbadak.cli.flags import AsJson, Language
from mitbadak.cli.language import say
from mitbadak.cli.train_flags import DATA, as_flag, parameter, settings_parameters, widths
from mitbadak.core.ending import Ended, end_if_signalled
from mitbadak.core.errors import RangeError, brief
from mitbadak.core.files import local_path
from mitbadak.core.printing import decoded, print_json, print_line, table_lines

if TYPE_CHECKING:
    from mitbadak.interop.tuning.results import SweepResult, TrialResult
    from mitbadak.interop.tuning.sweep import Sweep

PICTURE = "sweep.png"
MOST_RANKED = 5
TRIALS = 30
FIXED_ELSEWHERE = ("watch",)  # runs are compared on the validation set


def tune(
    data: str | None,
    ranges: list[str] | None,
    trials: int | None,
    out: Path | None,
    resume: Path | None,
    storage: str,
    workers: int,
    by: str | None,
    prune: bool,
    heartbeat: int | None,
    quiet: bool,
    lang: str,
    as_json: bool,
    **settings: Any,
) -> int:
    """Try many settings, each in a run folder of its own, and find the best.

    Runs are compared on a validation set, which is held out where the data have none. After
    Ctrl-C, --resume continues the sweep; a run that was interrupted goes on from its checkpoint.
    """
    from mitbadak.interop.tuning.storages import check_optuna

    check_optuna()
    how = _Shown(sys.stderr if as_json else sys.stdout, quiet, lang, as_json)
    given = {name: value for name, value in settings.items() if value is not None}
    if resume is not None:
        sweep = _resumed(
            resume,
            storage,
            {
                **given,
                "try": ranges,
                "by": by,
                "out": out,
                "no_prune": not prune,
                "heartbeat": heartbeat,
            },
            data,
        )
    else:
        sweep = _started(data or "mnist", ranges or [], given, out, storage, workers, by, prune,
                         heartbeat)  # fmt: skip
    return _run(sweep, trials, workers, how)


def tune_signature() -> inspect.Signature:
    """The parameters of ``tune``: its own, and one option for each setting of a run."""
    own = {
        "data": (Annotated[str | None, typer.Argument(help=DATA)], None),
        "ranges": (Annotated[list[str] | None, typer.Option("--try", metavar="WHAT",
            help="What to try, such as lr=0.01..10:log, dropout=0..0.5:0.1, batch_size=16..256, "
            "hidden=5,10,20 or, where values have commas, hidden='50|50,100'. Once for each "
            "setting.")], None),
        "trials": (Annotated[int | None, typer.Option(min=1, metavar="N",
            help="Parameter sets of the whole sweep. Default: 30, or as before with --resume."
            )], None),
        "out": (Annotated[Path | None, typer.Option(
            help="Folder of the sweep; by default a new one under sweeps/.")], None),
        "resume": (Annotated[Path | None, typer.Option(
            help="Continue the sweep in this folder.")], None),
        "storage": (Annotated[str, typer.Option(
            help="Address of a PostgreSQL server that several machines share, such as "
            "postgresql://user@host/db: the same command on each of them joins one sweep. "
            "Default: a file in the folder of the sweep.", show_default=False)], ""),
        "workers": (Annotated[int, typer.Option(min=1, metavar="N",
            help="Processes on this machine.")], 1),
        "by": (Annotated[str | None, typer.Option(
            help="Measure of the validation set: accuracy or loss. Default: the accuracy where "
            "labels are classes.")], None),
        "prune": (Annotated[bool, typer.Option("--prune/--no-prune",
            help="Stop runs that fall behind the median of the others.",
            show_default=False)],
            True),
        "heartbeat": (Annotated[int | None, typer.Option(min=1, metavar="N",
            help="Seconds between two signs of life on a server; a process that misses two is "
            "taken for dead, and its run is tried again. Default: 60.")], None),
        "quiet": (Annotated[bool, typer.Option("--quiet", "-q",
            help="Print only the result.")], False),
        "lang": (Language, ""),
        "as_json": (AsJson, False),
    }  # fmt: skip
    parameters = [parameter(name, *declared) for name, declared in own.items()]
    return inspect.Signature([*parameters, *settings_parameters(FIXED_ELSEWHERE)])


tune.__signature__ = tune_signature()  # type: ignore[attr-defined]
tune.__annotations__ = {}


@dataclass(frozen=True)
class _Shown:
    """How a sweep is shown."""

    stream: Any
    quiet: bool
    lang: str
    as_json: bool

    def line(self, text: str) -> None:
        print_line(text, self.stream, flush=True)


def _started(
    data: str, texts: list[str], given: dict[str, Any], out: Path | None, storage: str,
    workers: int, by: str | None, prune: bool, heartbeat: int | None,
) -> Sweep:  # fmt: skip
    from mitbadak.data import NAMED
    from mitbadak.interop.tuning.definition import define
    from mitbadak.interop.tuning.ranges import RefusedValuesError
    from mitbadak.interop.tuning.sweep import HEARTBEAT, Sweep

    for name, flag in (("hidden", "--hidden"), ("conv", "--conv")):
        if isinstance(given.get(name), str):
            given[name] = widths(given[name], flag)
    if data not in NAMED and Path(local_path(data)).exists():
        data = decoded(Path(data).resolve())
    tried = _ranges(texts)
    for name in tried:
        if name in given:
            raise RangeError(
                f"--try {name} and {_flag(name)} exclude each other: a setting is tried or fixed."
            )
    try:
        definition = define(data, tried, given, by=by, prune=prune, seed=given.get("seed", 0))
    except RefusedValuesError as refusal:
        flag = f"--try {refusal.name.replace('_', '-')}"
        raise RangeError(f"{flag} cannot be used: {refusal.problem}") from None
    return Sweep.start(
        definition, out, storage=storage, workers=workers, heartbeat=heartbeat or HEARTBEAT
    )


def _ranges(texts: list[str]) -> dict[str, str]:
    """``["lr=0.01..10:log"]`` as a dict."""
    found: dict[str, str] = {}
    for text in texts:
        name, equals, values = text.partition("=")
        name = name.strip().lstrip("-").replace("-", "_")
        if not equals or not values.strip():
            raise RangeError(
                f"--try expects SETTING=VALUES, where VALUES are such as 0.01..10:log or 5,10,20; "
                f"got {brief(text)}."
            )
        if name in found:
            raise RangeError(f"--try names {name} twice.")
        found[name] = values
    if not found:
        raise RangeError(
            "tune needs something to try: --try SETTING=VALUES, where VALUES are such as "
            "0.01..10:log or 5,10,20."
        )
    return found


def _resumed(folder: Path, storage: str, given: dict[str, Any], data: str | None) -> Sweep:
    from mitbadak.interop.tuning.sweep import Sweep

    fixed = [_flag(name) for name, value in given.items() if value]
    fixed += [] if data is None else [data]
    if fixed:
        raise RangeError(
            f"--resume continues a sweep as it was begun; {', '.join(fixed)} cannot change. Only "
            "--trials and --workers can; start a new sweep for anything else."
        )
    return Sweep.resume(folder, storage=storage)


def _run(sweep: Sweep, trials: int | None, workers: int, how: _Shown) -> int:
    """Run the sweep, draw its picture, and report."""
    resume = f"Continue with: mitbadak tune --resume {sweep.folder}"
    trials = trials or sweep.wanted or TRIALS
    if not how.quiet:
        for line in _opening(sweep, trials, workers):
            how.line(line)

    def told(trial: TrialResult) -> None:
        if not how.quiet:
            how.line(_line(trial, sweep.definition.measure))

    try:
        result = sweep.run(trials, workers, told)
    except (KeyboardInterrupt, Ended) as stop:
        reason = str(stop) or "interrupted"
        return complain(f"{reason}; nothing is lost. {resume}", code_of(stop))
    _ = result.best  # or there is nothing to show
    problem = _draw(result, how.lang)
    if how.as_json:
        print_json(_as_values(result, problem))
    for line in _closing(result, problem):
        how.line(line)
    if problem:
        return complain(f"{problem}. The sweep is complete, in {sweep.folder}", FAILED)
    return 0


def _opening(sweep: Sweep, trials: int, workers: int) -> list[str]:
    from mitbadak.interop.tuning.ranges import Range, shown

    made = sweep.definition
    tried = [
        f"{name} {v.low:g}..{v.high:g}{' (log)' if v.log else ''}" if isinstance(v, Range)
        else f"{name} {' | '.join(map(shown, v))}"
        for name, v in made.ranges.items()
    ]  # fmt: skip
    flags = " ".join(as_flag(name, value) for name, value in made.fixed.items())
    return [
        say(f"tuning on {made.data}: {trials} parameter sets, by {say(_words(made.monitor))}"),
        say(f"what is tried: {'; '.join(tried)}"),
        *([say(f"the same in all runs: {flags}")] if flags else []),
        *([say(f"processes: {workers}")] if workers > 1 else []),
        say(f"folder of the sweep: {sweep.folder}"),
    ]


def _line(trial: TrialResult, measure: str) -> str:
    head = say(f"trial {trial.number}")
    if trial.state == "failed":
        return f"{head}: {trial.describe()}; {say('failed')}: {for_the_reader(trial.why)}"
    value = trial.measures.get(f"validation_{measure}")
    number = "" if value is None else f"{say(_words(f'validation_{measure}'))} {value:.4f}, "
    early = "" if trial.state == "finished" else f"; {say(f'stopped after epoch {trial.epochs}')}"
    return f"{head}: {number}{trial.describe()}{early}"


def _closing(result: SweepResult, problem: str) -> list[str]:
    best, measure = result.best, result.definition.measure
    counts = ", ".join(
        say(f"{result.count(state)} {state}") for state in ("finished", "pruned", "failed")
        if result.count(state)
    )  # fmt: skip
    rows = [
        [f"{place}", f"{trial.value:.4f}", f"{trial.number}", trial.describe()]
        for place, trial in enumerate(result.ranked[:MOST_RANKED], start=1)
    ]
    head = ["", say(_words(f"validation_{measure}")), say("trial"), say("settings")]
    lines = [
        say(f"{len(result.trials)} parameter sets in {result.seconds:.1f} s: {counts}"),
        *table_lines([head, *rows], right=(0, 1, 2)),
    ]
    test = best.measures.get("test_accuracy")
    if test is not None:
        lines.append(say(f"test accuracy of the best: {test:.4f}"))
    here = say(f"best run: {best.run}")
    lines.append(here if best.run else say(f"best run: not here, but in {best.where}"))
    if not problem:
        lines.append(say(f"picture: {result.folder / PICTURE}"))
    return lines


def _as_values(result: SweepResult, problem: str) -> dict[str, Any]:
    best = result.best
    return {
        "sweep": str(result.folder),
        "data": result.definition.data,
        "measure": result.definition.monitor,
        "seconds": round(result.seconds, 3),
        "finished": result.count("finished"),
        "pruned": result.count("pruned"),
        "failed": result.count("failed"),
        "best": _trial_values(best),
        "trials": [_trial_values(trial) for trial in result.trials],
        "picture": "" if problem else str(result.folder / PICTURE),
    }


def _trial_values(trial: TrialResult) -> dict[str, Any]:
    return {
        "trial": trial.number,
        "state": trial.state,
        "value": trial.value,
        "settings": trial.settings,
        "epochs": trial.epochs,
        "seconds": trial.seconds,
        "run": None if trial.run is None else str(trial.run),
        "where": trial.where,
        "worker": trial.worker,
        "why": trial.why,
        **trial.measures,
    }


def _draw(result: SweepResult, lang: str) -> str:
    """Draw the sweep and the curves of the best run; "", or why that failed."""
    from mitbadak import plots
    from mitbadak.runs.overview import rows_of

    try:
        plots.save_figure(result.figure(lang=lang), result.folder / PICTURE)
        best = result.best
        if best.run is not None:
            title = f"{Path(result.definition.data).stem}, {best.describe()}"
            curves = plots.training_figure(rows_of(best.run), title, lang=lang)
            plots.save_figure(curves, best.run / "curves.png")
    except Exception as problem:  # a full disk, little memory, damaged fonts
        end_if_signalled()
        return undrawn(problem)
    return ""


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _words(name: str) -> str:
    return name.replace("_", " ")

"""The command train: a new run or a resumed one, its pictures, and its report."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from mitbadak.cli.diagnosis import as_values, diagnosed, lines_of, saved
from mitbadak.cli.exits import (
    CLOSED,
    FAILED,
    INTERRUPTED,
    OUTPUT_CLOSED,
    code_of,
    complain,
    for_the_reader,
    from_the_system,
)
from mitbadak.cli.flags import check_outputs
from mitbadak.cli.language import say
from mitbadak.cli.run_pictures import BOUNDARY, FITTED, draw_or_explain
from mitbadak.cli.train_flags import as_flag, train_signature, widths
from mitbadak.core.ending import Ended
from mitbadak.core.errors import RangeError, StateError
from mitbadak.core.files import local_path
from mitbadak.core.printing import decoded, print_json, print_line
from mitbadak.core.ranks import started_together
from mitbadak.core.warned import warn
from mitbadak.runs.config import TrainConfig
from mitbadak.training.callbacks import EarlyStopping
from mitbadak.training.interrupts import Stop

if TYPE_CHECKING:
    from mitbadak.core.progress import Progress
    from mitbadak.runs.folder import RunFolder
    from mitbadak.runs.session import Session
    from mitbadak.training.hooks import Callback

RESUMABLE = ("epochs", "engine")  # the settings that --resume can change


def train(
    data: str | None,
    out: Path | None,
    resume: Path | None,
    doctor: bool,
    checkup: bool,
    film: Path | None,
    record: list[str] | None,
    every: int | None,
    quiet: bool,
    lang: str,
    as_json: bool,
    **settings: Any,
) -> int:
    """Train a net, and keep settings, history, weights and curves in a run folder.

    Without options this is the book's 784-50-10 net on MNIST: 17 epochs, batches of 100, lr 0.1.
    After Ctrl-C, --resume continues the run and reaches exactly the same numbers.
    """
    given = {name: value for name, value in settings.items() if value is not None}
    stream = sys.stderr if as_json else sys.stdout
    if checkup and doctor:
        raise RangeError(
            "--doctor reports on a training, and --checkup does not train. Give one of them."
        )
    if checkup and film is not None:
        raise RangeError("--film shows a training, and --checkup does not train. Give one of them.")
    check_outputs(film=film)
    if checkup:
        return _check_up(data or "mnist", out, resume, given, lang, as_json)
    if quiet and every is not None:
        raise RangeError("--quiet prints no epochs, and --every says which. Give one of them.")
    how = _Shown(stream, every, quiet, lang, as_json, doctor, film, tuple(record or ()))
    if started_together():
        return _together(data, out, resume, given, how)
    if resume is None:
        session = _start(data or "mnist", out, given, how)
    else:
        _check_resumable(given, data, out)
        session = _resume(resume, given, how)
    try:
        return _run(session, how)
    finally:
        session.run.release()


@dataclass(frozen=True)
class _Shown:
    """How a training is shown, and what is reported of it."""

    stream: TextIO
    every: int | None
    quiet: bool
    lang: str
    as_json: bool
    doctor: bool
    film: Path | None
    records: tuple[str, ...] = ()

    def progress(self) -> tuple[list[Callback], Progress | None]:
        """Callbacks that show epochs and film them, and what shows a long step."""
        from mitbadak.cli import terminal

        callbacks: list[Callback] = []
        if self.records:
            from mitbadak.interop.records import record

            callbacks += map(record, self.records)
        if self.film is not None:
            from mitbadak.plots import BoundaryFilm

            callbacks.append(BoundaryFilm(lang=self.lang))
        if self.quiet:
            return callbacks, None
        callback, progress = terminal.progress_of_training(self.stream, self.every, self.lang)
        return [callback, *callbacks], progress


train.__signature__ = train_signature()  # type: ignore[attr-defined]
train.__annotations__ = {}


def _together(
    data: str | None, out: Path | None, resume: Path | None, given: dict[str, Any], how: _Shown
) -> int:
    """Train in all processes of ``mpiexec``; see ``cli/ranks.py``."""
    from mitbadak.cli.ranks import Wanted, train_together

    if resume is not None:
        _check_resumable(given, data, out)

    def start(callbacks: list[Callback]) -> Session:
        if resume is None:
            return _start(data or "mnist", out, given, how, callbacks)
        return _resume(resume, given, how, callbacks)

    config = _config(data or "mnist", dict(given)) if resume is None else None
    tell = None if how.quiet else lambda line: print_line(line, how.stream, flush=True)
    wanted = Wanted(config, resume, given, start, lambda session: _run(session, how), tell)
    return train_together(wanted)


def _check_up(
    data: str,
    out: Path | None,
    resume: Path | None,
    given: dict[str, Any],
    lang: str,
    as_json: bool,
) -> int:
    from mitbadak.cli.checkup import check_page, run_checkup

    if resume is not None:
        raise RangeError(
            "--checkup looks at a training before it starts, and --resume continues one. Use "
            f"mitbadak diagnose {decoded(resume)}."
        )
    check_page(out)
    return run_checkup(_config(data, given), out, lang, as_json)


def _config(data: str, given: dict[str, Any]) -> TrainConfig:
    if isinstance(given.get("hidden"), str):
        given["hidden"] = widths(given["hidden"])
    if isinstance(given.get("conv"), str):
        given["conv"] = widths(given["conv"], "--conv")
    if "label" in given:
        given["label"] = decoded(given["label"])
    return TrainConfig.for_data(_place_of(data), **given)


def _start(
    data: str, out: Path | None, given: dict[str, Any], how: _Shown, more: Sequence[Callback] = ()
) -> Session:
    from mitbadak.runs.session import Session

    config = _config(data, given)
    callbacks, progress = how.progress()
    return Session.start(config, out, callbacks=[*callbacks, *more], progress=progress)


def _resume(
    folder: Path, given: dict[str, Any], how: _Shown, more: Sequence[Callback] = ()
) -> Session:
    from mitbadak.runs.session import Session

    callbacks, progress = _with_records(how, folder).progress()
    return Session.resume(folder, **given, callbacks=[*callbacks, *more], progress=progress)


def _with_records(how: _Shown, folder: Path) -> _Shown:
    """With the records that a run has had so far, as far as they can go on."""
    from mitbadak.interop.records import kinds_of, record

    kinds = list(how.records)
    for kind in kinds_of(folder):
        if kind in kinds:
            continue
        try:
            record(kind)
            kinds.append(kind)
        except StateError as problem:
            warn(f"the record of this run does not go on: {problem} Then resume it again.")
    return dataclasses.replace(how, records=tuple(kinds))


def _check_resumable(given: dict[str, Any], data: str | None, out: Path | None) -> None:
    fixed = [f"--{name.replace('_', '-')}" for name in given if name not in RESUMABLE]
    fixed += ["--out"] * (out is not None) + [str(data)] * (data is not None)
    if fixed:
        raise RangeError(
            f"--resume continues a run with its own settings; {', '.join(fixed)} cannot change. "
            "Only --epochs and --engine can; start a new run for anything else."
        )


def _place_of(data: str) -> str:
    """A data set's name as it is; a file or folder as a full path, which --resume can find."""
    from mitbadak.data import NAMED

    if data in NAMED or not Path(local_path(data)).exists():
        return data
    return decoded(Path(data).resolve())


def _run(session: Session, how: _Shown) -> int:
    """Train, draw the pictures while the folder is still locked, and report."""
    lang, stream, doctor = how.lang, how.stream, how.doctor
    folder = session.run.path
    resume = f"Continue with: mitbadak train --resume {folder}"
    try:
        for line in [] if how.quiet else _opening(session):
            print_line(line, stream, flush=True)
        history = session.train(release=False)
    except (Ended, Stop) as stop:
        reason = session.trainer.history.stopped or stop
        return complain(f"{reason}; nothing is lost. {resume}", code_of(stop))
    except BrokenPipeError:
        return complain(f"{OUTPUT_CLOSED}; nothing is lost. {resume}", CLOSED)
    except OSError as problem:
        return complain(
            f"{from_the_system(problem)}. The run is saved in {folder} up to its last checkpoint. "
            f"Solve the problem first. {resume}",
            FAILED,
        )
    summary: dict[str, Any] = {}
    undrawn = ""
    report, unwritten = None, ""
    if not session.trainer.interrupted:  # before the pictures, which take more memory
        report = diagnosed(session, in_full=doctor)
        unwritten = saved(report, session, lang) if report is not None and doctor else ""
    if history.rows:
        undrawn = draw_or_explain(session, lang, how.film)
        summary = _summary(session)
        if how.film is not None and not undrawn:
            summary["film"] = str(how.film)
    if how.as_json and summary:
        print_json({**summary, "findings": as_values(report, lang, in_full=doctor)})
    if session.trainer.interrupted:
        if "film" in summary:
            print_line(say(f"film: {summary['film']}"), stream, flush=True)
        return complain(f"{history.stopped}; nothing is lost. {resume}", INTERRUPTED)
    for line in lines_of(report, folder, lang, in_full=doctor):
        print_line(line, stream, flush=True)
    if session.trainer.failed:
        return complain(f"stopped: {history.stopped}. The run is in {folder}", FAILED)
    if undrawn or unwritten:
        return complain(f"{undrawn or unwritten}. The run itself is complete, in {folder}", FAILED)
    for line in _closing(session, summary):
        print_line(line, stream, flush=True)
    return 0


def _opening(session: Session) -> list[str]:
    trainer, config = session.trainer, session.config
    sizes = ", ".join(
        say(f"{len(s):,} {name}") for name, s in trainer.sets.items() if s is not None
    )
    lines = [
        for_the_reader(
            f"{config.data_name}: {sizes}; {session.source.preparation.describe()}. "
            f"{trainer.net!r}, {trainer.optimizer!r}, batch {trainer.batch_size}, engine "
            f"{trainer.engine.name} ({trainer.engine.reason}), seed {config.seed}"
        ),
        *map(for_the_reader, session.source.notes),
    ]
    if session.chosen:
        flags = " ".join(as_flag(name, getattr(config, name)) for name in session.chosen)
        lines.append(
            say(f"chosen for data of this kind and size, each changed by its flag: {flags}")
        )
    lines.append(say(f"run folder: {session.run.path}"))
    if trainer.step:
        lines.append(say(f"continuing after epoch {trainer.epoch}, step {trainer.step}"))
    return lines


def _summary(session: Session) -> dict[str, Any]:
    """The result as JSON values; of a run that was interrupted, its last row."""
    from mitbadak.training.history_file import finite_or_none

    trainer, history = session.trainer, session.trainer.history
    row = history[-1] if session.result is None else session.result
    return finite_or_none(
        {
            "run": str(session.run.path),
            "epochs": trainer.epoch,
            "kept_epoch": history.kept,
            "steps": trainer.step,
            "seconds": round(trainer.seconds, 3),
            **{k: v for k, v in row.items() if k not in ("epoch", "step", "seconds", "warning")},
            "stopped": history.stopped,
            "warning": row.get("warning", ""),
            "engine": trainer.engine.name,
            "seed": session.config.seed,
        }
    )


def _closing(session: Session, summary: dict[str, Any]) -> list[str]:
    stopped = f" ({for_the_reader(summary['stopped'])})" if summary["stopped"] else ""
    result = say(
        f"{', '.join(_measures(session, summary))} after {summary['epochs']} epochs in "
        f"{summary['seconds']:.1f} s"
    )
    lines = [
        f"{result}{stopped}",
        say(f"weights: {session.run.model}"),
        say(f"curves: {session.run.curves}"),
        *(f"{say(path.stem)}: {path}" for path in _further_pictures(session.run) if path.exists()),
        *([say(f"film: {summary['film']}")] if "film" in summary else []),
        say(f"evaluate: mitbadak evaluate {session.run.path}"),
    ]
    if summary["warning"]:
        lines.append(f"{say('warning')}: {for_the_reader(summary['warning'])}")
    best = next((c for c in session.trainer.callbacks if isinstance(c, EarlyStopping)), None)
    if best is not None and summary["kept_epoch"] is not None:
        lines.append(
            say(
                f"the best weights are back: those of epoch {summary['kept_epoch']} of "
                f"{summary['epochs']}, by {say(_words(best.monitor))} {best.best:.4f}"
            )
        )
    return lines


def _further_pictures(run: RunFolder) -> list[Path]:
    """Where pictures of nets with one or two inputs are."""
    return [run.path / name for name in (BOUNDARY, FITTED)]


def _measures(session: Session, summary: dict[str, Any]) -> list[str]:
    """The most telling measures, in words; R2 and RMSE are in the targets' own units."""
    if summary.get("r2") is not None:
        measures = [say(f"test R2 {summary['r2']:.4f}, RMSE {summary['rmse']:.6g}")]
    else:
        test = "test_accuracy" if "test_accuracy" in summary else "test_loss"
        measures = [] if summary.get(test) is None else [f"{say(_words(test))} {summary[test]:.4f}"]
    if summary.get("train_loss") is not None:
        of = f" {say('(of standardized targets)')}" if session.config.scale_targets else ""
        measures.append(say(f"train loss {summary['train_loss']:.4f}") + of)
    return measures


def _words(name: str) -> str:
    return name.replace("_", " ")

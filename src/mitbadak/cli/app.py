"""The command line: train and data here, the other commands from their modules."""

from __future__ import annotations

import contextlib
import re
import signal
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO, cast

import typer

from mitbadak import __version__
from mitbadak.cli import functions as cli_functions, runs as cli_runs
from mitbadak.cli.flags import AsJson, as_flags, train_signature, widths
from mitbadak.cli.process import CLOSED, FAILED, in_words, on_open_streams, unexpected
from mitbadak.core.errors import FormatError, LostFolderError, MitbadakError, RangeError
from mitbadak.core.files import local_path
from mitbadak.core.languages import known_language
from mitbadak.core.printing import joined, print_json, print_line
from mitbadak.core.startup import BY_SIGNAL
from mitbadak.runs.config import TrainConfig
from mitbadak.training.interrupts import Ended, told_to_end

if TYPE_CHECKING:
    from mitbadak.runs.session import Session
    from mitbadak.training.callbacks import Callback

BAD_INPUT = 2

# Click's base of all usage errors; Typer carries its own copy of Click from 0.26 on.
UsageProblem = cast(type[Exception], typer.BadParameter.__mro__[2])

app = typer.Typer(
    name="mitbadak",
    help="A neural-network workshop that shows its work.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@on_open_streams
def main(args: list[str] | None = None) -> int:
    """Run the command line and return its exit code.

    0: done. 2: bad input, told in one line on stderr. 1: training stopped on a non-finite loss,
    or the system failed (a full disk, a folder that cannot be written, too little memory), or the
    run folder was taken away, or an error that nobody foresaw, which ``MITBADAK_TRACEBACK=1`` shows
    in full. After these a run can go on: 130 interrupted by Ctrl-C, 143 told to end by SIGTERM,
    129 the terminal was closed
    (SIGHUP), 141 what reads the output was closed.
    """
    try:
        with told_to_end() as signals, warnings.catch_warnings():
            warnings.showwarning = _warn
            code = app(args, standalone_mode=False) or 0
            if signals and code == 0:  # what the signal raised was dropped on its way
                raise Ended(signals[0])
            return code
    except UsageProblem as problem:
        said = problem.format_message()  # type: ignore[attr-defined]
        return _complain(said, BAD_INPUT) if said else BAD_INPUT  # empty: the help was shown
    except LostFolderError as problem:
        return _complain(problem, FAILED)
    except (MitbadakError, FileNotFoundError) as problem:
        return _complain(as_flags(str(problem)), BAD_INPUT)
    except BrokenPipeError:
        return CLOSED
    except OSError as problem:
        return _complain(problem, FAILED)
    except (Ended, KeyboardInterrupt, typer.Abort) as stop:
        return _complain(str(stop) or "interrupted", _code_of(stop))
    except Exception as problem:
        return _complain(unexpected(problem), FAILED)


def _warn(message: Warning | str, *_: object) -> None:
    with contextlib.suppress(OSError):
        print_line(f"mitbadak: warning: {_one_line(message)}", sys.stderr)


def _complain(problem: object, code: int) -> int:
    with contextlib.suppress(OSError):  # whoever read this is gone
        print_line(f"mitbadak: {_one_line(problem)}", sys.stderr)
    return code


def _one_line(message: object) -> str:
    """A message whose numbers, in a large array, may have been laid out in several lines."""
    return re.sub(r"\s*\n\s*", " ", str(message).strip())


def _code_of(stop: BaseException) -> int:
    return BY_SIGNAL + getattr(stop, "signal", signal.SIGINT)


@app.callback(invoke_without_command=True)
def _version(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        print_line(f"mitbadak {__version__}")
        raise typer.Exit


def _train(
    data: str | None,
    out: Path | None,
    resume: Path | None,
    lang: str,
    as_json: bool,
    **settings: Any,
) -> int:
    """Train a net and keep the run in a folder: settings, history, weights, curves.

    Without options: the notes' 784-50-10 net on MNIST, 17 epochs of batches of 100, lr 0.1.
    Ctrl-C keeps the run; --resume goes on to the same numbers.
    """
    from mitbadak.cli.terminal import progress_callback

    known_language(lang)
    given = {name: value for name, value in settings.items() if value is not None}
    lines = sys.stderr if as_json else sys.stdout
    session = _session(data, out, resume, given, progress_callback(lines))
    try:
        return _carry_out(session, lang, lines, as_json)
    finally:
        session.run.release()


def _carry_out(session: Session, lang: str, lines: TextIO, as_json: bool) -> int:
    """Train, draw the pictures while the folder is still held, and report."""
    for line in _opening(session):
        print_line(line, lines, flush=True)
    go_on = f"Go on with: mitbadak train --resume {session.run.path}"
    try:
        history = session.train(release=False)
    except Ended as stop:
        what = session.trainer.history.stopped or stop
        return _complain(f"{what}; nothing is lost. {go_on}", _code_of(stop))
    except BrokenPipeError:
        return _complain(f"what read the output is gone; nothing is lost. {go_on}", CLOSED)
    except OSError as problem:
        return _complain(
            f"{problem}: the run is in {session.run.path} up to its last checkpoint. Mend this. "
            f"{go_on}",
            FAILED,
        )
    summary: dict[str, Any] = {}
    undrawn = ""
    if history.rows:
        undrawn = _undrawn(session, lang)
        summary = _summary(session)
    if as_json and summary:
        print_json(summary)
    if session.trainer.interrupted:
        return _complain(f"{history.stopped}; nothing is lost. {go_on}", BY_SIGNAL + signal.SIGINT)
    if session.trainer.failed:
        return _complain(f"stopped: {history.stopped}. The run is in {session.run.path}", FAILED)
    if undrawn:
        return _complain(f"{undrawn}. The run itself is whole, in {session.run.path}", FAILED)
    for line in _closing(session, summary):
        print_line(line, lines, flush=True)
    return 0


_train.__signature__ = train_signature()  # type: ignore[attr-defined]
_train.__annotations__ = {}
app.command("train")(_train)


@app.command("data")
def list_data(as_json: AsJson = False) -> int:
    """What data is here, with checksums."""
    from mitbadak.data import MADE, mnist, spiral_datasets

    files = []
    for expected in mnist.FILES.values():
        path = mnist.FOLDER / expected.name
        found = mnist.checksum(path) if path.is_file() else None
        verdict = "missing" if found is None else "ok" if found == expected.sha256 else "DAMAGED"
        files.append({"file": expected.name, "items": expected.count, "sha256": found,
                      "state": verdict})  # fmt: skip
    spiral = [len(part) for part in spiral_datasets()]
    made = {name: [len(part) for part in make()] for name, make in MADE.items()}
    if as_json:
        print_json({"mnist": {"folder": str(mnist.FOLDER), "files": files},
                    "spiral": {"train": spiral[0], "test": spiral[1]},
                    "made": made})  # fmt: skip
    else:
        print_line(f"mnist: 60,000 training and 10,000 test images of 28 x 28, in {mnist.FOLDER}")
        for file in files:
            print_line(f"  {file['state']:7} {file['file']:27} sha256 {file['sha256'] or '-'}")
        print_line("  by LeCun, Cortes and Burges; licence note in README.md beside the files")
        print_line(f"spiral: {spiral[0]} training points (seed 1984, the notes') and {spiral[1]} "
                   "test points (seed 1985), made when asked for")  # fmt: skip
        print_line(", ".join(f"{name} ({train} and {test})" for name, (train, test) in made.items())
                   + ": the same, from seeds 0 and 1")  # fmt: skip
        print_line("your own: a folder of IDX files or of images by class, a .npz or a .csv file")
    damaged = [file["file"] for file in files if file["state"] != "ok"]
    if damaged:
        raise FormatError(f"{', '.join(damaged)}: missing or damaged. Reinstall Mitbadak.")
    return 0


def _session(
    data: str | None,
    out: Path | None,
    resume: Path | None,
    given: dict[str, Any],
    progress: Callback,
) -> Session:
    """A new run, or one that goes on, from what was given on the command line."""
    from mitbadak.runs.session import Session

    if isinstance(given.get("hidden"), str):
        given["hidden"] = widths(given["hidden"])
    if "label" in given:
        given["label"] = joined(given["label"])
    if resume is None:
        config = TrainConfig.for_data(_place_of(data or "mnist"), **given)
        fit_batch = "batch_size" not in given
        return Session.start(config, out, fit_batch=fit_batch, callbacks=[progress])
    fixed = [f"--{n.replace('_', '-')}" for n in given if n not in ("epochs", "engine")]
    fixed += ["--out"] * (out is not None) + [str(data)] * (data is not None)
    if fixed:
        raise RangeError(
            f"--resume goes on with the settings of its run; {', '.join(fixed)} cannot change. "
            "Only --epochs and --engine can; start a new run for anything else."
        )
    epochs, engine = given.get("epochs"), given.get("engine")
    return Session.resume(resume, epochs=epochs, engine=engine, callbacks=[progress])


def _place_of(data: str) -> str:
    """A name as it is; a file or folder by its full path, which --resume finds from anywhere."""
    from mitbadak.data import NAMED

    if data in NAMED or not Path(local_path(data)).exists():
        return data
    return joined(Path(data).resolve())


def _opening(session: Session) -> list[str]:
    trainer, config = session.trainer, session.config
    sizes = ", ".join(f"{len(s):,} {name}" for name, s in trainer.sets.items() if s is not None)
    lines = [
        f"{config.data_name}: {sizes}; {session.source.preparation.said()}. {trainer.net!r}, "
        f"{trainer.optimizer!r}, batch "
        f"{config.batch_size}, engine {trainer.engine.name} ({trainer.engine.reason}), seed "
        f"{config.seed}",
        f"run folder: {session.run.path}",
    ]
    if trainer.step:
        done = f"epoch {trainer.epoch}, step {trainer.step}"
        lines.append(f"going on after {done}")
    return lines


def _summary(session: Session) -> dict[str, Any]:
    from mitbadak.training.evaluation import evaluate as measure
    from mitbadak.training.history import finite_or_none

    trainer = session.trainer
    last = dict(trainer.history[-1])
    if session.config.early_stopping and not trainer.interrupted:  # the best weights are back
        for name, examples in trainer.sets.items():
            if examples is not None:
                last |= {f"{name}_{k}": v for k, v in measure(trainer.net, examples).items()}
    return finite_or_none(
        {
            "run": str(session.run.path),
            "epochs": trainer.epoch,
            "steps": trainer.step,
            "seconds": round(trainer.seconds, 3),
            **{k: v for k, v in last.items() if k not in ("epoch", "step", "seconds")},
            "stopped": trainer.history.stopped,
            "engine": trainer.engine.name,
            "seed": session.config.seed,
        }
    )


def _closing(session: Session, summary: dict[str, Any]) -> list[str]:
    stopped = f" ({summary['stopped']})" if summary["stopped"] else ""
    test = "test_accuracy" if "test_accuracy" in summary else "test_loss"
    measured = [
        f"{name.replace('_', ' ')} {summary[name]:.4f}"
        for name in (test, "train_loss")
        if summary.get(name) is not None
    ]
    return [
        f"{', '.join(measured)} after {summary['epochs']} epochs in {summary['seconds']:.1f} s"
        f"{stopped}",
        f"curves: {session.run.curves}",
        f"evaluate: mitbadak evaluate {session.run.path}",
    ]


def _undrawn(session: Session, lang: str) -> str:
    """Draw the pictures of a run; why that was not possible, or "": the numbers stand anyway."""
    try:
        _draw(session, lang)
    except Exception as problem:  # full disks, little memory, damaged fonts, foreign settings
        return f"no picture was drawn: {in_words(problem)}"
    return ""


def _draw(session: Session, lang: str) -> None:
    from mitbadak import plots

    trainer, config = session.trainer, session.config
    widths = "-".join(map(str, [trainer.net.n_in, *config.hidden, trainer.net.n_out]))
    title = f"{config.data_name}, {widths} {config.activation}, {config.optimizer} lr {config.lr:g}"
    plots.save_figure(plots.training_figure(trainer.history, title, lang=lang), session.run.curves,
                      check=session.run.check_own)  # fmt: skip
    if trainer.failed or trainer.net.n_in not in (1, 2):
        return
    has_classes = trainer.net.head.measures_accuracy(trainer.train.t, trainer.net.n_out or 0)
    if has_classes != (trainer.net.n_in == 2):
        return
    draw, name = (
        (plots.decision_boundary, "boundary.png")
        if has_classes
        else (plots.fitted_curve, "fit.png")
    )
    with plots.lettering(lang):
        figure = plots.new_figure(5.5, 5.5 if has_classes else 4.0)
        ax = draw(trainer.net, trainer.train, figure.subplots(), lang=lang)
        plots.set_title(ax, title, fontsize=10)
        plots.save_figure(figure, session.run.path / name, check=session.run.check_own)


cli_functions.register(app)
cli_runs.register(app)

if __name__ == "__main__":
    sys.exit(main())

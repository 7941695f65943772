"""Commands on trained runs: predict, runs, and evaluate from its own module."""

from __future__ import annotations

import csv
import io
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer

from mitbadak.cli.evaluate import RunArgument, evaluate
from mitbadak.cli.flags import AsJson, Language
from mitbadak.core.errors import FormatError, RangeError
from mitbadak.core.languages import known_language
from mitbadak.core.printing import clipped, print_json, print_line

if TYPE_CHECKING:
    from mitbadak.data.preparation import Preparation
    from mitbadak.runs.overview import RunSummary

TOP = 3  # answers that are shown with a bar
BAR = 24  # letters of a full bar
PICTURED = 12  # files in one picture
REASON = 70  # letters of why a run stopped; --json says all of it


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command()(evaluate)
    app.command()(predict)
    app.command()(runs)


def predict(
    run: RunArgument,
    files: Annotated[
        list[Path], typer.Argument(help="Images (PNG, JPEG, ...), or a table (.csv), as the run's.")
    ],
    centre: Annotated[
        bool | None,
        typer.Option(
            "--centre/--no-centre",
            help="Cut the ink out and centre it as in MNIST, or only scale the image; default: "
            "for nets on digits.",
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write all answers here (CSV).")] = None,
    picture: Annotated[
        Path | None, typer.Option(help="Draw what the net saw, and its answers (PNG).")
    ] = None,
    as_json: AsJson = False,
    lang: Language = "en",
) -> int:
    """What a trained net says about new images, or about the rows of a table."""
    from mitbadak.nn.predictor import Predictor
    from mitbadak.runs.fresh import images_for, preparation_of, table_for
    from mitbadak.runs.session import open_run

    known_language(lang)
    _check_outputs(("--out", out), ("--picture", picture))
    folder, _, net = open_run(run)
    preparation = preparation_of(folder)
    _check_kind(folder.path, preparation, files, picture)
    if preparation.n_in is not None and net.n_in not in (None, preparation.n_in):
        raise FormatError(
            f"the run's file prepares {preparation.n_in:,} numbers; its net takes {net.n_in:,}."
        )
    if preparation.kind == "images":
        raw = images_for(files, preparation, centre=centre)
        names = [{"file": str(file)} for file in files]
    else:
        tables = [table_for(file, preparation) for file in files]
        raw = np.concatenate(tables)
        names = [{"file": str(file), "row": row}
                 for file, table in zip(files, tables, strict=True)
                 for row in range(1, len(table) + 1)]  # fmt: skip
    answers = Predictor(net, engine="numpy").predict(preparation.rows(raw, net.dtype))
    by_class = net.head.by_class(answers)
    answers = answers if by_class is None else by_class
    classes = _classes(preparation, answers.shape[-1])
    share = "score" if by_class is None else "probability"
    said = [name | one for name, one in zip(names, _said(answers, classes, share), strict=True)]
    if out is not None:
        _write_csv(out, said, classes)
    if picture is not None:
        from mitbadak import plots

        shown = [Path(file).name for file in files]
        figure = plots.prediction_figure(raw, shown, answers, classes, lang=lang)
        plots.save_figure(figure, picture)
    if as_json:
        print_json({"run": str(folder.path), "predictions": said})
    elif preparation.kind == "images" and classes:
        _print_bars(said)
    else:
        for one in said:
            print_line(_line(one, several=len(files) > 1))
    for what, path in (("answers", out), ("picture", picture)):
        if path is not None:
            print_line(f"{what}: {path}", sys.stderr if as_json else sys.stdout)
    return 0


def runs(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(help="Run folders, or folders of runs; default the folder runs."),
    ] = None,
    sort: Annotated[
        str, typer.Option(help="newest, name, data, epochs, accuracy, loss, seconds or state.")
    ] = "newest",
    plot: Annotated[
        Path | None, typer.Option(help="Draw the curves of these runs into one picture (PNG).")
    ] = None,
    as_json: AsJson = False,
    lang: Language = "en",
) -> int:
    """List runs: data, net, how far they came, how well they do."""
    from mitbadak.runs.overview import overview

    known_language(lang)
    _check_outputs(("--plot", plot))
    found = overview(folders or [Path("runs")], sort)
    if plot is not None:
        _draw_runs(found, plot, lang)
    if as_json:
        print_json({"runs": [_as_dict(one) for one in found]})
    elif found:
        _print_runs(found)
    else:
        print_line(f"no runs in {', '.join(map(str, folders or ['runs']))}")
    if plot is not None:
        print_line(f"picture: {plot}", sys.stderr if as_json else sys.stdout)
    return 0


def _check_outputs(*flags: tuple[str, Path | None]) -> None:
    for flag, path in flags:
        if path is not None and not path.resolve().parent.is_dir():
            raise RangeError(f"{flag} {path}: there is no folder {path.parent}.")
        if path is not None and path.is_dir():
            raise RangeError(f"{flag} {path} is a folder; name a file.")


def _check_kind(
    run: Path, preparation: Preparation, files: Sequence[Path], picture: Path | None
) -> None:
    """Refuse a table for a net on images and the other way round, before anything is read."""
    on_images = preparation.kind == "images"
    for file in files:
        if on_images and file.suffix.lower() in (".csv", ".tsv"):
            raise FormatError(f"{run} is a net on images; {file} is a table.")
        if not on_images and file.suffix.lower() not in (".csv", ".tsv", ".txt"):
            names = ", ".join(preparation.columns)
            raise FormatError(
                f"{run} is a net on numbers; {file} is no table. It takes a .csv file with the "
                f"columns {names}."
            )
    if picture is not None and not on_images:
        raise RangeError("--picture draws images; this is a net on numbers. Use --out for a table.")
    if picture is not None and len(files) > PICTURED:
        raise RangeError(f"--picture draws at most {PICTURED} images; got {len(files)}.")


def _classes(preparation: Preparation, answers: int) -> tuple[str, ...]:
    """What each answer stands for; none for a net whose answers are real numbers."""
    names = preparation.classes
    if names and len(names) != answers:
        raise FormatError(f"the run's file names {len(names)} classes; its net has {answers}.")
    return names


def _said(answers: np.ndarray, classes: Sequence[str], share: str) -> list[dict[str, Any]]:
    """Answers as JSON values, the likeliest class first where there are classes."""
    if not np.isfinite(answers).all():
        raise FormatError("the net answers NaN or infinity: its training had diverged.")
    if not classes:
        return [{"answer": row.tolist() if len(row) > 1 else float(row[0])} for row in answers]
    plural = {"probability": "probabilities", "score": "scores"}[share]
    said = []
    for row in answers.astype(float):
        order = np.argsort(-row, kind="stable")
        listed = {classes[k]: round(float(row[k]), 6) for k in order}
        said.append({"answer": classes[order[0]], share: listed[classes[order[0]]], plural: listed})
    return said


def _by_class(one: dict[str, Any]) -> dict[str, float]:
    return one.get("probabilities") or one.get("scores") or {}


def _line(one: dict[str, Any], *, several: bool) -> str:
    where = f"{one['file']}, row {one['row']}" if several else f"row {one['row']}"
    sure = one.get("probability", one.get("score"))
    answer = one["answer"]
    said = f"{answer:.6g}" if isinstance(answer, float) else answer
    return f"{where}: {said}" + ("" if sure is None else f"  {sure:.4f}")


def _write_csv(path: Path, said: Sequence[dict[str, Any]], classes: Sequence[str]) -> None:
    from mitbadak.core.files import write_atomically

    text = io.StringIO()
    rowed = "row" in said[0]
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["file", *["row"] * rowed, "answer", *[f"p_{name}" for name in classes]])
    for one in said:
        shares = _by_class(one)
        answer = one["answer"] if not isinstance(one["answer"], list) else json.dumps(one["answer"])
        place = [one["file"], one["row"]] if rowed else [one["file"]]
        writer.writerow([*place, answer, *[shares[name] for name in classes]])
    write_atomically(path, text.getvalue().encode(errors="replace"))


def _print_bars(said: Sequence[dict[str, Any]]) -> None:
    from rich.table import Table

    from mitbadak.cli.terminal import cell, print_table

    block = "\u2588" if (sys.stdout.encoding or "").lower().startswith("utf") else "#"
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    for one in said:
        for rank, (name, share) in enumerate(list(_by_class(one).items())[:TOP]):
            bar = block * max(round(BAR * min(max(share, 0.0), 1.0)), 0)
            style = "bold" if rank == 0 else "dim"
            file = one["file"] if rank == 0 else ""
            table.add_row(*(cell(text, style) for text in (file, name, f"{share:.4f}", bar)))
    print_table(table)


def _draw_runs(found: Sequence[RunSummary], plot: Path, lang: str) -> None:
    from mitbadak import plots
    from mitbadak.runs.overview import rows_of

    whole = [one for one in found if one.state != "damaged" and one.epochs + one.of > 0]
    if not whole:
        raise RangeError("--plot: there is no run whose curves could be drawn.")
    names = [one.name for one in whole]
    unique = len(set(names)) == len(names)
    histories = {one.name if unique else str(one.path): rows_of(one.path) for one in whole}
    plots.save_figure(plots.compare_figure(histories, lang=lang), plot)


def _as_dict(one: RunSummary) -> dict[str, Any]:
    return {
        "run": str(one.path),
        "data": one.data,
        "net": one.net,
        "optimizer": one.optimizer,
        "epochs": one.epochs,
        "epochs_asked": one.of,
        "test_accuracy": one.accuracy,
        "train_loss": one.loss,
        "seconds": one.seconds,
        "state": one.state,
        "why": one.why,
        "changed": time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(one.when)),
    }


def _print_runs(found: Sequence[RunSummary]) -> None:
    from rich.table import Table

    from mitbadak.cli.terminal import cell, print_table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("run", "data", "net", "optimizer"):
        table.add_column(name)
    for name in ("epochs", "accuracy", "loss", "seconds"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("state")
    for one in found:
        numbers = [_number(value, places) for value, places in
                   ((one.accuracy, 4), (one.loss, 4), (one.seconds, 1))]  # fmt: skip
        epochs = f"{one.epochs}/{one.of}" if one.state != "damaged" else "-"
        state = one.state if not one.why else f"{one.state}: {clipped(one.why, REASON)}"
        cells = [one.name, one.data or "-", one.net or "-", one.optimizer or "-", epochs, *numbers]
        table.add_row(*map(cell, (*cells, state)))
    print_table(table)


def _number(value: float | None, places: int) -> str:
    return "-" if value is None else f"{value:.{places}f}"

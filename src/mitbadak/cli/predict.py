"""The command predict: a trained net's answers for new images, or for the rows of tables."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer

from mitbadak.cli.exits import DIVERGED
from mitbadak.cli.flags import AsJson, Language, Run, check_outputs
from mitbadak.cli.language import say, tell
from mitbadak.core.errors import FormatError, RangeError
from mitbadak.core.printing import print_json, print_line, table_lines

if TYPE_CHECKING:
    from mitbadak.runs.model import Model
    from mitbadak.runs.trained import TrainedRun

Answer = dict[str, Any]

SHOWN_CLASSES = 3  # of each image, with a bar
BAR_WIDTH = 24
MOST_PICTURED = 12  # images in one picture


def predict(
    run: Run,
    files: Annotated[
        list[Path],
        typer.Argument(
            help="Images (PNG, JPEG, ...) or folders of them, or tables (.csv) with the run's "
            "columns."
        ),
    ],
    center: Annotated[
        bool | None,
        typer.Option(
            "--center/--no-center",
            "--centre/--no-centre",
            help="Cut the digit out and center it as in MNIST, or only scale the image. "
            "Default: as the training images were made.",
        ),
    ] = None,
    invert: Annotated[
        bool | None,
        typer.Option(
            help="Invert the pixels of images that are only scaled. Default: as in training."
        ),
    ] = None,
    transpose: Annotated[
        bool | None,
        typer.Option(help="Swap rows and columns, as in EMNIST's files. Default: as in training."),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write all answers to this file (CSV).")] = None,
    picture: Annotated[
        Path | None,
        typer.Option(help="Draw the images as the net sees them, with its answers (PNG)."),
    ] = None,
    as_json: AsJson = False,
    lang: Language = "",
) -> int:
    """Run a trained net on new images, or on the rows of tables."""
    from mitbadak.runs.trained import TrainedRun

    check_outputs(out=out, picture=picture)
    if out is not None and out.suffix.lower() not in (".csv", ".txt", ""):
        raise RangeError(f"--out {out} should end in .csv: the answers are written as CSV.")
    trained = TrainedRun.open(run)
    model = trained.model
    if trained.preparation.kind == "images":
        files = [image for file in files for image in _images_of(file)]
    _check_files(trained, files, picture)
    raw, names = _examples(files, model, center=center, invert=invert, transpose=transpose)
    rows = model.rows_of_files(raw)
    with np.errstate(all="ignore"):  # of a net that overflowed
        scores = model.net.predict(rows)
    outputs, classes = model.answers(scores), model.classes
    measure = "score" if model.net.head.by_class(scores) is None else "probability"
    answers = [
        name | answer
        for name, answer in zip(names, _answers(outputs, classes, measure), strict=True)
    ]
    if model.preparation.kind == "images":
        _compare_with_folders(answers, classes)
    if out is not None:
        _write_csv(out, answers, classes)
    if picture is not None:
        truth = [answer.get("truth") for answer in answers]
        _draw(picture, model, raw, names, outputs, truth, lang)
    if as_json:
        print_json({"run": str(trained.folder.path), "predictions": _by_file(answers)})
    elif out is not None:
        tell(f"{len(answers):,} answers, each a row of the file")
        _print_share(answers)
    elif model.preparation.kind == "images" and classes:
        _print_bars(answers)
        _print_share(answers)
    else:
        cells = [_cells(answer, with_file=len(files) > 1) for answer in answers]
        for line in table_lines(cells, right=(2,)):
            print_line(line)
    stream = sys.stderr if as_json else sys.stdout
    if out is not None:
        tell(f"answers: {out}", stream)
    if picture is not None:
        tell(f"picture: {picture}", stream)
    return 0


def _draw(
    path: Path, model: Any, raw: Any, names: Sequence[dict[str, Any]], outputs: Any,
    truth: Sequence[Any], lang: str,
) -> None:  # fmt: skip
    """Draw the images as the net sees them, with its answers."""
    from mitbadak import plots
    from mitbadak.data.images.forms import to_look_at

    titles = [_place({**name, "file": Path(name["file"]).name}, str) for name in names]
    images = to_look_at(raw, model.preparation.pictures)
    figure = plots.prediction_figure(images, titles, outputs, model.classes, truth=truth, lang=lang)
    plots.save_figure(figure, path)


def _images_of(path: Path) -> list[Path]:
    """A file as it is; of a folder all images in it and in the folders below, such as one for each
    class."""
    from mitbadak.data.images.reading import SUFFIXES

    if not path.is_dir():
        return [path]
    found = (file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES)
    images = sorted(f for f in found if f.is_file() and not f.name.startswith("."))
    if not images:
        raise FormatError(f"{path}: no images in this folder.")
    return images


def _check_files(trained: TrainedRun, files: Sequence[Path], picture: Path | None) -> None:
    """Refuse a table for a net on images, and the other way round, before anything is read."""
    from mitbadak.data.table import TABLE_ENDINGS

    run, preparation = trained.folder.path, trained.preparation
    on_images = preparation.kind == "images"
    for file in files:
        if on_images and file.suffix.lower() in TABLE_ENDINGS:
            raise FormatError(f"{run} is a net on images; {file} is a table.")
        if not on_images and not preparation.columns:
            raise FormatError(
                f"{run} is a net on rows of {preparation.n_in or 'some'} numbers without names, "
                f"which mitbadak predict cannot find in {file}. In Python "
                "mitbadak.load(run).predict(rows) takes them."
            )
        if not on_images and file.suffix.lower() not in TABLE_ENDINGS:
            raise FormatError(
                f"{run} is a net on numbers; {file} is not a table. Give a .csv file with the "
                f"columns {', '.join(preparation.columns)}."
            )
    if picture is not None and not on_images:
        raise RangeError("--picture draws images; this is a net on numbers. Use --out for a table.")
    if picture is not None and len(files) > MOST_PICTURED:
        raise RangeError(f"--picture draws at most {MOST_PICTURED} images; got {len(files)}.")


def _examples(files: Sequence[Path], model: Model, **how: Any) -> tuple[np.ndarray, list[Answer]]:
    """Images as they are in the files, or the prepared rows of tables; where each is from.

    Args:
        files, model: of tables or images.
        how: how images are read, where it is not as in training; see ``pictures_for``.
    """
    from mitbadak.runs.fresh import pictures_for, table_for

    preparation = model.preparation
    if preparation.kind == "images":
        images = pictures_for(files, preparation, **how)
        names: list[Answer] = []
        for file, own in zip(files, images, strict=True):
            several = len(own) > 1
            names += [
                {"file": str(file), **({"digit": k, "of": len(own)} if several else {})}
                for k in range(1, len(own) + 1)
            ]
        return np.concatenate(images), names
    tables = [table_for(file, preparation, model.net.dtype) for file in files]
    names = [
        {"file": str(file), "row": row}
        for file, table in zip(files, tables, strict=True)
        for row in range(1, len(table) + 1)
    ]
    return np.concatenate(tables), names


def _answers(outputs: np.ndarray, classes: Sequence[str], measure: str) -> list[Answer]:
    """Outputs as JSON values, by class from the likeliest on where there are classes."""
    if not np.isfinite(outputs).all():
        raise FormatError(DIVERGED)
    if not classes:
        return [{"answer": row.tolist() if len(row) > 1 else float(row[0])} for row in outputs]
    plural = {"probability": "probabilities", "score": "scores"}[measure]
    answers = []
    for row in outputs.astype(float):
        order = np.argsort(-row, kind="stable")
        by_class = {classes[k]: round(float(row[k]), 6) for k in order}
        best = classes[order[0]]
        answers.append({"answer": best, measure: by_class[best], plural: by_class})
    return answers


def _compare_with_folders(answers: Sequence[Answer], classes: Sequence[str]) -> None:
    """Add the truth, and whether the answer is right, if every file lies in a folder of a class.

    In a picture with several digits the truth of each is unknown.
    """
    folders = [Path(answer["file"]).resolve().parent.name for answer in answers]
    if not set(folders) <= set(classes) or any("digit" in answer for answer in answers):
        return
    for answer, folder in zip(answers, folders, strict=True):
        answer |= {"truth": folder, "right": answer["answer"] == folder}


def _print_share(answers: Sequence[Answer]) -> None:
    """How many answers are right, and where the truth is from."""
    known = [answer["right"] for answer in answers if "right" in answer]
    if known:
        tell(f"right: {sum(known):,} of {len(known):,}, by the folders of the files")


def _by_file(answers: Sequence[Answer]) -> list[Answer]:
    """The answers with those for the digits of one picture together.

    Their answer is the digits from left to right; its probability, that all are right, is the
    product of theirs.
    """
    joined: list[Answer] = []
    for answer in answers:
        if "digit" not in answer:
            joined.append(answer)
            continue
        single = {k: v for k, v in answer.items() if k not in ("file", "digit", "of")}
        if answer["digit"] == 1:
            joined.append({"file": answer["file"], "answer": "", "digits": []})
        picture = joined[-1]
        picture["digits"].append(single)
        names = [digit["answer"] for digit in picture["digits"]]
        picture["answer"] = ("" if max(map(len, names)) == 1 else " ").join(names)
        if "probability" in single:
            picture["probability"] = picture.get("probability", 1.0) * single["probability"]
    return joined


def _place(answer: Answer, say: Callable[[str], str] = say) -> str:
    """The file that an answer is for, and which of its digits."""
    if "digit" not in answer:
        return answer["file"]
    return say(f"{answer['file']}, {answer['digit']} of {answer['of']}")


def _by_class(answer: Answer) -> dict[str, float]:
    return answer.get("probabilities") or answer.get("scores") or {}


def _cells(answer: Answer, *, with_file: bool) -> tuple[str, str, str]:
    """The place of an answer, the answer, and how sure it is."""
    row = say(f"row {answer['row']}")
    where = f"{answer['file']}, {row}" if with_file else row
    measure = answer.get("probability", answer.get("score"))
    value = answer["answer"]
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return f"{where}:", text, "" if measure is None else f"{measure:.4f}"


def _write_csv(path: Path, answers: Sequence[Answer], classes: Sequence[str]) -> None:
    from mitbadak.core.files import write_atomically

    text = io.StringIO()
    place = ["file", *(k for k in ("row", "digit") if any(k in answer for answer in answers))]
    truth = [name for name in ("truth", "right") if name in answers[0]]
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*place, "answer", *truth, *[f"p_{name}" for name in classes]])
    for answer in answers:
        value, by_class = answer["answer"], _by_class(answer)
        cell = json.dumps(value) if isinstance(value, list) else value
        told = [str(answer[name]).lower() if name == "right" else answer[name] for name in truth]
        where = [answer.get(k, 1) for k in place]
        writer.writerow([*where, cell, *told, *[by_class[name] for name in classes]])
    write_atomically(path, text.getvalue().encode(errors="replace"))


def _print_bars(answers: Sequence[Answer]) -> None:
    from rich.table import Table

    from mitbadak.cli.terminal import cell, print_table

    block = "\u2588" if (sys.stdout.encoding or "").lower().startswith("utf") else "#"
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    for answer in answers:
        for rank, (name, value) in enumerate(list(_by_class(answer).items())[:SHOWN_CLASSES]):
            bar = block * round(BAR_WIDTH * min(max(value, 0.0), 1.0))
            style = "bold" if rank == 0 else "dim"
            file = _place(answer) if rank == 0 else ""
            cells = [cell(text, style) for text in (file, name, f"{value:.4f}", bar)]
            if "right" in answer:  # in words, since colors are lost in a pipe and on some screens
                verdict = say("right" if answer["right"] else f"wrong ({answer['truth']})")
                color = "green" if answer["right"] else "bold red"
                cells.insert(0, cell(verdict if rank == 0 else "", color))
            table.add_row(*cells)
    print_table(table)

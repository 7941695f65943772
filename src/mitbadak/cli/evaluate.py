"""The command evaluate: how good a run's net is on its test set, and where it is wrong."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer

from mitbadak.cli.exits import DIVERGED, FAILED, complain, from_the_system, undrawn
from mitbadak.cli.flags import AsJson, Language, Run, check_outputs
from mitbadak.cli.language import say, tell
from mitbadak.core.errors import LostFolderError
from mitbadak.core.printing import print_json, print_line, table_lines
from mitbadak.core.warned import warn

if TYPE_CHECKING:
    from matplotlib.figure import Figure, FigureBase

    from mitbadak.data.preparation import Preparation
    from mitbadak.runs.folder import RunFolder
    from mitbadak.runs.model import Model

MOST_CLASSES_LISTED = 30


@dataclass(frozen=True)
class _Classified:
    """The test set of a classifier, with its answers.

    Attributes:
        x, t: rows (examples, n_in), and their class indices.
        outputs: probabilities or scores, shape (examples, classes).
        predicted: class indices.
        names: of the classes.
        preparation: how x was prepared.
    """

    x: np.ndarray
    t: np.ndarray
    outputs: np.ndarray
    predicted: np.ndarray
    names: tuple[str, ...]
    preparation: Preparation


def evaluate(
    run: Run,
    weights: Annotated[
        Path | None,
        typer.Option(
            help="Draw the weights, what each hidden unit or filter looks for (PNG, SVG or PDF)."
        ),
    ] = None,
    as_json: AsJson = False,
    lang: Language = "",
) -> int:
    """Evaluate a run's net on its test set: accuracy, confusions, calibration, speed.

    The picture is saved in the run folder as quality.png.
    """
    from mitbadak.data.preparation import Preparation
    from mitbadak.functions.blas import few_blas_threads
    from mitbadak.runs.model import Model
    from mitbadak.runs.session import load_data
    from mitbadak.runs.trained import TrainedRun
    from mitbadak.training.evaluation import evaluate as measure

    check_outputs(weights=weights)
    trained = TrainedRun.open(run)
    net = trained.net
    test = load_data(trained.config).test
    x, t = test.batch(slice(None), net.dtype)
    with few_blas_threads(), np.errstate(all="ignore"):  # of a net that overflowed
        measures = measure(net, test)
        outputs = net.predict(x)
        seconds = {
            "one_by_one": _seconds(lambda: [net.predict(example) for example in x]),
            "batches_of_100": _seconds(
                lambda: [net.predict(x[i : i + 100]) for i in range(0, len(x), 100)]
            ),
        }
    model = trained.model if trained.is_prepared else Model(net, Preparation("points"))
    result = {
        "run": str(trained.folder.path),
        "examples": len(test),
        **{f"test_{name}": value for name, value in measures.items()},
        "seconds": {name: round(value, 4) for name, value in seconds.items()},
    }
    if np.isfinite(outputs).all():
        result |= _quality(model, x, t, outputs, f"{trained.folder.path.name}: {net!r}", lang)
        result |= _picture(result.pop("draw"), trained.folder)
    else:
        warn(DIVERGED)
    if weights is not None:
        _draw_weights(model, weights, f"{trained.folder.path.name}: {net!r}", lang)
        result["weights"] = str(weights)
    undrawn = result.pop("undrawn", "")
    if as_json:
        print_json(result)
    else:
        units = f"  {say('(of standardized targets)')}" if model.preparation.target_mean else ""
        _print(result, f"{net!r}", units, seconds)
    return complain(undrawn, FAILED) if undrawn else 0


def _draw_weights(model: Model, path: Path, title: str, lang: str) -> None:
    from mitbadak import plots

    form = model.preparation.shape if model.preparation.kind == "images" else ()
    figure = plots.weights_figure(model.net, form, title, preparation=model.preparation, lang=lang)
    plots.save_figure(figure, path)


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _quality(
    model: Model, x: np.ndarray, t: np.ndarray, outputs: np.ndarray, title: str, lang: str
) -> dict[str, Any]:
    """What lies behind the accuracy, as JSON values, and ``draw``, which draws it."""
    from mitbadak.runs.quality import regression_quality

    answers = model.answers(outputs)
    if model.net.head.measures_accuracy(t, answers.shape[-1]):
        has_probabilities = model.net.head.by_class(outputs) is not None
        classified = _classified(model.preparation, x, t, answers)
        return _classification_quality(classified, title, lang, has_probabilities)
    truth = model.preparation.in_own_units(t.reshape(outputs.shape))

    def draw() -> Figure:
        from mitbadak import plots

        label = model.preparation.label if model.preparation.kind == "table" else ""
        return plots.regression_figure(truth, answers, title, label=label, lang=lang)

    return {**regression_quality(truth, answers), "draw": draw}


def _classified(
    preparation: Preparation, x: np.ndarray, t: np.ndarray, answers: np.ndarray
) -> _Classified:
    from mitbadak.functions.labels import predicted_and_true

    predicted, true = predicted_and_true("evaluate", answers, t)
    names = preparation.classes or tuple(map(str, range(answers.shape[-1])))
    return _Classified(x, true, answers, predicted, names, preparation)


def _classification_quality(
    classified: _Classified, title: str, lang: str, has_probabilities: bool
) -> dict[str, Any]:
    """Measures by class as JSON values, and ``draw``, which draws them."""
    from mitbadak.runs.quality import calibration, confusion_matrix, precision_recall

    names = classified.names
    matrix = confusion_matrix(classified.t, classified.predicted, len(names))
    by_class = precision_recall(matrix)
    result: dict[str, Any] = {
        "classes": [
            {"class": name, **{measure: values[k].item() for measure, values in by_class.items()}}
            for k, name in enumerate(names)
        ],
        "confusion": matrix.tolist(),
    }
    calibrated = None
    if has_probabilities:
        calibrated = calibration(classified.outputs, classified.t)
        bins = zip(
            calibrated.edges[:-1].tolist(), calibrated.edges[1:].tolist(), calibrated.counts,
            calibrated.confidence.tolist(), calibrated.accuracy.tolist(), strict=True,
        )  # fmt: skip
        result["calibration_error"] = calibrated.error
        result["calibration"] = [
            {"from": low, "to": high, "answers": int(n), "confidence": sure, "accuracy": right}
            for low, high, n, sure, right in bins
            if n
        ]

    def below(part: FigureBase) -> None:
        _draw_errors(part, classified, lang)

    def draw() -> Figure:
        from mitbadak import plots

        return plots.quality_figure(matrix, calibrated, names, title, below=below, lang=lang)

    return {**result, "draw": draw}


def _draw_errors(part: FigureBase, classified: _Classified, lang: str) -> None:
    """Misclassified images, or points; for the rest how confident wrong answers were."""
    from mitbadak import plots
    from mitbadak.data.images.forms import to_look_at
    from mitbadak.runs.quality import worst_misreadings

    x, t, outputs = classified.x, classified.t, classified.outputs
    preparation, names = classified.preparation, classified.names
    predicted, confidence = classified.predicted, outputs.max(axis=-1)
    if preparation.kind == "images":
        worst = worst_misreadings(outputs, t)
        raw = x[worst].reshape(-1, *preparation.shape) * (preparation.divisor or 1.0)
        plots.misclassified_images(
            to_look_at(raw, preparation.pictures),
            [names[k] for k in t[worst]],
            [names[k] for k in predicted[worst]],
            confidence[worst].tolist(),
            part,
            lang=lang,
        )
        return
    if preparation.kind != "images" and x.shape[1:] == (2,):
        left, right = part.subplots(1, 2)
        plots.misclassified_points(x, t, predicted, names, left, preparation=preparation, lang=lang)
    else:
        right = part.subplots()
    is_right = predicted == t
    plots.confidence_histogram(confidence[is_right], confidence[~is_right], right, lang=lang)


def _picture(draw: Callable[[], Figure], run: RunFolder) -> dict[str, str]:
    """Draw into the run folder, and say where, or why not: the measures do not depend on it."""
    path: Path = run.path / "quality.png"
    try:
        from mitbadak import plots

        plots.save_figure(draw(), path, check=run.check_own)
    except OSError as problem:  # such as a read-only run folder
        warn(f"no picture was written: {from_the_system(problem)}")
        return {}
    except LostFolderError as problem:
        warn(f"no picture was written: {problem}")
        return {}
    except Exception as problem:  # little memory, damaged fonts, foreign settings
        return {"undrawn": undrawn(problem)}
    return {"picture": str(path)}


def _print(result: dict[str, Any], net: str, units: str, seconds: dict[str, float]) -> None:
    one_by_one, in_batches = seconds["one_by_one"], seconds["batches_of_100"]
    tell(f"{net} from {result['run']}, on {result['examples']:,} test examples")
    measures = [f"{say(k)} {value:.4f}" for k, value in result.items() if k.startswith("test_")]
    print_line("  ".join(measures) + units)
    tell(_compared(one_by_one, in_batches))
    if "rmse" in result:
        print_line(f"R2 {result['r2']:.4f}  rmse {result['rmse']:.6g}  mae {result['mae']:.6g}")
    _print_classes(result.get("classes", []))
    if "calibration_error" in result:
        tell(f"expected calibration error {result['calibration_error']:.4f}")
    if "picture" in result:
        tell(f"picture: {result['picture']}")
    if "weights" in result:
        tell(f"weights: {result['weights']}")


def _compared(one_by_one: float, in_batches: float) -> str:
    """How long the test set takes in both ways, and which is faster.

    Example:
        >>> _compared(0.5, 0.04)
        'one by one 500 ms, in batches of 100 40 ms (12.5 times faster)'
        >>> _compared(0.002, 0.004)
        'one by one 2 ms, in batches of 100 4 ms (2.0 times slower)'
    """
    single, batches = (f"{1000 * seconds:.3g}" for seconds in (one_by_one, in_batches))
    begin = f"one by one {single} ms, in batches of 100 {batches} ms"
    if in_batches <= one_by_one:
        return f"{begin} ({one_by_one / max(in_batches, 1e-9):.1f} times faster)"
    return f"{begin} ({in_batches / max(one_by_one, 1e-9):.1f} times slower)"


def _print_classes(classes: list[dict[str, Any]]) -> None:
    if not 0 < len(classes) <= MOST_CLASSES_LISTED:
        return
    headings = tuple(map(say, ("class", "precision", "recall", "f1", "examples")))
    rows = [
        (row["class"], *(f"{row[k]:.4f}" for k in ("precision", "recall", "f1")),
         f"{row['support']:,}")
        for row in classes
    ]  # fmt: skip
    for line in table_lines([headings, *rows], right=range(len(headings))):
        print_line(line)

"""The command evaluate: one number for a run, and what lies behind it."""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer

from mitbadak.cli.flags import AsJson, Language
from mitbadak.cli.process import FAILED, in_words
from mitbadak.core.errors import FormatError, LostFolderError, MitbadakWarning
from mitbadak.core.languages import known_language
from mitbadak.core.printing import print_json, print_line, visible

if TYPE_CHECKING:
    from matplotlib.figure import Figure, FigureBase

    from mitbadak.data.preparation import Preparation
    from mitbadak.nn.network import Sequential
    from mitbadak.runs.folder import RunFolder

RunArgument = Annotated[Path, typer.Argument(help="Run folder of 'mitbadak train'.")]
MOST_CLASSES_LISTED = 30


def evaluate(run: RunArgument, as_json: AsJson = False, lang: Language = "en") -> int:
    """Measure a run's net on its test set: accuracy, mix-ups, calibration, speed.

    The picture goes into the run folder as quality.png.
    """
    from mitbadak.runs.session import load_data, open_run
    from mitbadak.training.evaluation import evaluate as measure, few_blas_threads

    known_language(lang)
    folder, config, net = open_run(run)
    test = load_data(config).test
    x, t = test.batch(slice(None), net.dtype)
    with few_blas_threads():
        found = measure(net, test)
        answers = net.predict(x)
        times = {
            "one_by_one": _seconds(lambda: [net.predict(image) for image in x]),
            "batches_of_100": _seconds(
                lambda: [net.predict(x[i : i + 100]) for i in range(0, len(x), 100)]
            ),
        }
    result = {
        "run": str(folder.path),
        "examples": len(test),
        **{f"test_{name}": value for name, value in found.items()},
        "seconds": {name: round(seconds, 4) for name, seconds in times.items()},
    }
    if np.isfinite(answers).all():
        result |= _quality(folder, net, x, t, answers, lang)
    undrawn = result.pop("undrawn", "")
    if as_json:
        print_json(result)
    else:
        _print_measures(result, f"{net!r} from {folder.path}", times)
    if undrawn:
        print_line(f"mitbadak: {undrawn}", sys.stderr)
    return FAILED if undrawn else 0


def _print_measures(result: dict[str, Any], what: str, times: dict[str, float]) -> None:
    print_line(f"{what}, on {result['examples']:,} test examples")
    print_line("  ".join(f"{name} {value:.4f}" for name, value in result.items()
                    if name.startswith("test_")))  # fmt: skip
    print_line(f"one by one {times['one_by_one']:.3f} s, in batches of 100 "
          f"{times['batches_of_100']:.3f} s ({times['one_by_one'] / times['batches_of_100']:.1f} "
          "times faster)")  # fmt: skip
    _print_quality(result)


def _quality(
    run: RunFolder, net: Sequential, x: np.ndarray, t: np.ndarray, answers: np.ndarray, lang: str
) -> dict[str, Any]:
    """Measures behind the accuracy as JSON values; their picture is drawn into the run folder."""
    from mitbadak.runs.quality import regression_quality

    title = f"{run.path.name}: {net!r}"
    by_class = net.head.by_class(answers)
    answers = answers if by_class is None else by_class
    if net.head.measures_accuracy(t, answers.shape[-1]):
        result, draw = _of_classes(run, by_class is not None, x, t, answers, title, lang)
    else:
        result = regression_quality(t.reshape(answers.shape), answers)

        def draw() -> Figure:
            from mitbadak import plots

            return plots.regression_figure(t, answers, title, lang=lang)

    return result | _picture(draw, run)


def _picture(draw: Callable[[], Figure], run: RunFolder) -> dict[str, str]:
    """Draw into the run folder, and say where or why not: the numbers stand anyway."""
    path = run.path / "quality.png"
    try:
        from mitbadak import plots

        plots.save_figure(draw(), path, check=run.check_own)
    except (OSError, LostFolderError) as problem:  # such as a run folder that may only be read
        warnings.warn(f"no picture was written: {problem}", MitbadakWarning, stacklevel=2)
        return {}
    except Exception as problem:  # little memory, damaged fonts, foreign settings
        return {"undrawn": f"no picture was drawn: {in_words(problem)}"}
    return {"picture": str(path)}


def _of_classes(
    run: RunFolder,
    are_probabilities: bool,
    x: np.ndarray,
    t: np.ndarray,
    answers: np.ndarray,
    title: str,
    lang: str,
) -> tuple[dict[str, Any], Callable[[], Figure]]:
    from mitbadak.functions.labels import predicted_and_true
    from mitbadak.runs.quality import calibration, confusion_matrix, precision_recall

    said, true = predicted_and_true("evaluate", answers, t)
    preparation = _preparation(run)
    names = preparation.classes if preparation is not None else ()
    if len(names) != answers.shape[-1]:
        names = tuple(map(str, range(answers.shape[-1])))
    matrix = confusion_matrix(true, said, len(names))
    by_class = precision_recall(matrix)
    result: dict[str, Any] = {
        "classes": [
            {"class": name, **{measure: values[k].item() for measure, values in by_class.items()}}
            for k, name in enumerate(names)
        ],
        "confusion": matrix.tolist(),
    }
    found = None
    if are_probabilities:
        found = calibration(answers, true)
        result |= {
            "calibration_error": found.error,
            "calibration": [
                {"from": low, "to": high, "answers": int(n), "confidence": sure, "accuracy": right}
                for low, high, n, sure, right in zip(
                    found.edges[:-1].tolist(), found.edges[1:].tolist(), found.counts,
                    found.confidence.tolist(), found.accuracy.tolist(), strict=True,
                ) if n
            ],
        }  # fmt: skip

    def below(part: FigureBase) -> None:
        _draw_misreadings(part, preparation, names, x, true, answers, lang)

    def draw() -> Figure:
        from mitbadak import plots

        return plots.quality_figure(matrix, found, names, title, below=below, lang=lang)

    return result, draw


def _draw_misreadings(
    part: FigureBase,
    preparation: Preparation | None,
    names: tuple[str, ...],
    x: np.ndarray,
    true: np.ndarray,
    answers: np.ndarray,
    lang: str,
) -> None:
    """Images that were misread; of points which ones; of tables how sure wrong answers were."""
    from mitbadak import plots
    from mitbadak.runs.quality import worst_misreadings

    said, sure = answers.argmax(axis=-1), answers.max(axis=-1)
    if preparation is not None and preparation.kind == "images":
        rows = worst_misreadings(answers, true)
        images = x[rows].reshape(-1, *preparation.shape)
        plots.misreadings(
            images, [names[k] for k in true[rows]], [names[k] for k in said[rows]],
            sure[rows].tolist(), part, lang=lang,
        )  # fmt: skip
        return
    if preparation is not None and preparation.kind == "points" and x.shape[1:] == (2,):
        left, right = part.subplots(1, 2)
        plots.misread_points(x, true, said, names, left, lang=lang)
    else:
        right = part.subplots()
    plots.sureness(sure[said == true], sure[said != true], right, lang=lang)


def _preparation(run: RunFolder) -> Preparation | None:
    from mitbadak.runs.fresh import preparation_of

    try:
        return preparation_of(run)
    except FormatError:  # the measures stand without the names of the classes
        return None


def _print_quality(result: dict[str, Any]) -> None:
    if "rmse" in result:
        print_line(f"rmse {result['rmse']:.4f}  R2 {result['r2']:.4f}")
    classes = result.get("classes", ())
    if 0 < len(classes) <= MOST_CLASSES_LISTED:
        width = max(5, *(len(visible(one["class"])) for one in classes))
        print_line(f"{'class':>{width}}  precision  recall      f1  examples")
        for one in classes:
            print_line(f"{visible(one['class']):>{width}}  {one['precision']:9.4f}  "
                       f"{one['recall']:6.4f}  {one['f1']:6.4f}  {one['support']:8,}")  # fmt: skip
    if "calibration_error" in result:
        print_line(f"expected calibration error {result['calibration_error']:.4f}")
    if "picture" in result:
        print_line(f"picture: {result['picture']}")


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began

"""Commands on functions and gradients: descend, gradcheck."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from mitbadak.errors import MitbadakError, RangeError, unknown_name
from mitbadak.flags import AsJson

WRONG_GRADIENT = 1  # exit code of gradcheck


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command()(descend)
    app.command()(gradcheck)


def descend(
    function: Annotated[str, typer.Argument(help="sphere, ellipse, or module:function.")],
    start: Annotated[str, typer.Option(help="Where to start, such as --start=-3,4.")] = "-3,4",
    lr: Annotated[float, typer.Option(help="Learning rate.")] = 0.1,
    steps: Annotated[int, typer.Option(help="Number of steps.")] = 100,
    trace: Annotated[bool, typer.Option(help="Print point and gradient of every step.")] = False,
    picture: Annotated[
        Path | None, typer.Option(help="Draw the path of a function of two numbers (PNG).")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Gradient descent on a function, with numerical gradients, and why it ended where it did."""
    from mitbadak.descent import gradient_descent

    f = _function(function)
    if picture is not None and not picture.resolve().parent.is_dir():
        raise RangeError(f"--picture {picture}: there is no folder {picture.parent}.")
    point = _numbers("--start", start)
    if picture is not None and len(point) != 2:
        raise RangeError(f"--picture needs a function of two numbers; --start has {len(point)}.")
    try:
        result = gradient_descent(f, point, lr=lr, step_num=steps, trace=trace)
    except (MitbadakError, KeyboardInterrupt):
        raise
    except Exception as problem:  # whatever the user's function raises
        raise RangeError(
            f"{function} failed at --start={start}: {type(problem).__name__}: {problem}"
        ) from None
    if as_json:
        print(
            json.dumps(
                {
                    "function": function,
                    "x": result.x.tolist(),
                    "status": str(result.status),
                    "explanation": result.explanation,
                    "path": result.path.tolist(),
                }
            )
        )
    else:
        for number, step in enumerate(result.trace, 1):
            print(f"step {number}: x {step.x}  gradient {step.gradient}")
        print(f"x = {result.x}")
        print(f"{result.status}: {result.explanation}")
    if picture is not None:
        from mitbadak import plots

        figure = plots.new_figure(5.5, 5.5)
        plots.descent_path(result, figure.subplots(), f).set_title(f"{function}, lr {lr:g}")
        plots.save_figure(figure, picture)
        print(f"picture: {picture}", file=sys.stderr if as_json else sys.stdout)
    return 0


def gradcheck(
    what: Annotated[str, typer.Argument(help="Run folder, or module:function.")],
    at: Annotated[str, typer.Option(help="Where to check a function, such as --at=-3,4.")] = "",
    examples: Annotated[int, typer.Option(help="Training examples to check a run on.")] = 100,
    mode: Annotated[str, typer.Option(help="auto, full or directions.")] = "auto",
    as_json: AsJson = False,
) -> int:
    """Hold a gradient against its definition; exit code 1 when it is wrong."""
    from mitbadak.gradcheck import check_gradients

    if ":" in what:
        if not at:
            raise RangeError(f"gradcheck {what} needs a point, such as --at=-3,4.")
        subject, args = _function(what), (np.array(_numbers("--at", at)),)
    else:
        from mitbadak.training.session import load_data, open_run

        _, config, net = open_run(what)
        if examples < 1:
            raise RangeError(f"--examples must be at least 1; got {examples}.")
        subject, args = net, load_data(config)[0].batch(slice(examples), np.float64)
    try:
        report = check_gradients(subject, *args, mode=mode)
    except (MitbadakError, KeyboardInterrupt):
        raise
    except Exception as problem:  # whatever the user's function raises
        raise RangeError(f"{what} failed: {type(problem).__name__}: {problem}") from None
    if as_json:
        print(json.dumps(report.as_dict()))
    else:
        print(report)
    return 0 if report.ok else WRONG_GRADIENT


def _numbers(flag: str, text: str) -> list[float]:
    try:
        return [float(number) for number in text.split(",")]
    except ValueError:
        raise RangeError(f"{flag} expects numbers such as -3,4; got {text!r}.") from None


def _function(name: str) -> Callable[..., Any]:
    from mitbadak.descent import SURFACES, surface

    if ":" not in name:
        if name not in SURFACES:
            raise unknown_name("surface", name, [*SURFACES, "module:function"])
        return surface(name)
    module_name, _, attribute = name.partition(":")
    sys.path.insert(0, str(Path.cwd()))
    try:
        module = importlib.import_module(module_name)
    except Exception as problem:  # whatever the user's module raises
        raise RangeError(
            f"cannot import {module_name!r}: {type(problem).__name__}: {problem}"
        ) from None
    finally:
        sys.path.remove(str(Path.cwd()))
    function = getattr(module, attribute, None)
    if not callable(function):
        callables = [n for n, v in vars(module).items() if callable(v) and not n.startswith("_")]
        raise unknown_name(f"function of module {module_name!r}", attribute, callables)
    return function

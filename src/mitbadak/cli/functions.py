"""Commands on functions and gradients: descend, gradcheck."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import typer

from mitbadak.cli.descend import descend, numbers
from mitbadak.cli.flags import AsJson
from mitbadak.cli.user_functions import blamed_on, function_named, own_output
from mitbadak.core.errors import RangeError
from mitbadak.core.printing import clipped, print_json, print_line

WRONG_GRADIENT = 1  # exit code of gradcheck


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command()(descend)
    app.command()(gradcheck)


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
        with own_output(as_json):
            subject, args = function_named(what), (np.array(numbers("--at", at)),)
    else:
        from mitbadak.runs.session import load_data, open_run

        _, config, net = open_run(what)
        if examples < 1:
            raise RangeError(f"--examples must be at least 1; got {examples}.")
        subject, args = net, load_data(config).train.batch(slice(examples), np.float64)
    with own_output(as_json), blamed_on(f"{clipped(what, 60)} failed"):
        report = check_gradients(subject, *args, mode=mode)
    if as_json:
        print_json(report.as_dict())
    else:
        for line in report.lines:
            print_line(line)
    return 0 if report.ok else WRONG_GRADIENT

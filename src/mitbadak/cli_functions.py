"""Commands on functions and gradients: descend, gradcheck."""

from __future__ import annotations

import json
from typing import Annotated

import numpy as np
import typer

from mitbadak.cli_descend import descend, function_named, numbers
from mitbadak.errors import MitbadakError, RangeError
from mitbadak.flags import AsJson

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
        subject, args = function_named(what), (np.array(numbers("--at", at)),)
    else:
        from mitbadak.training.session import load_data, open_run

        _, config, net = open_run(what)
        if examples < 1:
            raise RangeError(f"--examples must be at least 1; got {examples}.")
        subject, args = net, load_data(config).train.batch(slice(examples), np.float64)
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

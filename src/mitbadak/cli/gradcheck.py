"""The command gradcheck: the gradient of a run's net, or of a function, against its definition."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import typer

from mitbadak.cli.flags import MOST_SHOWN, AsJson, Language, numbers
from mitbadak.cli.language import tell
from mitbadak.cli.user_functions import blamed_on, function_named, user_output_to_stderr
from mitbadak.core.errors import RangeError
from mitbadak.core.printing import clipped, print_json

WRONG_GRADIENT = 1  # exit code


def gradcheck(
    subject: Annotated[str, typer.Argument(help="Run folder, or module:function.")],
    at: Annotated[
        str, typer.Option(help="The point at which to check a function, such as --at=-3,4.")
    ] = "",
    examples: Annotated[
        int, typer.Option(help="Number of training examples to check a run on.")
    ] = 100,
    mode: Annotated[
        str,
        typer.Option(
            help="full compares every entry, directions compares slopes along random directions, "
            "auto chooses by size."
        ),
    ] = "auto",
    as_json: AsJson = False,
    lang: Language = "",
) -> int:
    """Compare a gradient with its definition. The exit code is 1 if the gradient is wrong."""
    from mitbadak.gradcheck import check_gradients

    if ":" in subject:
        if not at:
            raise RangeError(f"gradcheck {subject} needs a point, such as --at=-3,4.")
        with user_output_to_stderr(as_json):
            checked, args = function_named(subject), (np.array(numbers("--at", at)),)
    else:
        from mitbadak.runs.session import load_data
        from mitbadak.runs.trained import open_run

        _, config, net = open_run(subject)
        if examples < 1:
            raise RangeError(f"--examples must be at least 1; got {examples}.")
        checked, args = net, load_data(config).train.batch(slice(examples), np.float64)
    with user_output_to_stderr(as_json), blamed_on(f"{clipped(subject, MOST_SHOWN)} failed"):
        report = check_gradients(checked, *args, mode=mode)
    if as_json:
        print_json(report.as_dict())
    else:
        for line in report.lines:
            tell(line)
    return 0 if report.ok else WRONG_GRADIENT

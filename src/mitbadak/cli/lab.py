"""The command lab: views of training in the browser."""

from __future__ import annotations

from typing import Annotated

import typer

from mitbadak.cli.flags import Language
from mitbadak.cli.language import tell


def lab(
    port: Annotated[
        int | None,
        typer.Option(
            min=0, max=65535, help="Port of the page; default: the first free one from 8765 on."
        ),
    ] = None,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the page in the browser.")
    ] = True,
    lang: Language = "",
) -> int:
    """Open the lab: look at nets learning, in the browser, and take part in it."""
    from mitbadak.lab.libraries import check_libraries

    check_libraries()
    from mitbadak.lab.server import serve

    serve(port, browser=browser, said=lambda address: tell(f"lab: {address}", flush=True))
    return 0

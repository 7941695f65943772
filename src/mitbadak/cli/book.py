"""The command book: scripts and notebooks of the books, as they are."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mitbadak.core.errors import FormatError
from mitbadak.core.languages import known_language
from mitbadak.core.printing import decoded


def book(
    script: Annotated[
        Path, typer.Argument(help="A script (.py) or notebook (.ipynb).", metavar="SCRIPT")
    ],
    arguments: Annotated[
        list[str] | None, typer.Argument(help="Arguments of the script.", metavar="ARGS")
    ] = None,
    figures: Annotated[
        Path | None,
        typer.Option(
            "--figures",
            help="Folder for figures where there is no display. Default: the current one.",
        ),
    ] = None,
    chapter: Annotated[
        str,
        typer.Option(
            "--chapter",
            help="Chapter whose two_layer_net the script means: 4, 5, or 2-1 for the second book. "
            "Default: by the script's folder.",
        ),
    ] = "",
    lang: Annotated[
        str,
        typer.Option(
            "--lang", help="Language of the notices: en or ko. Default: that of the script."
        ),
    ] = "",
) -> int:
    """Run a script or notebook of the books as it is, from any folder.

    The books' modules (common, dataset, two_layer_net, ...), names that NumPy has removed, MNIST
    and missing weight files are there for it; a file of your own always comes first. Figures are
    shown, or saved as SCRIPT-1.png where there is no display. Faults in the script are named and
    left as they are. Options of this command stand before SCRIPT.
    """
    if lang:
        known_language(lang)
    if not script.exists():
        raise FileNotFoundError(f"{decoded(script)}: no such file.")
    if script.is_dir():
        raise FormatError(f"{decoded(script)}: expected a script or notebook; got a folder.")
    from mitbadak.book.mode import Settings
    from mitbadak.book.process import start

    Settings(chapter=chapter or "4")
    return start(script, arguments or [], lang, chapter, "" if figures is None else str(figures))

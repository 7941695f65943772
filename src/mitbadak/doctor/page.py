"""A result that shows itself: as text, in a notebook, and as one page of HTML."""

from __future__ import annotations

import os
from pathlib import Path

from mitbadak.core.file_errors import missing_file
from mitbadak.core.files import write_atomically

STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:46em;margin:2em auto;padding:0 1em}"
    "dt{font-weight:bold}dd{margin:0 0 .5em}"
)


class Page:
    """Base of results with ``text``, ``html`` and a ``title``, each in English and Korean."""

    def title(self, lang: str) -> str:
        """Of the page."""
        raise NotImplementedError

    def text(self, lang: str = "en") -> str:
        """For a terminal."""
        raise NotImplementedError

    def html(self, lang: str = "en") -> str:
        """A piece of a page that needs nothing else."""
        raise NotImplementedError

    def __str__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        return self.html()

    def save(self, path: str | os.PathLike[str], lang: str = "en") -> None:
        """Write the result as one page of HTML that needs nothing else, whole or not at all.

        Args:
            path: where to; its folder must exist.
            lang: ``en`` or ``ko``.

        Raises:
            UnknownNameError: an unknown language.
            OSError: the file cannot be written; an existing one is left unchanged.
        """
        if not Path(path).parent.is_dir():
            raise missing_file(path)
        title = self.title(lang)
        page = (
            f'<!doctype html>\n<html lang="{lang}"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width">'
            f"<title>{title}</title><style>{STYLE}</style></head>"
            f"<body><h1>{title}</h1>\n{self.html(lang)}\n</body></html>\n"
        )
        write_atomically(path, page.encode())

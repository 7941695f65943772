"""The built page: files in ``static/``, which the wheel has and git has not."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from mitbadak.core.errors import MitbadakError

FOLDER = Path(__file__).parent / "static"
PAGE = "index.html"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}


class MissingAssetsError(MitbadakError, FileNotFoundError):
    """The lab's page has not been built."""


class Asset(NamedTuple):
    """A file of the page."""

    content: bytes
    media_type: str


def page_files(folder: Path = FOLDER) -> dict[str, Asset]:
    """All files of the page by their address, so that no address ever becomes a path.

    Raises:
        MissingAssetsError: the page has not been built; says how to build it.
    """
    files = {
        path.relative_to(folder).as_posix(): Asset(path.read_bytes(), TYPES[path.suffix])
        for path in sorted((folder / "page").rglob("*"))
        if path.suffix in TYPES
    }
    files = {name.removeprefix("page/"): asset for name, asset in files.items()}
    if PAGE not in files:
        raise MissingAssetsError(missing())
    return files


def widget_file(name: str, folder: Path = FOLDER) -> Path:
    """The module of the widgets (``lab.js``), or their style sheet (``lab.css``).

    Raises:
        MissingAssetsError: it has not been built; says how to build it.
    """
    path = folder / "notebook" / name
    if not path.is_file():
        raise MissingAssetsError(missing())
    return path


def recording_files(folder: Path = FOLDER) -> dict[str, Asset]:
    """Script and style sheet of a file that shows a recording.

    Raises:
        MissingAssetsError: they have not been built; says how to build them.
    """
    paths = [folder / "recording" / name for name in ("lab.js", "lab.css")]
    if not all(path.is_file() for path in paths):
        raise MissingAssetsError(missing())
    return {path.name: Asset(path.read_bytes(), TYPES[path.suffix]) for path in paths}


def missing() -> str:
    """What to do where the page is missing."""
    return (
        "the lab's page has not been built. In a checkout run: python tools/lab_build.py (needs "
        "Node.js 20 or newer). The wheels of mitbadak contain it."
    )

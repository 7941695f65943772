"""Whether the optional libraries of the lab are there."""

from __future__ import annotations

from importlib.util import find_spec

from mitbadak.core.errors import MitbadakError

SERVER = ("starlette", "uvicorn", "websockets")


class MissingLibraryError(MitbadakError, ImportError):
    """A library of the extra ``lab`` is not installed."""


def check_libraries(names: tuple[str, ...] = SERVER) -> None:
    """Refuse to begin where a library is missing.

    Raises:
        MissingLibraryError: names the libraries, and the command that installs them.

    Example:
        >>> check_libraries(("math",))
        >>> check_libraries(("no_such_library",))
        Traceback (most recent call last):
            ...
        mitbadak.lab.libraries.MissingLibraryError: the lab needs no_such_library. Install it with:
        pip install "mitbadak[lab]"
    """
    absent = [name for name in names if find_spec(name) is None]
    if absent:
        raise MissingLibraryError(
            f'the lab needs {", ".join(absent)}. Install it with: pip install "mitbadak[lab]"'
        )

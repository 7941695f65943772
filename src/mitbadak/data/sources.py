"""Data by name or by path: one door for everything that can be trained on."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from mitbadak.core.errors import FormatError, NotASourceError, UnknownNameError, unknown_name
from mitbadak.data.idx_folder import idx_source, mnist_source
from mitbadak.data.made import MADE
from mitbadak.data.npz import npz_source
from mitbadak.data.preparation import Source
from mitbadak.data.table import csv_source
from mitbadak.data.toy import spiral_source

NAMED: dict[str, Callable[[], Source]] = {
    "mnist": mnist_source,
    "spiral": spiral_source,
    **{name: made.source for name, made in MADE.items()},
}
MOST_NEIGHBORS = 10_000  # entries of a folder, looked through for a name that is near


def open_source(
    where: str | os.PathLike,
    *,
    label: str | None = None,
    regression: bool = False,
    test_share: float = 0.2,
    seed: int = 0,
) -> Source:
    """A data set by its name, or from a file or folder.

    Args:
        where: ``mnist``, ``spiral``, ``xor``, ``moons``, ``circles``, ``blobs`` or ``regression``
            (for a folder of such a name write ``./mnist``), a folder of IDX files
            (``idx_source``), an .npz file (``npz_source``) or a .csv or .tsv file
            (``csv_source``).
        label: of a table, the column to be learned; the last by default.
        regression: labels are real targets: tables and .npz files.
        test_share: of a single set, what becomes the test set.
        seed: draws which.

    Raises:
        UnknownNameError: neither a name nor a path; the message offers the nearest.
        NotASourceError: a file or folder that holds nothing of the kind.
        FormatError: it does, and is damaged, or cannot be learned from as asked.
        RangeError: a share that leaves no example to one part.

    Example:
        >>> source = open_source("moons")
        >>> len(source.train), source.preparation.classes, source.fingerprint
        (300, ('0', '1'), 'made: load_moons(300, 0.1, rng=0), test rng=1')
    """
    path = Path(where)
    named = NAMED.get(where) if isinstance(where, str) else None
    if named is None and not path.exists():
        raise _unknown(str(where), path)
    table = named is None and path.suffix.lower() in (".csv", ".tsv")
    archive = named is None and path.suffix.lower() == ".npz"
    if label is not None and not table:
        raise FormatError(f"{where} is no table: label={label!r} names a column of a .csv file.")
    if regression and not (table or archive):
        raise FormatError(
            f"{where} says itself what is learned; regression=True is for .csv and .npz files."
        )
    if named is not None:
        return named()
    if path.is_dir():
        return idx_source(path)
    if not path.is_file():
        raise NotASourceError(f"{where} is neither a file nor a folder.")
    if table:
        return csv_source(
            path, label=label, regression=regression, test_share=test_share, seed=seed
        )
    if archive:
        return npz_source(path, regression=regression, test_share=test_share, seed=seed)
    raise NotASourceError(
        f"{where} is no file of a kind that is read: .csv, .tsv, .npz, or a folder of IDX files. "
        "A single array goes into an .npz file with its labels: np.savez(path, x=x, t=t)."
    )


def _unknown(where: str, path: Path) -> UnknownNameError:
    """The error for what is neither a name nor a path, with the nearest of either."""
    if path.name == where and not path.suffix:
        error = unknown_name("data", where, NAMED)
        return UnknownNameError(f"{error} No file or folder here is named so either.")
    if not path.parent.is_dir():
        return UnknownNameError(f"no data at {where}: there is no folder {path.parent}.")
    try:
        entries = [entry.name for entry in islice(path.parent.iterdir(), MOST_NEIGHBORS)]
    except OSError:
        entries = []
    close = difflib.get_close_matches(path.name, entries, n=1)
    hint = f" Did you mean {path.with_name(close[0])}?" if close else ""
    return UnknownNameError(
        f"no data at {where}: there is no such file or folder.{hint} Known by name: "
        f"{', '.join(NAMED)}."
    )

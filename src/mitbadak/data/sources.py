"""Data sets by name or by path: the one entry point for everything that can be trained on."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from mitbadak.core.arguments import explained, renamed
from mitbadak.core.errors import FormatError, NotASourceError, UnknownNameError, unknown_name
from mitbadak.core.file_errors import similar_name
from mitbadak.core.typing import Seed
from mitbadak.data.idx_folder import idx_source
from mitbadak.data.images.folders import image_folder
from mitbadak.data.images.options import AUTOMATIC_PICTURES, PictureOptions
from mitbadak.data.made import MADE
from mitbadak.data.mnist import mnist_source
from mitbadak.data.npz import npz_source
from mitbadak.data.settings import TEST_SHARE, changed, refuse, refuse_test_share
from mitbadak.data.source import Source
from mitbadak.data.table import TABLE_ENDINGS, csv_source
from mitbadak.data.tables.options import AUTOMATIC_TABLE, TableOptions
from mitbadak.data.toy import spiral_source

NAMED: dict[str, Callable[[], Source]] = {
    "mnist": mnist_source,
    "spiral": spiral_source,
    **{name: made.source for name, made in MADE.items()},
}


@explained
@renamed(seed="rng")
def open_source(
    where: str | os.PathLike[str],
    *,
    label: str | None = None,
    targets: str = "auto",
    table: TableOptions = AUTOMATIC_TABLE,
    pictures: PictureOptions = AUTOMATIC_PICTURES,
    test_share: float = TEST_SHARE,
    rng: Seed = 0,
) -> Source:
    """A data set by its name, or from a file or folder.

    Args:
        where: ``mnist``, ``spiral``, ``xor``, ``moons``, ``circles``, ``blobs`` or ``regression``
            (for a folder of such a name write ``./mnist``), a folder of IDX files
            (``idx_source``), a folder of images by class (``image_folder``), an .npz file
            (``npz_source``) or a table: a .csv, .tsv, .txt, .data or .dat file (``csv_source``).
        label: name of the label column of a table; by default the last.
        targets: what the labels in a table or .npz file are: ``classes``, ``numbers``, or ``auto``.
        table: what the user says about how a table is read.
        pictures: what the user says about how a folder of pictures is read; ``first_class`` is
            for .npz files too.
        test_share: share of a single set that becomes the test set; refused where there is one.
        rng: a seed or generator for that split.

    Raises:
        UnknownNameError: neither a known name nor a path; the message suggests the closest one.
        NotASourceError: the file or folder holds no data in a known format.
        FormatError: the data is damaged, or cannot be learned from in the requested way; or a
            setting is for another kind of source, which would be ignored.
        RangeError: the share leaves one of the two sets empty.

    Example:
        >>> source = open_source("moons")
        >>> len(source.train), source.preparation.classes, source.fingerprint
        (300, ('0', '1'), 'made: load_moons(300, 0.1, rng=0), test rng=1')
    """
    path = Path(where)
    named = NAMED.get(where) if isinstance(where, str) else None
    if named is None and not path.exists():
        raise _unknown(str(where), path)
    is_table = named is None and path.suffix.lower() in TABLE_ENDINGS
    is_archive = named is None and path.suffix.lower() == ".npz"
    if not is_table:
        given = [f"label={label!r}"] if label is not None else []
        refuse(where, "not a table", given + changed(table), f"tables ({', '.join(TABLE_ENDINGS)})")
    if targets == "numbers" and not (is_table or is_archive):
        raise FormatError(
            f"{where} has classes for labels; targets='numbers' is for tables and .npz files."
        )
    if named is not None or not path.is_dir():
        flags = changed(pictures, but=("first_class",) if is_archive else ())
        refuse(where, "not a folder of pictures", flags, "such folders")
    if named is not None:
        refuse_test_share(where, test_share)
        return named()
    if path.is_dir():
        try:
            source = idx_source(path, pictures=pictures)
        except NotASourceError:
            return image_folder(path, pictures=pictures, test_share=test_share, rng=rng)
        refuse_test_share(where, test_share)
        return source
    if not path.is_file():
        raise NotASourceError(f"{where} is neither a file nor a folder.")
    if is_table:
        return csv_source(
            path, label=label, targets=targets, options=table, test_share=test_share, rng=rng
        )
    if is_archive:
        first = pictures.first_class
        return npz_source(path, targets=targets, first_class=first, test_share=test_share, rng=rng)
    raise NotASourceError(
        f"{where} is not in a known format: {', '.join(TABLE_ENDINGS)}, .npz, or a folder of IDX "
        "files or images. Save a single array together with its labels: np.savez(path, x=x, t=t)."
    )


def _unknown(where: str, path: Path) -> UnknownNameError:
    """The error for an unknown name or path, with the closest known one."""
    if path.name == where and not path.suffix:
        error = unknown_name("data", where, NAMED)
        return UnknownNameError(f"{error} There is no file or folder of that name either.")
    if not path.parent.is_dir():
        return UnknownNameError(f"no data at {where}: there is no folder {path.parent}.")
    close = similar_name(path.parent, path.name)
    hint = f" Did you mean {path.with_name(close)}?" if close else ""
    return UnknownNameError(
        f"no data at {where}: there is no such file or folder.{hint} Known by name: "
        f"{', '.join(NAMED)}."
    )

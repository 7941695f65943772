"""The settings of runs of earlier versions, which read data before there were settings for that."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mitbadak.data import NAMED
from mitbadak.data.idx_folder import holds_idx_files
from mitbadak.data.table import TABLE_ENDINGS
from mitbadak.data.tables.options import ALL, FIRST_LINE

TABLES = {"keep": ALL, "header": FIRST_LINE, "missing": ""}
PICTURES = {"tone": "keep", "paper": "white"}
IDX_FILES = {"orientation": "upright", "first_class": "0"}
ARCHIVES = {"first_class": "0"}


def earlier_settings(content: Mapping[str, Any], data: Path) -> dict[str, Any]:
    """What the settings of a run mean where they do not say how its data are read.

    Args:
        content: the settings.
        data: where the data are; only settings that such data follow are added.

    Example:
        >>> earlier_settings({"data": "iris.csv", "keep": ""}, Path("iris.csv"))
        {}
        >>> earlier_settings({"data": "iris.csv"}, Path("iris.csv"))["header"]
        'first'
    """
    if content["data"] in NAMED:
        return {}
    if data.suffix.lower() in TABLE_ENDINGS:
        return {} if "keep" in content else dict(TABLES)
    if "tone" in content:
        return {}
    if data.suffix.lower() == ".npz":
        return dict(ARCHIVES)
    if not data.is_dir():
        return {}
    return dict(IDX_FILES if holds_idx_files(data) else PICTURES)

"""The hook by which values of lower rooms are drawn by an upper room in notebooks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

picture_of: Callable[[Any], str | None] | None = None
"""The HTML for a graph variable in a notebook; ``import mitbadak`` sets it to ``plots.graph``."""

"""The place where values of lower rooms meet the pictures that an upper room draws of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

picture_of: Callable[[Any], str | None] | None = None
"""HTML that a notebook shows for a graph variable; ``import mitbadak`` puts ``plots.graph`` in."""

"""Pictures, drawn without a display. Matplotlib is loaded with the first that needs it."""

from __future__ import annotations

import sys
from typing import Any

from mitbadak.core.lazy import lazy_names
from mitbadak.core.memory import check_picture_memory
from mitbadak.core.moved import renamed
from mitbadak.plots.backend import forget_unusable

forget_unusable()
_look_up, __dir__, __all__ = lazy_names(__name__, __file__)


def __getattr__(name: str) -> Any:
    if "matplotlib" not in sys.modules:
        check_picture_memory()
    return _look_up(renamed("plots", name))

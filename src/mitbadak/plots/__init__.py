"""Pictures, drawn without a display. Matplotlib is loaded with the first that needs it."""

from __future__ import annotations

from mitbadak.core.lazy import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__, __file__)

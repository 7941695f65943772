"""The lab: views of training in the browser (``mitbadak lab``) and in notebooks.

Each name is imported when it is first used. ``serve`` needs Starlette and uvicorn, the widgets
anywidget: ``pip install "mitbadak[lab]"``.
"""

from __future__ import annotations

from mitbadak.core.lazy import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__, __file__)

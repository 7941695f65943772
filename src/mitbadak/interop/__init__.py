"""Where people already work: estimators for scikit-learn, ONNX files, PyTorch's weights.

Each name is imported when it is first used. ``MLPClassifier`` and ``MLPRegressor`` need
scikit-learn (``pip install "mitbadak[sklearn]"``); the rest needs nothing further.
"""

from __future__ import annotations

from mitbadak.core.lazy import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__, __file__)

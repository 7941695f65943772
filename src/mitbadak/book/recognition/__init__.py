"""Recognition: the numerical gradient of a learner's own net, in milliseconds instead of minutes.

recognizer = Recognizer(lang="ko")
grad = recognizer.gradient(loss_W, net.params["W1"])      # an array, or None: see recognizer.why
numerical_gradient = wrap(numerical_gradient, recognizer)  # a learner's own definition
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from mitbadak.book.recognition.definitions import step_of, wrap
from mitbadak.book.recognition.recognizer import Recognition, Recognizer
from mitbadak.book.recognition.scripts import with_wrapped_definitions
from mitbadak.functions.numerical import H

__all__ = [
    "Recognition",
    "Recognizer",
    "fast_gradient",
    "step_of",
    "with_wrapped_definitions",
    "wrap",
]


def fast_gradient(
    f: Callable[[Any], Any], x: Any, *, h: float = H, recognizer: Recognizer | None = None
) -> np.ndarray | None:
    """The central differences of f at x, or None where they are left to the definition.

    Args:
        f, x, h: as for ``Recognizer.gradient``.
        recognizer: what is known from earlier calls; without one, nothing is.

    Raises:
        RangeError: h is not a finite number above 0.

    Example:
        >>> x, y = np.linspace(0, 1, 300).reshape(3, 100), np.ones(3)
        >>> w = np.zeros(100)
        >>> fast_gradient(lambda w: np.mean((x @ w - y) ** 2), w,
        ...               recognizer=Recognizer(say=lambda line: None))[:3].round(4)
        array([-0.6689, -0.6756, -0.6823])
    """
    return (recognizer or Recognizer()).gradient(f, x, h=h)

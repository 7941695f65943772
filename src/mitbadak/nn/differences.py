"""The numerical gradient of a whole net: structured where that applies, or by the definition."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mitbadak.core.arrays import as_array
from mitbadak.core.progress import Progress
from mitbadak.core.typing import Seed
from mitbadak.functions.blas import few_blas_threads
from mitbadak.functions.numerical import central_differences, central_points, warn_of_lost_digits
from mitbadak.nn.overriding import is_own
from mitbadak.nn.structured_gradient import StructuredGradient, engine_of_gradient, has_structure

if TYPE_CHECKING:
    from mitbadak.nn.contract import Net


@dataclass(frozen=True)
class NumericalGradient:
    """Central differences of a net's loss; see ``Sequential.numerical_gradient``.

    Attributes:
        net: its parameters stay as they are.
        h, structured, engine, progress: as for ``Sequential.numerical_gradient``.
    """

    net: Net
    h: float | str
    structured: bool
    engine: str
    progress: Progress | bool | None

    def of(self, x: Any, t: Any, *, training: bool, rng: Seed) -> dict[str, np.ndarray]:
        """The gradient with respect to every parameter, in float64.

        Args:
            x: as for ``Sequential.loss``.
            t: as for ``Sequential.loss``.
            training, rng: as for ``Sequential.numerical_gradient``.
        """
        net, twin = self.net, self.net.astype(np.float64)
        rows = twin.checked_input(x)
        points = [central_points(p, self.h) for p in twin.params.values()]
        warn_of_lost_digits(f"{type(net).__name__}.numerical_gradient", points, self.h)
        training = training and bool(net.mode_dependent)
        structured = self.structured and not training and has_structure(net.layers, net.head)
        structured = structured and not is_own(net, "scores", "loss")
        if structured and not isinstance(self.h, str):
            labels = as_array("numerical_gradient", "t", net.targets(t))
            arrays = self._structured(twin, rows, labels, self.h)
            return dict(zip(net.params, arrays, strict=True))
        engine_of_gradient(self.engine)  # refuses what the definition cannot run on
        with few_blas_threads():
            difference = central_differences(
                lambda _: twin.loss(x, t, training=training, rng=copy.deepcopy(rng)),
                list(twin.params.values()),
                h=self.h,
                progress=self.progress,
            )
        return dict(zip(net.params, difference.gradients, strict=True))

    def _structured(self, twin: Net, x: np.ndarray, t: np.ndarray, h: float) -> list[np.ndarray]:
        rows, labels = (x, t) if x.ndim > 1 else (x[None], t[None])
        gradient = StructuredGradient(twin.layers, twin.head, rows, labels, h, self.engine)
        return gradient.gradients(self.progress if callable(self.progress) else None)

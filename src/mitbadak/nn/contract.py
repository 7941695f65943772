"""What functions on nets need of them, below the class, so that imports form no circle."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import DTypeLike

from mitbadak.nn.heads import Head
from mitbadak.nn.layer import Layer
from mitbadak.nn.params import Buffers, Params


class Net(Protocol):
    """The part of ``Sequential`` that the files of this room beside it use."""

    layers: tuple[Layer, ...]
    head: Head
    classes: tuple[str, ...] | tuple[int, ...]
    params: Params
    buffers: Buffers
    mode_dependent: tuple[Layer, ...]
    dtype: np.dtype
    n_in: int | None
    n_out: int | None

    @property
    def shapes(self) -> list[tuple[int, ...] | None]: ...

    def is_one_image(self, x: np.ndarray) -> bool: ...

    def targets(self, t: Any) -> Any: ...

    def loss(self, x: Any, t: Any, *, training: bool = False, rng: Any = None) -> float: ...

    def checked_input(self, x: Any) -> np.ndarray: ...

    def astype(self, dtype: DTypeLike) -> Net: ...

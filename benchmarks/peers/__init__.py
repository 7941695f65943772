"""Every peer in the same form: a net made for a case, that trains on batches and predicts.

The modules have the names of the libraries they use, which are loaded only where needed.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from cases import Case, Material, material, order_of

# The module, and the arguments that make this variant.
PEERS: dict[str, tuple[str, dict[str, Any]]] = {
    "mitbadak": ("mitbadak", {"engine": "compiled"}),
    "mitbadak_numpy": ("mitbadak", {"engine": "numpy"}),
    "book": ("book", {}),
    "sklearn": ("sklearn", {}),
    "thinc": ("thinc", {}),
    "torch": ("torch", {"compiled": False}),
    "torch_compile": ("torch", {"compiled": True}),
    "jax_step": ("jax", {"scan": False}),
    "jax_scan": ("jax", {"scan": True}),
}


@dataclass(frozen=True)
class Net:
    """A net in training; it keeps its parameters from call to call.

    Attributes:
        run: trains on the batches of an order (steps, batch) and returns the loss of each.
        predict: probabilities, or scores in the same order, of x (n, n_in).
        epoch: a pass in an order of its own, where the peer brings that.
    """

    run: Callable[[np.ndarray], np.ndarray]
    predict: Callable[[np.ndarray], np.ndarray]
    epoch: Callable[[], Any] | None = None


def make(peer: str, case: Case, m: Material) -> Net:
    """A peer's net with the material's initial values."""
    module, variant = PEERS[peer]
    return importlib.import_module(f"{__name__}.{module}").make(case, m, **variant)


def turn_of(peer: str, case: dict[str, Any]) -> Callable[[], np.ndarray]:
    """For the worker: the steps of one turn, again and again."""
    wanted = Case(**{**case, "widths": tuple(case["widths"])})
    m = material(wanted)
    net, order = make(peer, wanted, m), order_of(wanted, len(m.x))
    return lambda: net.run(order)

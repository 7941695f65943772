"""The memory of a net on kernels: flat arrays of parameters, and the layers' rows of a batch."""

from __future__ import annotations

import ctypes
from itertools import islice
from typing import Any

import numpy as np

from mitbadak import nn
from mitbadak.native.structs import CONSTANTS as C, LANES, Job, Layer, address
from mitbadak.native.support import (
    ACTIVATION_CODES,
    HEAD_CODES,
    LAYER_CODES,
    OWN_SLOPES,
    SETTINGS,
    layers_of,
    setting_of,
)
from mitbadak.nn.network import Sequential

RUNNING = ("running_mean", "running_variance")  # fields, in the order of BatchNorm's buffers
SLOTS = C["SLOTS"]


def padded(n: int) -> int:
    """n, rounded up to whole vectors."""
    return -(-n // LANES) * LANES


def row_width(n: int) -> int:
    """Floats from one row to the next: padded, and never a multiple of 2 kB.

    At such a distance the entries of a column would compete for the same few cache sets.
    """
    width = padded(n)
    return width + LANES if width % 512 == 0 else width


def aligned(floats: int) -> np.ndarray:
    """Zeros, aligned to a cache line."""
    raw = np.zeros(floats + LANES, np.float32)
    first = (-raw.ctypes.data // 4) % LANES
    return raw[first : first + floats]


class Layout:
    """The arrays of a net, and the job that describes them to kernels.

    Parameters, gradients and the optimizer's state are flat arrays with the same order. Rows are
    padded with zeros, and the padding stays zero.

    Args:
        net: its layers and head must have kernels.
        rows: rows of a batch that the layers' arrays hold.
        parts: the most threads that work on a batch.
        learning: whether to allocate what training needs.

    Attributes:
        job: with everything filled in that depends on the net alone.
        params, grads, buffers: views by the net's names.
        states: for each slot, views by parameter.
        spans: where each parameter lies in the flat arrays.
    """

    def __init__(self, net: Sequential, rows: int, parts: int, *, learning: bool = True):
        self.rows, self.learning = rows, learning
        self.kept: list[Any] = []  # arrays that only C knows
        self.params: dict[str, np.ndarray] = {}
        self.grads: dict[str, np.ndarray] = {}
        self.buffers: dict[str, np.ndarray] = {}
        self.states: list[dict[str, np.ndarray]] = [{} for _ in range(SLOTS * learning)]
        self.spans: dict[str, tuple[int, int]] = {}
        layers, n_in = layers_of(net), int(net.n_in or 0)
        shapes = {name: _stored_shape(a, name == next(iter(net.params)))
                  for name, a in net.params.items()}  # fmt: skip
        size = sum(int(np.prod(shape)) for shape in shapes.values())
        self.parameters = aligned(size)
        self.gradients = aligned(size * learning)
        self.state = aligned(SLOTS * size * learning)
        self._place_params(net, shapes, size)
        self.layers = (Layer * len(layers))()
        self.settings = [
            (struct, layer)
            for struct, layer in zip(self.layers, layers, strict=True)
            if type(layer) in SETTINGS
        ]
        self.job = Job(
            layers=ctypes.addressof(self.layers),
            layer_count=len(layers),
            head=HEAD_CODES.get(type(net.head), 0),
            head_setting=setting_of(net.head),
            outputs=net.n_out or 0,
            arena_rows=rows,
            parameters=address(self.parameters),
            gradients=address(self.gradients),
            state=address(self.state),
            size=size,
            gathered_row=row_width(n_in),
            gathered=self._take(rows * row_width(n_in)),
            row_losses=self._keep(np.zeros(rows)),
            parts=1,
        )
        widest = self._place_layers(net, layers, n_in)
        self.refresh()
        self.job.zeros = self.zeros = self._take(widest)
        if any(s.kind == C["AFFINE"] and s.row_out > C["PANEL_COLUMNS"] for s in self.layers):
            self.job.panels = self._take(parts * C["PANEL_ROWS"] * C["PANEL_COLUMNS"])
        for layer in self.layers:
            if layer.kind == C["AFFINE"] and not layer.bias:
                layer.bias = self.zeros

    def _place_params(self, net: Sequential, shapes: dict[str, tuple[int, int]], size: int) -> None:
        at = 0
        for name, array in net.params.items():
            count, row = shapes[name]
            end = at + count * row

            def view(
                flat: np.ndarray, start: int = at, end: int = end, row: int = row,
                array: np.ndarray = array,
            ) -> np.ndarray:  # fmt: skip
                rows = flat[start:end].reshape(-1, row)
                return (
                    rows[0, : len(array)]
                    if array.ndim == 1
                    else rows[: len(array), : array.shape[1]]
                )

            self.spans[name] = at, end
            self.params[name] = view(self.parameters)
            if self.learning:
                self.grads[name] = view(self.gradients)
                for slot in range(SLOTS):
                    self.states[slot][name] = view(self.state[slot * size : (slot + 1) * size])
            at = end

    def _place_layers(self, net: Sequential, layers: list[Any], n_in: int) -> int:
        """Fill in every layer; returns the widest row."""
        names, buffers = iter(net.params), iter(net.buffers)
        width, row = n_in, row_width(n_in)
        output, output_gradient, before = self.job.gathered, 0, None
        draws, any_params, widest = 0, False, max(row, LANES)
        for struct, layer in zip(self.layers, layers, strict=True):
            n_out = layer.n_out if isinstance(layer, nn.Affine) else width
            struct.kind = LAYER_CODES[type(layer)]
            struct.n_in, struct.row_in = width, row
            struct.n_out, struct.row_out = n_out, row_width(n_out)
            struct.input, struct.draws = output, draws
            struct.input_gradient = output_gradient if any_params else 0
            rows = self.rows * struct.row_out
            activates = struct.kind == C["ACTIVATION"]
            in_place = activates and before is not None and LAYER_CODES[before] not in (
                C["ACTIVATION"], C["DROPOUT"])  # fmt: skip
            struct.output = output if in_place else self._take(rows)
            new_gradient = self.learning and (isinstance(layer, nn.Affine) or not output_gradient)
            struct.output_gradient = self._take(rows) if new_gradient else output_gradient
            self._fill_in(struct, layer, rows)
            addresses = [self._address_of(name) for name in islice(names, len(layer.params))]
            if addresses:
                struct.weights, struct.weight_gradient = addresses[0]
                struct.bias, struct.bias_gradient = addresses[1] if addresses[1:] else (0, 0)
            for name, field in zip(islice(buffers, len(layer.buffers)), RUNNING, strict=False):
                array = aligned(struct.row_in)
                setattr(struct, field, self._keep(array))
                self.buffers[name] = array[:width]
            draws += width * layer.draws
            any_params = any_params or bool(layer.params)
            output, output_gradient, before = struct.output, struct.output_gradient, type(layer)
            width, row = n_out, struct.row_out
            widest = max(widest, row)
        return widest

    def _fill_in(self, struct: Any, layer: Any, rows: int) -> None:
        """What only one kind of layer has."""
        if struct.kind == C["ACTIVATION"]:
            struct.activation = ACTIVATION_CODES[type(layer)]
            struct.saved = self._take(rows) if isinstance(layer, OWN_SLOPES) else 0
        elif struct.kind == C["AFFINE"]:
            if self.learning and struct.input_gradient:
                struct.transposed = self._take(struct.n_out * struct.row_in)
        elif struct.kind == C["DROPOUT"]:
            struct.saved = self._take(rows)
        elif struct.kind in (C["BATCH_NORM"], C["LAYER_NORM"]):
            struct.saved = self._take(rows)
            struct.mean, struct.variance = self._take(struct.row_in), self._take(struct.row_in)
            struct.spread = self._take(max(struct.row_in, padded(self.rows)))
        else:
            raise NotImplementedError(f"Layout._fill_in has no case for the kind of {layer!r}")

    def refresh(self) -> None:
        """Read the layers' settings, which callbacks may change.

        Raises:
            RangeError: the layer refuses its new setting.
        """
        for struct, layer in self.settings:
            value = setting_of(layer)
            if value != struct.setting:
                layer.compute(np.zeros((2, struct.n_in), np.float32), training=True, rng=0)
                struct.setting = value
            struct.momentum = getattr(layer, "momentum", 0.0)

    def _address_of(self, name: str) -> tuple[int, int]:
        start = self.spans[name][0]
        gradient = address(self.gradients) + 4 * start if self.learning else 0
        return address(self.parameters) + 4 * start, gradient

    def _take(self, floats: int) -> int:
        """The address of new floats."""
        return self._keep(aligned(floats))

    def _keep(self, array: np.ndarray) -> int:
        self.kept.append(array)
        return address(array)


def _stored_shape(array: np.ndarray, is_first: bool) -> tuple[int, int]:
    """Rows and floats per row; the first weights have a row of zeros more, for pixels that an
    augmentation moves out of the image."""
    if array.ndim == 1:
        return 1, row_width(len(array))
    return len(array) + is_first, row_width(array.shape[1])

"""The memory of a net on kernels: flat arrays of parameters, and the layers' rows of a batch."""

from __future__ import annotations

import ctypes
import math
from itertools import islice
from typing import Any

import numpy as np

from mitbadak.native.images import Windows, flops_of
from mitbadak.native.plan import Planned, plan_of
from mitbadak.native.structs import CONSTANTS as C, LANES, Job, Layer, address
from mitbadak.native.support import (
    ACTIVATION_CODES,
    HEAD_CODES,
    OWN_SLOPES,
    SETTINGS,
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
        plan, n_in = plan_of(net), int(net.n_in or 0)
        shapes = {name: _stored_shape(a, name == next(iter(net.params)))
                  for name, a in net.params.items()}  # fmt: skip
        self.windows = Windows(self._take, self._keep, parts, rows, learning)
        size = sum(int(np.prod(shape)) for shape in shapes.values())
        self.parameters = aligned(size)
        self.gradients = aligned(size * learning)
        self.state = aligned(SLOTS * size * learning)
        self._place_params(net, shapes, size)
        self.layers = (Layer * len(plan))()
        self.settings = [
            (struct, planned.layer)
            for struct, planned in zip(self.layers, plan, strict=True)
            if planned.layer is not None and type(planned.layer) in SETTINGS
        ]
        self.job = Job(
            layers=ctypes.addressof(self.layers),
            layer_count=len(plan),
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
            has_filters=any(planned.kind == C["CONVOLUTION"] for planned in plan),
            parts=1,
        )
        widest = self._place_layers(net, plan, parts)
        self.refresh()
        self.job.zeros = self.zeros = self._take(widest)
        if any(s.kind == C["AFFINE"] and s.row_out > C["PANEL_COLUMNS"] for s in self.layers):
            self.job.panels = self._take(parts * C["PANEL_ROWS"] * C["PANEL_COLUMNS"])
        for layer in self.layers:
            if layer.kind in (C["AFFINE"], C["CONVOLUTION"]) and not layer.bias:
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
                if array.ndim == 4:  # each filter is a column; a row is an entry of all windows
                    filters, channels, *size = array.shape
                    stored = flat[start : start + row * (array.size // filters)]
                    entries = stored.reshape(*size, channels, row)[..., :filters]
                    return entries.transpose(3, 2, 0, 1)
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

    def _place_layers(self, net: Sequential, plan: list[Planned], parts: int) -> int:
        """Fill in every layer; returns the widest row."""
        names, buffers = iter(net.params), iter(net.buffers)
        output, output_gradient = self.job.gathered, 0
        row, before = self.job.gathered_row, None
        draws, any_params, widest = 0, False, max(row, LANES)
        for i, (struct, planned) in enumerate(zip(self.layers, plan, strict=True)):
            layer: Any = planned.layer
            struct.kind, struct.blocks = planned.kind, C["BLOCKS"]
            _fill_in_shapes(struct, planned, row)
            struct.input, struct.draws = output, draws
            struct.input_gradient = output_gradient if any_params else 0
            struct.pooled = self._is_pooled(plan, i)
            after = struct.row_out * (struct.pixels_out if struct.kind == C["BATCH_NORM"] else 1)
            rows = (parts if struct.pooled else self.rows) * after
            activates = struct.kind == C["ACTIVATION"]
            in_place = activates and before not in (None, C["ACTIVATION"], C["DROPOUT"])
            struct.output = output if in_place else self._take(rows)
            resized = struct.kind >= C["CONVOLUTION"] or struct.kind == C["AFFINE"]
            new_gradient = self.learning and (resized or not output_gradient)
            if struct.pooled:  # its gradient is made where it is needed
                struct.output_gradient = 0
            else:
                struct.output_gradient = self._take(rows) if new_gradient else output_gradient
            params, states = (layer.params, layer.buffers) if layer is not None else ((), ())
            addresses = [self._address_of(name) for name in islice(names, len(params))]
            if addresses:
                struct.weights, struct.weight_gradient = addresses[0]
                struct.bias, struct.bias_gradient = addresses[1] if addresses[1:] else (0, 0)
            self._fill_in(struct, planned, rows)
            for name, field in zip(islice(buffers, len(states)), RUNNING, strict=False):
                array = aligned(struct.row_in)
                setattr(struct, field, self._keep(array))
                self.buffers[name] = array[: struct.n_in]
            draws += math.prod(planned.before) * getattr(layer, "draws", False)
            any_params = any_params or bool(params)
            output, output_gradient, before = struct.output, struct.output_gradient, struct.kind
            row, widest = after, max(widest, after)
        return widest

    @staticmethod
    def _is_pooled(plan: list[Planned], i: int) -> bool:
        """Whether layer i is a convolution whose output only max pooling reads."""
        following = plan[i + 1].kind if i + 1 < len(plan) else None
        return plan[i].kind == C["CONVOLUTION"] and following == C["MAX_POOLING"]

    def _fill_in(self, struct: Any, planned: Planned, rows: int) -> None:
        """What only one kind of layer has."""
        layer: Any = planned.layer
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
        elif struct.kind == C["CONVOLUTION"]:
            self.windows.fill_in_convolution(struct, planned)
        elif struct.kind in (C["MAX_POOLING"], C["AVERAGE_POOLING"]):
            self.windows.fill_in_pooling(struct, planned)
        elif struct.kind not in (C["TO_ROW"], C["TO_PIXELS"]):
            raise NotImplementedError(f"Layout._fill_in has no case for the kind of {layer!r}")

    def flops_by_layer(self) -> list[float]:
        """About the operations of a forward pass of one example, for each layer with weights."""
        return [
            flops_of(layer) if layer.kind == C["CONVOLUTION"] else 2.0 * layer.n_in * layer.row_out
            for layer in self.layers
            if layer.kind in (C["AFFINE"], C["CONVOLUTION"])
        ]

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


def _fill_in_shapes(struct: Any, planned: Planned, row: int) -> None:
    """Numbers of pixels and of columns, and the floats from one to the next.

    Args:
        row: floats from one example to the next in the layer's input.
    """
    for side, shape, pixels in (
        ("in", planned.before, planned.reads_pixels),
        ("out", planned.after, planned.leaves_pixels),
    ):
        by_pixel = pixels or (len(shape) == 3 and planned.kind >= C["CONVOLUTION"])
        count, n = (math.prod(shape[1:]), shape[0]) if by_pixel else (1, math.prod(shape))
        step = row_width(n)
        setattr(struct, f"pixels_{side}", count)
        setattr(struct, f"n_{side}", n)
        setattr(struct, f"step_{side}", step)
        setattr(struct, f"row_{side}", count * step if pixels else row_width(math.prod(shape)))
    if planned.kind == C["BATCH_NORM"]:  # each pixel is one of its rows
        struct.row_in, struct.row_out = struct.step_in, struct.step_out
    elif struct.row_in != row:
        raise NotImplementedError(f"{planned}: rows of {struct.row_in} floats after one of {row}")


def _stored_shape(array: np.ndarray, is_first: bool) -> tuple[int, int]:
    """Rows and floats per row; the first weights have a row of zeros more, for pixels that an
    augmentation moves out of the image."""
    if array.ndim == 1:
        return 1, row_width(len(array))
    if array.ndim == 4:
        return array.size // len(array), row_width(len(array))
    return len(array) + is_first, row_width(array.shape[1])

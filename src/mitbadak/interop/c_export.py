"""Nets as one C file without dependencies, for microcontrollers and other programs."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mitbadak.core.arguments import explained
from mitbadak.core.errors import RangeError, StateError
from mitbadak.core.files import write_atomically
from mitbadak.interop.heads import Poisson, answering
from mitbadak.nn import activations, convolution, heads, norms
from mitbadak.nn.affine import Affine, Flatten, Reshape
from mitbadak.nn.dropout import Dropout
from mitbadak.nn.layer import Layer
from mitbadak.nn.network import Sequential
from mitbadak.nn.prepared import PreparedNet, check_net, inner_net
from mitbadak.nn.shapes import shapes_after

NUMBERS_IN_A_LINE = 8
IDENTIFIER = re.compile(r"[A-Za-z_]\w*", re.ASCII)
EXPRESSIONS: dict[type[Layer], str] = {
    activations.Sigmoid: "1.0f / (1.0f + expf(-v))",
    activations.Tanh: "tanhf(v)",
    activations.ReLU: "v > 0.0f ? v : 0.0f",
    activations.GELU: "0.5f * v * (1.0f + erff(v * 0.70710678f))",
    activations.SiLU: "v / (1.0f + expf(-v))",
    activations.Softplus: "(v > 0.0f ? v : 0.0f) + log1pf(expf(-fabsf(v)))",
}
WITHOUT_EFFECT = (Dropout, activations.Identity, Flatten)  # on the order of the numbers


@explained
def export_c(
    net: Sequential | PreparedNet, path: str | os.PathLike[str], *, name: str = "net"
) -> None:
    """Write a net as one C file (C99), with its weights, that needs only the mathematical library.

    It defines ``void NAME_predict(const float *x, float *y)``, which computes what ``predict``
    returns for one example, and the lengths ``NAME_N_IN`` and ``NAME_N_OUT``. Memory is static: the
    weights, and two buffers as long as the longest layer. A loaded model that standardizes its
    columns takes them in their own units, and answers in those of its targets; one of images takes
    pixels divided as in training, to 0..1.

    Args:
        net: a net, or a loaded model.
        path: the file, which is written whole or not at all.
        name: prefix of all names in it.

    Raises:
        StateError: a layer or head of your own, or images whose size the net does not fix.
        RangeError: ``name`` is no name in C.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> from mitbadak.nn import MLP
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     export_c(MLP([2, 3, 2], rng=0), f"{folder}/net.c", name="tiny")
        ...     "void tiny_predict(const float *x, float *y)" in Path(folder, "net.c").read_text()
        True
    """
    check_net(net, "export_c")
    if not IDENTIFIER.fullmatch(name):
        raise RangeError(f"export_c: name must be a name in C, such as 'net'; got {name!r}.")
    write_atomically(Path(path), c_source(net, name).encode())


def c_source(net: Sequential | PreparedNet, name: str = "net") -> str:
    """The text of the C file, as ``export_c`` writes it."""
    inner = inner_net(net)
    if inner.n_in is None or inner.n_out is None:
        raise StateError(
            f"export_c: {inner!r} takes images of any size, and C code needs theirs. Begin the net "
            "with mb.Reshape((channels, height, width))."
        )
    writer = _Writer(name, inner.n_in, inner.n_out)
    preparation = getattr(net, "preparation", None) if net is not inner else None
    if preparation is not None and preparation.mean:
        writer.columns(1 / np.array(preparation.std), -np.divide(preparation.mean, preparation.std))
    shape: tuple[int, ...] = (inner.n_in,)
    for layer, after in zip(inner.layers, shapes_after(inner.layers), strict=True):
        after = shape if after is None else after
        writer.layer(layer, shape, after)
        shape = after
    writer.answer(inner.head)
    if preparation is not None and preparation.target_mean:
        writer.columns(np.array(preparation.target_std), np.array(preparation.target_mean))
    classes = getattr(preparation, "classes", ()) or inner.classes
    return writer.text(repr(inner), [str(c) for c in classes])


class _Writer:
    """Collects arrays and statements; the numbers of a layer are in ``a``, the next in ``b``."""

    def __init__(self, name: str, n_in: int, n_out: int):
        self.name, self.n_in, self.n_out = name, n_in, n_out
        self.width = self.longest = n_in
        self.arrays: list[str] = []
        self.statements: list[str] = []

    def array(self, values: Any) -> str:
        """The name of a constant array with these numbers, exact to the bit."""
        numbers = np.asarray(values, np.float32).ravel()
        if not np.isfinite(numbers).all():
            raise StateError("export_c: the net holds NaN or infinite numbers.")
        name = f"{self.name}_{len(self.arrays)}"
        texts = [f"{float(v).hex()}f" for v in numbers]
        lines = [", ".join(texts[i : i + NUMBERS_IN_A_LINE])
                 for i in range(0, len(texts), NUMBERS_IN_A_LINE)]  # fmt: skip
        body = ",\n    ".join(lines)
        self.arrays.append(f"static const float {name}[{len(numbers)}] = {{\n    {body}}};")
        return name

    def each(self, expression: str) -> None:
        """Change each number v on its own."""
        self.statements.append(
            f"for (int i = 0; i < {self.width}; i++) {{ float v = a[i]; a[i] = {expression}; }}"
        )

    def columns(self, scale: Any, shift: Any) -> None:
        """Scale and shift each number by constants of its own."""
        each = np.ones(self.width, np.float32)
        s, t = self.array(each * scale), self.array(each * shift)
        self.each(f"v * {s}[i] + {t}[i]")

    def into(self, width: int, *lines: str) -> None:
        """Compute so many numbers b from a, and exchange the two."""
        self.statements += [*lines, "{ float *next = b; b = a; a = next; }"]
        self.width = width
        self.longest = max(self.longest, width)

    def layer(self, layer: Layer, shape: Sequence[int], after: Sequence[int]) -> None:
        kind = type(layer)
        if kind in WITHOUT_EFFECT:
            return
        if kind in EXPRESSIONS:
            self.each(EXPRESSIONS[kind])
        elif kind in WRITERS:
            WRITERS[kind](self, layer, shape, after)
        else:
            raise StateError(
                f"export_c: {layer!r} has no form in C here. Export a net of the layers that this "
                "package comes with."
            )

    def answer(self, head: heads.Head) -> None:
        head = answering(head)
        if type(head) is heads.SoftmaxCrossEntropy:
            self.statements.append(
                f"{{ float top = a[0], sum = 0.0f; for (int i = 1; i < {self.width}; i++) "
                f"if (a[i] > top) top = a[i];\n      for (int i = 0; i < {self.width}; i++) "
                f"sum += a[i] = expf(a[i] - top);\n      for (int i = 0; i < {self.width}; i++) "
                "a[i] /= sum; }"
            )
        elif type(head) is heads.SigmoidCrossEntropy:
            self.each(EXPRESSIONS[activations.Sigmoid])
        elif type(head) is Poisson:
            self.each("expf(v)")
        elif type(head) not in (heads.MeanSquaredError, heads.SumSquaredError, heads.Huber):
            raise StateError(f"export_c: the answer of {head!r} has no form in C here.")

    def text(self, net: str, classes: Sequence[str]) -> str:
        """The whole file."""
        upper, name = self.name.upper(), self.name
        named = [f"   Class {i}: {_in_a_comment(c)}" for i, c in enumerate(classes)]
        about = "\n".join([f"/* {_in_a_comment(net)}", "   Made by Mitbadak.", *named]) + " */"
        body = "\n    ".join(self.statements)
        return "\n".join([
            about, "", "#include <math.h>", "", f"#define {upper}_N_IN {self.n_in}",
            f"#define {upper}_N_OUT {self.n_out}", "", *self.arrays, "",
            f"static float {name}_buffers[2][{self.longest}];", "",
            "/* y gets the answer for one example x. Not for two threads at a time. */",
            f"void {name}_predict(const float *x, float *y) {{",
            f"    float *a = {name}_buffers[0], *b = {name}_buffers[1];", "    (void)b;",
            f"    for (int i = 0; i < {upper}_N_IN; i++) a[i] = x[i];", f"    {body}",
            f"    for (int i = 0; i < {upper}_N_OUT; i++) y[i] = a[i];", "}", "",
        ])  # fmt: skip


def _in_a_comment(text: str) -> str:
    """A text that neither ends a comment nor makes a compiler warn."""
    plain = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return plain.replace("*/", "* /").replace("/*", "/ *")


def _affine(w: _Writer, layer: Any, shape: Sequence[int], after: Sequence[int]) -> None:
    W = layer.params["W"]
    n_in, n_out = W.shape
    weights = w.array(W.T)
    bias = f"{w.array(layer.params['b'])}[j]" if layer.bias else "0.0f"
    w.into(
        n_out,
        f"for (int j = 0; j < {n_out}; j++) {{\n        float sum = {bias};\n        "
        f"for (int i = 0; i < {n_in}; i++) sum += a[i] * {weights}[j * {n_in} + i];\n        "
        "b[j] = sum;\n    }",
    )


def _reshape(w: _Writer, layer: Any, shape: Sequence[int], after: Sequence[int]) -> None:
    """The numbers stay in their order, unless the colors of a pixel lie beside one another."""
    if not layer.channels_last:
        return
    channels, pixels = after[0], math.prod(after[1:])
    w.into(
        math.prod(after),
        f"for (int c = 0; c < {channels}; c++) for (int i = 0; i < {pixels}; i++) "
        f"b[c * {pixels} + i] = a[i * {channels} + c];",
    )


def _batch_norm(w: _Writer, layer: Any, shape: Sequence[int], after: Sequence[int]) -> None:
    scale = layer.params["gamma"] / np.sqrt(layer.buffers["running_var"] + layer.eps)
    shift = layer.params["beta"] - layer.buffers["running_mean"] * scale
    entries = math.prod(shape[1:])  # of a channel
    w.columns(np.repeat(scale, entries), np.repeat(shift, entries))


def _layer_norm(w: _Writer, layer: Any, shape: Sequence[int], after: Sequence[int]) -> None:
    n = w.width
    gamma, beta = w.array(layer.params["gamma"]), w.array(layer.params["beta"])
    w.statements.append(
        f"{{ float mean = 0.0f, var = 0.0f; for (int i = 0; i < {n}; i++) mean += a[i] / {n};\n"
        f"      for (int i = 0; i < {n}; i++) var += (a[i] - mean) * (a[i] - mean) / {n};\n"
        f"      float scale = 1.0f / sqrtf(var + {float(layer.eps).hex()}f);\n"
        f"      for (int i = 0; i < {n}; i++) "
        f"a[i] = (a[i] - mean) * scale * {gamma}[i] + {beta}[i]; }}"
    )


def _leaky(w: _Writer, layer: Any, shape: Sequence[int], after: Sequence[int]) -> None:
    w.each(f"v > 0.0f ? v : {float(layer.slope).hex()}f * v")


def _elu(w: _Writer, layer: Any, shape: Sequence[int], after: Sequence[int]) -> None:
    w.each(f"v > 0.0f ? v : {float(layer.alpha).hex()}f * expm1f(v)")


def _windows(layer: Any, stride: Any, shape: Sequence[int], inside: str) -> str:
    """The loops over the pixels of a window that lie in the image, of channel c."""
    (height, width), (down, across) = shape[1:], np.broadcast_to(stride, 2).tolist()
    (above, left), (rows, columns) = (
        np.broadcast_to(n, 2).tolist() for n in (layer.pad, layer.size)
    )
    return (
        f"for (int h = 0; h < {rows}; h++) for (int k = 0; k < {columns}; k++) {{\n"
        f"            int u = i * {down} + h - {above}, v = j * {across} + k - {left};\n"
        f"            if (u < 0 || v < 0 || u >= {height} || v >= {width}) continue;\n"
        f"            float p = a[(c * {height} + u) * {width} + v];\n"
        f"            {inside}\n        }}"
    )


def _places(after: Sequence[int], body: str) -> str:
    filters, rows, columns = after
    return (
        f"for (int f = 0; f < {filters}; f++) for (int i = 0; i < {rows}; i++) "
        f"for (int j = 0; j < {columns}; j++) {{\n        {body}\n    }}"
    )


def _convolution(w: _Writer, layer: Any, shape: Sequence[int], after: Sequence[int]) -> None:
    channels, (_, rows, columns) = shape[0], after
    height, width = np.broadcast_to(layer.size, 2).tolist()
    weights = w.array(layer.params["W"])
    bias = f"{w.array(layer.params['b'])}[f]" if layer.bias else "0.0f"
    add = f"sum += p * {weights}[((f * {channels} + c) * {height} + h) * {width} + k];"
    loops = _windows(layer, layer.stride, shape, add)
    body = (
        f"float sum = {bias};\n        for (int c = 0; c < {channels}; c++) {loops}\n        "
        f"b[(f * {rows} + i) * {columns} + j] = sum;"
    )
    w.into(math.prod(after), _places(after, body))


def _pooling(start: str, add: str, end: str) -> Callable[..., None]:
    def write(w: _Writer, layer: Any, shape: Sequence[int], after: Sequence[int]) -> None:
        stride = layer.size if layer.stride is None else layer.stride
        size = math.prod(np.broadcast_to(layer.size, 2).tolist())
        loops = _windows(layer, stride, shape, add)
        body = (
            f"float r = {start}; int c = f;\n        {loops}\n        "
            f"b[(f * {after[1]} + i) * {after[2]} + j] = {end.format(size=size)};"
        )
        w.into(math.prod(after), _places(after, body))

    return write


WRITERS: dict[type[Layer], Callable[..., None]] = {
    Affine: _affine,
    Reshape: _reshape,
    activations.LeakyReLU: _leaky,
    activations.ELU: _elu,
    norms.BatchNorm: _batch_norm,
    norms.LayerNorm: _layer_norm,
    convolution.Convolution: _convolution,
    convolution.MaxPooling: _pooling("-INFINITY", "if (p > r) r = p;", "r"),
    convolution.AveragePooling: _pooling("0.0f", "r += p;", "r / {size}"),
}

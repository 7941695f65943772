"""What a picture of a graph calls things: the book's names of operations, numbers, shapes."""

from __future__ import annotations

import inspect
import re
import unicodedata
from typing import Any

import numpy as np

from mitbadak.functions.differentiable import Differentiable, value_of

# The one place that knows how the book writes an operation; others go by their own name.
BOOK_NAMES = {
    "absolute": "|x|", "add": "+", "affine": "Affine", "batch_norm": "Batch norm",
    "broadcast_to": "Repeat", "cast": "dtype", "cbrt": "∛", "ceil": "⌈x⌉", "cholesky": "Cholesky",
    "concatenate": "Concat", "contract": "Einsum", "convolution": "Convolve",
    "cross_entropy_error": "Cross entropy error", "det": "det", "divide": "÷",
    "dropout": "Dropout", "elu": "ELU", "exp2": "2^x", "expm1": "exp − 1",
    "fixed_batch_norm": "Batch norm", "flatten": "Flatten", "floor": "⌊x⌋", "floor_divide": "//",
    "gelu": "GELU", "huber": "Huber loss", "identity": "Identity", "inv": "Inverse",
    "layer_norm": "Layer norm", "leaky_relu": "Leaky ReLU", "linear": "Linear",
    "log1p": "log(1 + x)", "log2": "log₂", "log10": "log₁₀", "log_abs_det": "log |det|",
    "log_softmax": "Log softmax", "matmul": "MatMul", "max": "Max", "mean": "Mean",
    "mean_squared_error": "Mean squared error", "min": "Min", "multiply": "×",
    "negative": "×(−1)", "orthogonal": "QR", "pinv": "Pseudo-inverse", "positive": "+x",
    "power": "^",
    "prod": "Product", "reciprocal": "1/x", "relu": "ReLU", "remainder": "%", "repeat": "Repeat",
    "reshape": "Reshape", "rounded": "round", "sech_squared": "sech²", "sigmoid": "Sigmoid",
    "sigmoid_cross_entropy": "Sigmoid with loss", "silu": "SiLU", "sine_ratio": "sin(u)/u",
    "singular": "SVD", "softmax": "Softmax", "softmax_cross_entropy": "Softmax with loss",
    "softplus": "Softplus", "solve": "Solve", "sqrt": "√", "square": "x²", "std": "Std",
    "step": "Step", "subtract": "−", "sum": "Sum", "sum_squared_error": "Sum of squared errors",
    "symmetric_eigen": "Eigen", "tanh": "Tanh", "transpose": "Transpose", "var": "Variance",
} | {
    # Those that are called alike everywhere.
    name: name
    for name in (
        "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "clip",
        "copysign", "cos", "cosh", "cumprod", "cumsum", "deg2rad", "erf", "erfc", "exp", "fmax",
        "fmin", "fmod", "gather", "heaviside", "hypot", "index", "log", "logaddexp", "logaddexp2",
        "maximum", "minimum", "rad2deg", "rint", "scatter", "sign", "sin", "sinh", "spacing",
        "spread", "tan", "trunc", "where",
    )
}  # fmt: skip
BETWEEN = {"add": "+", "subtract": "−", "multiply": "·", "divide": "÷", "power": "^"}
COMMUTATIVE = {"add", "multiply", "maximum", "minimum"}
# Positional arguments that are settings, no operands, and what they are called.
SETTINGS = {
    "broadcast_to": {1: "shape"},
    "reshape": {1: "shape"},
    "clip": {1: "low", 2: "high"},
}
LONGEST = 26  # characters of a text in a picture; the whole of it stands in the tooltip
DIGITS = 4

_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Widths in em of DejaVu Sans, the widest of the usual fonts, so that texts fit with any.
_WIDTHS = {"ijlI.,:;'|!": 0.32, "frt ()[]-/": 0.42, "mwMW@%": 0.99, "×÷+−=<>·^": 0.84}
_WIDTH_OF = {character: width for some, width in _WIDTHS.items() for character in some}


def book_name(operation: Differentiable) -> str:
    """What the book writes in the node of an operation.

    Example:
        >>> from mitbadak import functions
        >>> book_name(functions.softmax_cross_entropy)
        'Softmax with loss'
    """
    return BOOK_NAMES.get(operation.__name__, clean(operation.__name__))


def number(x: float) -> str:
    """A number with up to 4 significant digits.

    Example:
        >>> number(2.2000000000000002), number(-1e-7), number(71500.0)
        ('2.2', '−1e−7', '7.15e4')
    """
    # Adding 0.0 makes -0.0, which a gradient often is, a plain 0.
    digits, _, exponent = f"{x + 0.0:.{DIGITS}g}".partition("e")
    if exponent:
        digits = f"{digits}e{int(exponent)}"
    return digits.replace("-", "−")


def shape_text(shape: tuple[int, ...]) -> str:
    """A shape; one axis alone keeps NumPy's form, so that nobody takes it for a number.

    Example:
        >>> shape_text((100, 50)), shape_text((50,))
        ('100×50', '(50,)')
    """
    return "×".join(map(str, shape)) if len(shape) > 1 else str(tuple(map(int, shape)))


def value_text(x: Any) -> str:
    """A scalar as a number, an array as its shape, anything else as Python writes it."""
    if x is None or isinstance(x, (str, bytes, bool)):
        return shortened(repr(x))
    try:
        array = np.asarray(value_of(x))
    except ValueError:  # lists of several lengths
        return type(x).__name__
    if array.ndim:
        return shape_text(array.shape)
    return number(float(array)) if array.dtype.kind in "fiu" else shortened(str(array))


def options_text(operation: Differentiable, args: tuple[Any, ...], options: dict[str, Any]) -> str:
    """What was chosen in a call that changes its result: options other than their defaults.

    Example:
        >>> from mitbadak.functions import primitives
        >>> options_text(primitives.sum, (), {"axis": 1, "keepdims": False})
        'axis=1'
    """
    parameters = parameters_of(operation)
    said = {
        name: args[i]
        for i, name in SETTINGS.get(operation.__name__, {}).items()
        if i < len(args) and not hasattr(args[i], "operation")
    }
    for name, value in options.items():
        default = parameters[name].default if name in parameters else inspect.Parameter.empty
        if value is not default and not (np.ndim(value) == 0 and _same(value, default)):
            said[name] = value
    return ", ".join(
        f"[{_plain(value).strip('()')}]" if name == "at" else f"{name}={_plain(value)}"
        for name, value in said.items()
    )


def parameters_of(operation: Differentiable) -> dict[str, inspect.Parameter]:
    """The parameters of an operation's body, by name; none where Python cannot tell."""
    try:
        return dict(inspect.signature(operation.vjp).parameters)
    except (TypeError, ValueError):
        return {}


def _same(value: Any, default: Any) -> bool:
    return type(value) is type(default) and bool(value == default)


def _plain(value: Any) -> str:
    """An option's value: numbers and slices as in Python code, arrays as their shape."""
    if isinstance(value, slice):
        ends = ["" if end is None else str(end) for end in (value.start, value.stop)]
        return ":".join(ends if value.step is None else [*ends, str(value.step)])
    if value is Ellipsis:
        return "..."
    if isinstance(value, tuple):
        inside = ", ".join(map(_plain, value))
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    if isinstance(value, (np.ndarray, list)):
        return value_text(value)
    if isinstance(value, (float, np.floating)):
        return number(float(value))
    return shortened(str(value))


def clean(text: object) -> str:
    """Text that XML can hold, on one line."""
    return " ".join(_NOT_IN_XML.sub("\ufffd", str(text)).split())


def shortened(text: object, longest: int = LONGEST) -> str:
    """Clean text, cut where it is longer than a picture bears."""
    text = clean(text)
    return text if len(text) <= longest else text[: longest - 1] + "…"


def width_of(text: str, size: float) -> float:
    """About how wide a text is, in pixels, at a font size; rather too wide than too narrow.

    Example:
        >>> width_of("apple", 10.0) < width_of("사과사과사과", 10.0)
        True
    """
    return size * sum(map(_em, text))


def _em(character: str) -> float:
    if character in _WIDTH_OF:
        return _WIDTH_OF[character]
    if character < "\x7f":
        return 0.7 if character.isupper() else 0.635
    if unicodedata.combining(character):
        return 0.0
    return 1.04 if unicodedata.east_asian_width(character) in "WF" else 0.8

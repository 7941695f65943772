"""How a picture writes an operation: the book's name for it, its operands and its options."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

from mitbadak.functions.differentiable import Differentiable
from mitbadak.graph import Variable
from mitbadak.plots.graph.labels import clean, number, shortened, value_text

# Operations that are not listed here go by their function's name.
BOOK_NAMES = {
    "absolute": "|x|", "add": "+", "affine": "Affine", "batch_norm": "Batch norm",
    "average_pooling": "Average pooling", "max_pooling": "Max pooling", "col2im": "col2im",
    "im2col": "im2col", "windows": "Windows", "from_windows": "Add windows",
    "broadcast_to": "Repeat", "cast": "dtype", "cbrt": "∛", "ceil": "⌈x⌉", "cholesky": "Cholesky",
    "concatenate": "Concat", "contract": "Einsum", "convolution": "Convolution",
    "cross_entropy_error": "Cross entropy error", "det": "det", "divide": "÷",
    "dropout": "Dropout", "elu": "ELU", "exp2": "2^x", "expm1": "exp − 1",
    "fixed_batch_norm": "Batch norm", "flatten": "Flatten", "floor": "⌊x⌋", "floor_divide": "//",
    "gelu": "GELU", "huber": "Huber loss", "identity": "Identity", "inv": "Inverse",
    "layer_norm": "Layer norm", "ldexp": "× 2ⁿ", "leaky_relu": "Leaky ReLU", "linear": "Linear",
    "log1p": "log(1 + x)", "log2": "log₂", "log10": "log₁₀", "log_abs_det": "log |det|",
    "log_softmax": "Log softmax", "matmul": "MatMul", "max": "Max", "mean": "Mean",
    "mean_squared_error": "Mean squared error", "min": "Min", "multiply": "×",
    "negative": "×(−1)", "orthogonal": "QR", "pinv": "Pseudo-inverse", "positive": "+x",
    "power": "^",
    "prod": "Product", "reciprocal": "1/x", "relu": "ReLU", "remainder": "%", "repeat": "Repeat",
    "reshape": "Reshape", "rounded": "round", "sech_squared": "sech²", "sigmoid": "Sigmoid",
    "sigmoid_cross_entropy": "Sigmoid with loss", "silu": "SiLU", "sine_ratio": "sin(u)/u",
    "singular_values": "Singular values", "singular_vectors": "SVD",
    "softmax": "Softmax", "softmax_cross_entropy": "Softmax with loss",
    "softplus": "Softplus", "solve": "Solve", "sqrt": "√", "square": "x²", "std": "Std",
    "step": "Step", "subtract": "−", "sum": "Sum", "sum_squared_error": "Sum of squared errors",
    "eigenvalues": "Eigenvalues", "eigenvectors": "Eigenvectors",
    "from_eigenvalues": "V diag(d) Vᵀ", "from_singular_values": "U diag(d) Vᵀ",
    "in_eigenbasis": "diag(Vᵀ B V)", "in_singular_basis": "diag(Uᵀ B V)", "zero_times": "×",
    "with_unknown_slope": "x", "one_minus_square": "1 − x²",
    "tanh": "Tanh", "transpose": "Transpose", "unflatten": "Reshape", "var": "Variance",
} | {
    # Names that are the same everywhere.
    name: name
    for name in (
        "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "clip",
        "copysign", "cos", "cosh", "cumprod", "cumsum", "deg2rad", "erf", "erfc", "exp", "fmax",
        "fmin", "fmod", "gather", "heaviside", "hypot", "index", "log", "logaddexp", "logaddexp2",
        "maximum", "minimum", "rad2deg", "rint", "scatter", "sign", "sin", "sinh", "spacing",
        "spread", "tan", "trunc", "where",
    )
}  # fmt: skip
COMMUTATIVE = {"add", "multiply", "maximum", "minimum"}
HIDDEN = {"factors"}  # options that follow from the operands, kept so as not to compute them again
# Positional arguments that are settings rather than operands, with their names.
SETTINGS = {
    "broadcast_to": {1: "shape"},
    "reshape": {1: "shape"},
    "clip": {1: "low", 2: "high"},
}


def book_name(operation: Differentiable) -> str:
    """The book's label for the node of an operation.

    Example:
        >>> from mitbadak import functions
        >>> book_name(functions.softmax_cross_entropy)
        'Softmax with loss'
    """
    return BOOK_NAMES.get(operation.__name__, clean(operation.__name__))


def operands(v: Variable) -> list[tuple[int, Any]]:
    """The arguments to draw, with their positions; settings such as a shape are left out."""
    settings = SETTINGS.get(v.operation.__name__, {}) if v.operation is not None else {}
    return [(i, a) for i, a in enumerate(v.args) if isinstance(a, Variable) or i not in settings]


def argument_name(v: Variable, i: int) -> str:
    """The parameter's name where it is informative: "t" for labels, "" for a and b."""
    parameters = _parameters_of(v.operation) if v.operation is not None else {}
    names = [p.name for p in parameters.values() if p.kind == p.POSITIONAL_OR_KEYWORD]
    return names[i] if i < len(names) and names[i] not in ("a", "b") else ""


def options_text(operation: Differentiable, args: tuple[Any, ...], options: dict[str, Any]) -> str:
    """Settings and options of a call that differ from their defaults.

    Example:
        >>> from mitbadak.functions import primitives
        >>> options_text(primitives.sum, (), {"axis": 1, "keepdims": False})
        'axis=1'
    """
    parameters = _parameters_of(operation)
    chosen = {
        name: args[i]
        for i, name in SETTINGS.get(operation.__name__, {}).items()
        if i < len(args) and not isinstance(args[i], Variable)
    }
    for name, value in options.items():
        if name in HIDDEN:
            continue
        default = parameters[name].default if name in parameters else inspect.Parameter.empty
        if value is not default and not (np.ndim(value) == 0 and _same(value, default)):
            chosen[name] = value
    return ", ".join(
        f"[{_option_value(value).strip('()')}]"
        if name == "at"
        else f"{name}={_option_value(value)}"
        for name, value in chosen.items()
    )


def _parameters_of(operation: Differentiable) -> dict[str, inspect.Parameter]:
    """The parameters of an operation's body, by name; none if Python cannot tell."""
    try:
        return dict(inspect.signature(operation.vjp).parameters)
    except (TypeError, ValueError):
        return {}


def _same(value: Any, default: Any) -> bool:
    return type(value) is type(default) and bool(value == default)


def _option_value(value: Any) -> str:
    """Numbers and slices as in Python code, arrays as their shape."""
    if isinstance(value, slice):
        ends = ["" if end is None else str(end) for end in (value.start, value.stop)]
        return ":".join(ends if value.step is None else [*ends, str(value.step)])
    if value is Ellipsis:
        return "..."
    if isinstance(value, tuple):
        inside = ", ".join(map(_option_value, value))
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    if isinstance(value, (np.ndarray, list)):
        return value_text(value)
    if isinstance(value, (float, np.floating)):
        return number(float(value))
    return shortened(str(value))

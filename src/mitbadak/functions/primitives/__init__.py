"""NumPy's functions as differentiable operations: the vocabulary of every operation's body.

Each is registered under its NumPy function, so that a body that runs on traced values records
itself, and so does every pullback. This is how a single definition has derivatives of every order.
``catalog`` lists what every other NumPy function does on variables: it is constant, or refused
with a reason.
"""

from mitbadak.functions.primitives.arithmetic import (
    absolute,
    add,
    astype,
    cast,
    cbrt,
    ceil,
    divide,
    floor,
    floor_divide,
    fmod,
    heaviside,
    ldexp,
    multiply,
    negative,
    positive,
    power,
    reciprocal,
    remainder,
    rint,
    rounded,
    sign,
    spacing,
    sqrt,
    square,
    subtract,
    trunc,
)
from mitbadak.functions.primitives.catalog import catalog
from mitbadak.functions.primitives.choosing import (
    clip,
    copysign,
    fmax,
    fmin,
    maximum,
    minimum,
    where,
)
from mitbadak.functions.primitives.elementary import (
    arccos,
    arccosh,
    arcsin,
    arcsinh,
    arctan,
    arctan2,
    arctanh,
    cos,
    cosh,
    deg2rad,
    exp,
    exp2,
    expm1,
    hypot,
    log,
    log1p,
    log2,
    log10,
    logaddexp,
    logaddexp2,
    one_minus_square,
    rad2deg,
    sech_squared,
    sin,
    sine_ratio,
    sinh,
    tan,
    tanh,
)
from mitbadak.functions.primitives.joining import _stack as _joined  # noqa: F401 (registers the rest)
from mitbadak.functions.primitives.linear_algebra import (
    cholesky,
    det,
    inv,
    log_abs_det,
    orthogonal,
    pinv,
    solve,
)
from mitbadak.functions.primitives.norms import _norm as _norm
from mitbadak.functions.primitives.ordering import _sort as _ordered  # noqa: F401 (registers np.sort)
from mitbadak.functions.primitives.products import contract, convolution, matmul
from mitbadak.functions.primitives.reductions import max, mean, min, prod, std, sum, var
from mitbadak.functions.primitives.running import cumprod, cumsum
from mitbadak.functions.primitives.sampling import _linspace as _sampled  # noqa: F401 (registers the rest)
from mitbadak.functions.primitives.shaping import (
    broadcast_to,
    concatenate,
    gather,
    index,
    repeat,
    reshape,
    scatter,
    spread,
    sum_to,
    transpose,
)
from mitbadak.functions.primitives.spectra import (
    eigenvalues,
    eigenvectors,
    from_eigenvalues,
    from_singular_values,
    in_eigenbasis,
    in_singular_basis,
    singular_values,
    singular_vectors,
    with_unknown_slope,
    zero_times,
)
from mitbadak.functions.primitives.statistics import _average as _averaged  # noqa: F401 (registers the rest)

__all__ = [
    "absolute", "add", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh",
    "astype", "broadcast_to", "cast", "catalog", "cbrt", "ceil", "cholesky", "clip",
    "concatenate", "contract", "convolution", "copysign", "cos", "cosh", "cumprod", "cumsum",
    "deg2rad", "det", "divide", "eigenvalues", "eigenvectors", "exp", "exp2", "expm1", "floor",
    "floor_divide", "fmax", "fmin", "fmod", "from_eigenvalues", "from_singular_values", "gather",
    "heaviside", "hypot", "in_eigenbasis", "in_singular_basis", "index", "inv", "ldexp", "log",
    "log1p", "log2", "log10", "log_abs_det", "logaddexp", "logaddexp2", "matmul", "max",
    "maximum", "mean", "min", "minimum", "multiply", "negative", "one_minus_square", "orthogonal",
    "pinv", "positive", "power", "prod", "rad2deg", "reciprocal", "remainder", "repeat",
    "reshape", "rint", "rounded", "scatter", "sech_squared", "sign", "sin", "sine_ratio",
    "singular_values", "singular_vectors", "sinh", "solve", "spacing", "spread", "sqrt", "square",
    "std", "subtract", "sum", "sum_to", "tan", "tanh", "transpose", "trunc", "var", "where",
    "with_unknown_slope", "zero_times",
]  # fmt: skip

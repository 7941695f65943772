"""Names of libraries and of the book, and words by which learners name things."""

from __future__ import annotations

import re
from typing import Final

# Names that NumPy no longer has: what to write instead, and since which version they are gone.
REMOVED: Final[dict[str, tuple[str, str]]] = {
    "int": ("int", "1.24"), "float": ("float", "1.24"), "object": ("object", "1.24"),
    "complex": ("complex", "1.24"), "str": ("str", "1.24"), "unicode": ("str", "1.24"),
    "float_": ("np.float64", "2.0"), "complex_": ("np.complex128", "2.0"),
    "longfloat": ("np.longdouble", "2.0"), "singlecomplex": ("np.complex64", "2.0"),
    "cfloat": ("np.complex128", "2.0"), "string_": ("np.bytes_", "2.0"),
    "unicode_": ("np.str_", "2.0"), "bool8": ("np.bool_", "2.0"), "int0": ("np.intp", "2.0"),
    "uint0": ("np.uintp", "2.0"), "object0": ("np.object_", "2.0"),
    "Inf": ("np.inf", "2.0"), "Infinity": ("np.inf", "2.0"), "infty": ("np.inf", "2.0"),
    "PINF": ("np.inf", "2.0"), "NINF": ("-np.inf", "2.0"), "NaN": ("np.nan", "2.0"),
    "PZERO": ("0.0", "2.0"), "NZERO": ("-0.0", "2.0"),
    "product": ("np.prod", "2.0"), "cumproduct": ("np.cumprod", "2.0"),
    "sometrue": ("np.any", "2.0"), "alltrue": ("np.all", "2.0"), "round_": ("np.round", "2.0"),
    "mat": ("np.asmatrix", "2.0"), "asfarray": ("np.asarray", "2.0"),
    "msort": ("np.sort", "2.0"), "asscalar": ("np.ndarray.item", "1.23"),
    "alen": ("len", "1.23"), "rank": ("np.ndim", "1.18"),
    "find_common_type": ("np.result_type", "2.0"),
    "trapz": ("np.trapezoid", "2.4"), "in1d": ("np.isin", "2.4"),
    "issubsctype": ("np.issubdtype", "2.0"), "issubclass_": ("issubclass", "2.0"),
    "safe_eval": ("ast.literal_eval", "2.0"),
}  # fmt: skip
BACK_AGAIN: Final = {"bool": ("bool", "1.24")}  # gone, and back in 2.0 with another meaning
BUILTIN_TYPES: Final = {"int", "float", "bool", "complex", "object", "str"}

INT_TYPES: Final = re.compile(r"(numpy\.)?u?int(\d+|_|c|p|0)?|numpy\.(byte|short|long|longlong)")
FLOAT_TYPES: Final = re.compile(r"(numpy\.)?(float(\d+|_)?|double|single|half|longdouble)")

# Libraries by the names under which their parts are imported; the last part is enough for the
# book's functions, wherever they lie.
RENAMED: Final = {"numpy.matlib": "numpy", "autograd.numpy": "numpy"}

BUILDS_ARRAY: Final = {"array", "asarray", "asanyarray", "ascontiguousarray"}
FILLED: Final = {"zeros", "ones", "empty"}
FILLED_LIKE: Final = {"zeros_like", "ones_like", "empty_like", "full_like"}
RANDOM_FLOATS: Final = {
    "randn", "rand", "normal", "uniform", "standard_normal", "random", "random_sample", "ranf",
    "sample", "beta", "gamma", "exponential", "laplace", "logistic",
}  # fmt: skip
RANDOM_INTS: Final = {"randint", "integers", "choice", "permutation", "random_integers"}
ELEMENTWISE: Final = {
    "exp", "log", "log2", "log10", "log1p", "expm1", "sqrt", "tanh", "sin", "cos", "tan", "arctan",
    "sinh", "cosh", "maximum", "minimum", "clip", "abs", "absolute", "fabs", "sign", "square",
    "power", "where", "logaddexp", "reciprocal", "negative", "floor", "ceil", "rint", "round",
    "nan_to_num", "exp2", "heaviside", "floor_divide", "isclose", "sinc",
}  # fmt: skip
WHOLE: Final = {
    "floor",
    "ceil",
    "rint",
    "round",
    "trunc",
    "sign",
    "fix",
}  # floats without a fraction
REDUCTIONS: Final = {
    "sum", "mean", "max", "min", "amax", "amin", "std", "var", "prod", "median", "average", "any",
    "all", "nansum", "nanmean", "count_nonzero", "argmax", "argmin", "ptp",
}  # fmt: skip
PRODUCTS: Final = {"dot", "matmul"}
SAME_MEMORY: Final = {"reshape", "ravel", "squeeze", "transpose", "view", "swapaxes", "expand_dims"}
ARITHMETIC: Final = {
    "add": "Add", "subtract": "Sub", "multiply": "Mult", "divide": "Div", "true_divide": "Div",
    "mod": "Mod", "remainder": "Mod", "fmod": "Mod", "dot": "MatMult", "matmul": "MatMult",
}  # fmt: skip
STAR_NAMES: Final = {
    *REMOVED, *BUILDS_ARRAY, *FILLED, *FILLED_LIKE, *ELEMENTWISE, *REDUCTIONS, *PRODUCTS,
    *SAME_MEMORY, *ARITHMETIC, "arange", "linspace", "eye", "copy", "random", "full", "pi", "e",
    "float64", "float32", "int64", "int32", "argsort", "newaxis", "concatenate", "vstack", "hstack",
    "identity", "mgrid", "meshgrid", "ndarray", "nditer", "outer", "unique", "ones",
} - {"abs", "round", "max", "min", "sum", "any", "all", "object", "int", "float", "str", "complex",
     "bool", "unicode", "rank"}  # fmt: skip

GRADIENTS: Final = re.compile(
    r"(\w*_)?(gradients?|numerical_diff|backprop\w*|backward\w*|numerical_gradient\w*|grads?)"
    r"|(compute|calc|get|numerical|numeric|num)_?(grad|diff)\w*", re.IGNORECASE
)  # fmt: skip
NO_GRADIENTS: Final = re.compile(r"(sigmoid|relu|tanh|softmax|step|identity)_grad|zero_grad")
LOADERS: Final = {"load_mnist", "load_fashion_mnist"}
LOSS_WITH_SOFTMAX: Final = {
    "softmax_loss", "softmax_cross_entropy", "softmaxwithloss", "softmaxcrossentropy",
    "softmax_with_loss", "softmax_cross_entropy_error", "crossentropyloss",
    "softmaxcrossentropyloss", "cross_entropy_with_logits", "softmax_cross_entropy_with_logits",
}  # fmt: skip
LOSS_WITH_SIGMOID: Final = {"sigmoidwithloss", "sigmoid_with_loss", "bcewithlogitsloss"}
CROSS_ENTROPIES: Final = {"cross_entropy_error", "cross_entropy", "cross_entropy_loss"}
SQUARED_ERRORS: Final = {"mean_squared_error", "sum_squared_error", "sum_squares_error"}
ACTIVATIONS: Final = {"sigmoid", "relu", "tanh", "identity_function", "identity", "step_function"}

# Names by which learners call things; only asked where the flow of values does not tell.
GRADIENT_WORDS: Final = re.compile(
    r"(.*_)?(d[A-Zb]\w{0,3}|dx|d_?[wb]\d?|d?grads?|gradients?|기울기|미분|dparams?|nabla|g\d?)(_\w*)?"
)
RATE_WORDS: Final = re.compile(
    r"(.*_)?(lr|learning_?rate|eta|alpha|rate|step_?size|epsilon_lr|학습률|gamma_lr)(_?\d+)?",
    re.IGNORECASE,
)
LABEL_WORDS: Final = re.compile(r"(t|y_true|labels?|targets?|정답\w*|t_\w+|y_(train|test|batch))")
TEST_WORDS: Final = re.compile(r"(^|_)(test|eval|시험|테스트)(_|$)|^test", re.IGNORECASE)
ASCENT_WORDS: Final = re.compile(
    r"ascen|maxim|climb|adversar|fgsm|attack|dream|상승|최대", re.IGNORECASE
)


def canonical(dotted: str) -> str:
    """A dotted name without the differences between ways to import it."""
    head, _, rest = dotted.partition(".")
    if head in ("np", "numpy") and rest:
        return f"numpy.{rest}"
    for old, new in RENAMED.items():
        if dotted == old or dotted.startswith(f"{old}."):
            return new + dotted[len(old) :]
    return dotted


def last_part(dotted: str) -> str:
    """``softmax`` of ``common.functions.softmax``."""
    return dotted.rpartition(".")[2]


def of_numpy(dotted: str) -> str:
    """``zeros`` of ``numpy.zeros``, ``random.rand`` of ``numpy.random.rand``; "" of others."""
    return dotted[6:] if dotted.startswith("numpy.") else ""


def is_gradient_call(name: str) -> bool:
    """Whether a function of this name returns gradients."""
    last = last_part(name)
    return bool(GRADIENTS.fullmatch(last)) and not NO_GRADIENTS.fullmatch(last)

"""Every NumPy function on variables: which ones are constant or refused, and why.

A function that is neither listed here nor registered as an operation is refused without a specific
reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from mitbadak.functions.differentiable import (
    kind_of,
    numpy_name,
    register_constant,
    register_refused,
)

# Predicates, counts, indices and shapes: small changes of the input do not change them.
CONSTANT = """
    greater greater_equal less less_equal equal not_equal
    logical_and logical_or logical_xor logical_not all any
    isfinite isinf isnan isneginf isposinf signbit isclose allclose array_equal array_equiv
    iscomplex iscomplexobj isreal isrealobj isin
    tril_indices_from triu_indices_from diag_indices_from einsum_path min_scalar_type
    linalg.matrix_rank argmax argmin argsort argpartition argwhere nonzero flatnonzero count_nonzero
    nanargmax nanargmin
    searchsorted digitize lexsort
    shape ndim size zeros_like ones_like empty_like imag
    result_type common_type can_cast may_share_memory shares_memory
    array2string array_repr array_str
"""
REFUSED = {
    "it counts, or works on integers; use .value": """
        bincount histogram histogram2d histogramdd histogram_bin_edges ravel_multi_index
        unravel_index gcd lcm bitwise_and bitwise_or bitwise_xor bitwise_count bitwise_not invert
        left_shift right_shift packbits unpackbits isnat ix_""",
    "which entries it keeps depends on their values; take them by index, such as "
    "x[np.unique(x.value, return_index=True)[1]]": """
        unique unique_all unique_counts unique_inverse unique_values union1d intersect1d
        setdiff1d setxor1d""",
    "it solves for coefficients; use np.linalg.lstsq with np.vander": "polyfit",
    "the degree of the rest depends on the coefficients; solve for them with np.linalg.solve": """
        polydiv""",
    "it writes into an array; make a new array with np.where or np.concatenate": """
        copyto put put_along_axis putmask place fill_diagonal""",
    "it leads to complex numbers, but variables hold real ones": """
        angle roots poly sort_complex linalg.eig linalg.eigvals
        fft.fft fft.ifft fft.fft2 fft.ifft2 fft.fftn fft.ifftn fft.rfft fft.irfft fft.rfft2
        fft.irfft2 fft.rfftn fft.irfftn fft.hfft fft.ihfft""",
    "it is for files, calendars or text; use .value": """
        save savez savez_compressed savetxt datetime_as_string datetime_data busday_count
        busday_offset is_busday""",
    "use np.isin": "in1d",
    "call the function with axis= instead": "apply_along_axis apply_over_axes",
    "use np.reshape and np.atleast_2d": "require asarray_chkfinite bmat",
    "the next floating-point number is not a function of real numbers": "nextafter",
    "its derivative is a Bessel function, which NumPy does not have": "i0",
}

# Forms of differentiable functions that are refused.
NARROWER = {
    "average": "weights of another shape need one axis",
    "cov": "no fweights or aweights",
    "cross": "vectors of 3 entries",
    "geomspace": "both ends of the same sign",
    "gradient": "the spacing is a constant",
    "interp": "no period",
    "ldexp": "the exponent is a constant",
    "linalg.pinv": "no hermitian=True",
    "linalg.qr": 'modes "reduced" and "r", of matrices with at least as many rows as columns',
    "linalg.svd": "full_matrices=False, unless the matrix is square; no hermitian=True",
    "pad": 'modes "constant", "edge", "reflect", "symmetric" and "wrap"',
}


def _named(name: str) -> Callable | None:
    """A NumPy function by its name after ``np.``; None if this version of NumPy lacks it."""
    home = np
    for part in name.split("."):
        home = getattr(home, part, None)
    return home  # type: ignore[return-value]


def dispatching() -> Iterator[Callable]:
    """Every NumPy function that dispatches to its arguments: ufuncs and array functions."""
    seen: set[int] = set()
    for home in (np, np.linalg, np.fft):
        for name in sorted(vars(home)):
            if name.startswith("_"):
                continue
            function = getattr(home, name)
            dispatches = isinstance(function, np.ufunc) or hasattr(function, "_implementation")
            if dispatches and id(function) not in seen:
                seen.add(id(function))
                yield function


def catalog() -> list[tuple[str, str, str]]:
    """Name, kind and reason of every NumPy function that dispatches to variables.

    For a differentiable function the reason is a remark on the forms that it takes.

    Example:
        >>> rows = {name: (kind, why) for name, kind, why in catalog()}
        >>> rows["np.fft.fft"]
        ('refused', 'it leads to complex numbers, but variables hold real ones')
    """
    rows = ((numpy_name(function), *kind_of(function)) for function in dispatching())
    return sorted(
        (name, kind, why or NARROWER.get(name.removeprefix("np."), "")) for name, kind, why in rows
    )


register_constant(*(f for f in map(_named, CONSTANT.split()) if f is not None))
for _reason, _names in REFUSED.items():
    register_refused(_reason, *(f for f in map(_named, _names.split()) if f is not None))

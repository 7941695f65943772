"""What every NumPy function is on variables: which are constant, which refused, and why.

What neither stands here nor leads to an operation is refused without a reason of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from mitbadak.differentiable import is_constant, is_refused, kind_of, numpy_name

# Questions, counts, indices and shapes: nothing in them changes with a small step.
CONSTANT = """
    greater greater_equal less less_equal equal not_equal
    logical_and logical_or logical_xor logical_not all any
    isfinite isinf isnan isneginf isposinf signbit isclose allclose array_equal array_equiv
    iscomplex iscomplexobj isreal isrealobj isin
    argmax argmin argsort argpartition argwhere nonzero flatnonzero count_nonzero
    nanargmax nanargmin
    searchsorted digitize lexsort
    shape ndim size zeros_like ones_like empty_like imag
    result_type common_type can_cast may_share_memory shares_memory
    array2string array_repr array_str
"""
REFUSED = {
    "it counts or picks by whole numbers; use .value": """
        bincount histogram histogram2d histogramdd histogram_bin_edges unique unique_all
        unique_counts unique_inverse unique_values union1d intersect1d setdiff1d setxor1d
        ravel_multi_index unravel_index gcd lcm bitwise_and bitwise_or bitwise_xor bitwise_count
        bitwise_not invert left_shift right_shift packbits unpackbits isnat
        diag_indices_from tril_indices_from triu_indices_from ix_ choose""",
    "it writes into an array; make a new one with np.where or np.concatenate": """
        copyto put put_along_axis putmask place fill_diagonal""",
    "it leads to complex numbers, and variables hold real ones": """
        angle roots poly sort_complex unwrap
        linalg.eig linalg.eigvals
        fft.fft fft.ifft fft.fft2 fft.ifft2 fft.fftn fft.ifftn fft.rfft fft.irfft fft.rfft2
        fft.irfft2 fft.rfftn fft.irfftn fft.hfft fft.ihfft""",
    "it only rearranges a spectrum; use np.roll": "fft.fftshift fft.ifftshift",
    "it belongs to files or text; use .value": """
        save savez savez_compressed savetxt datetime_as_string datetime_data busday_count
        busday_offset is_busday""",
    "use np.diff, np.concatenate and slices": "ediff1d insert trim_zeros",
    "use np.cumsum or np.cumprod": """
        nancumsum nancumprod cumulative_sum cumulative_prod""",
    "use np.median or np.quantile of what is not NaN": "nanmedian nanquantile nanpercentile",
    "use np.where, one branch after the other": "piecewise apply_along_axis apply_over_axes interp",
    "use np.polyval with coefficients": """
        polyadd polyder polydiv polyfit polyint polymul polysub vander""",
    "build it from np.mean and np.matmul": "cov corrcoef",
    "use np.linalg.solve": "linalg.lstsq linalg.tensorsolve linalg.tensorinv",
    "use np.linalg.svd": "linalg.cond linalg.matrix_rank linalg.qr",
    "use np.reshape or x[...] with constants": "full_like require asarray_chkfinite",
    "use np.linspace(0, 1, n) times the variable": "linspace logspace geomspace",
    "it takes a number apart bit by bit": "frexp nextafter spacing",
    "it has no derivative written here yet": "i0 einsum_path bmat kaiser",
}


def _named(name: str) -> Callable | None:
    """A NumPy function by the name it has after ``np.``; None where this NumPy has none."""
    home = np
    for part in name.split("."):
        home = getattr(home, part, None)
    return home  # type: ignore[return-value]


def dispatching() -> Iterator[Callable]:
    """Every function of NumPy's that variables are asked about: ufuncs and array functions."""
    seen: set[int] = set()
    for home in (np, np.linalg, np.fft):
        for name in sorted(vars(home)):
            if name.startswith("_"):
                continue
            function = getattr(home, name)
            led = isinstance(function, np.ufunc) or hasattr(function, "_implementation")
            if led and id(function) not in seen:
                seen.add(id(function))
                yield function


def catalogue() -> list[tuple[str, str, str]]:
    """Name, kind and reason of every NumPy function that variables are asked about.

    Example:
        >>> rows = {name: (kind, why) for name, kind, why in catalogue()}
        >>> rows["np.fft.fft"]
        ('refused', 'it leads to complex numbers, and variables hold real ones')
    """
    return sorted((numpy_name(function), *kind_of(function)) for function in dispatching())


is_constant(*(f for f in map(_named, CONSTANT.split()) if f is not None))
for _reason, _names in REFUSED.items():
    is_refused(_reason, *(f for f in map(_named, _names.split()) if f is not None))

"""What a variable refuses: always with one of our errors, never by dropping a derivative."""

# These calls are wrong on purpose.
# pyright: reportCallIssue=false, reportArgumentType=false
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from numpy_surface.calls import draw

X, V = draw(3, 3), draw(4)
Form = Callable[[Any], Any]

# By NumPy's name; each takes a variable of shape (3, 3).
REFUSED: dict[str, Form] = {
    **{
        f"fft.{name}": (lambda x, name=name: getattr(np.fft, name)(x))
        for name in (
            "fft",
            "fft2",
            "fftn",
            "hfft",
            "ifft",
            "ifft2",
            "ifftn",
            "ihfft",
            "irfft",
            "irfft2",
            "irfftn",
            "rfft",
            "rfft2",
            "rfftn",
        )
    },
    **{
        name: (lambda x, name=name: getattr(np, name)(x))
        for name in (
            "angle",
            "i0",
            "sort_complex",
            "unique",
            "unique_all",
            "unique_counts",
            "unique_inverse",
            "unique_values",
            "bincount",
            "invert",
            "bitwise_count",
            "isnat",
            "packbits",
            "unpackbits",
            "histogram_bin_edges",
            "histogramdd",
            "ix_",
            "histogram",
        )
    },
    "nextafter": lambda x: np.nextafter(x, 1.0),
    **{
        name: (lambda x, name=name: getattr(np, name)(x, x))
        for name in (
            "bitwise_and",
            "bitwise_or",
            "bitwise_xor",
            "left_shift",
            "right_shift",
            "gcd",
            "lcm",
            "intersect1d",
            "setdiff1d",
            "setxor1d",
            "union1d",
            "histogram2d",
            "copyto",
            "polydiv",
        )
    },
    "linalg.eig": lambda x: np.linalg.eig(x),
    "linalg.eigvals": lambda x: np.linalg.eigvals(x),
    "roots": lambda x: np.roots(x[0]),
    "poly": lambda x: np.poly(x[0]),
    "polyfit": lambda x: np.polyfit(x[0], x[1], 1),
    "apply_along_axis": lambda x: np.apply_along_axis(np.sum, 0, x),  # type: ignore[call-overload]
    "apply_over_axes": lambda x: np.apply_over_axes(np.sum, x, [0]),
    "fill_diagonal": lambda x: np.fill_diagonal(x, 0.0),
    "place": lambda x: np.place(x, X > 0, [1.0]),
    "put": lambda x: np.put(x, [0], [1.0]),
    "putmask": lambda x: np.putmask(x, X > 0, 1.0),
    "put_along_axis": lambda x: np.put_along_axis(x, np.zeros((1, 3), int), 1.0, 0),
    "save": lambda x: np.save("never-written", x),
    "savez": lambda x: np.savez("never-written", x),
    "savez_compressed": lambda x: np.savez_compressed("never-written", x),
    "savetxt": lambda x: np.savetxt("never-written", x),
    "ravel_multi_index": lambda x: np.ravel_multi_index((x[0], x[1]), (9, 9)),
    "unravel_index": lambda x: np.unravel_index(x, (9, 9)),
    "busday_count": lambda x: np.busday_count(x, x),
    "busday_offset": lambda x: np.busday_offset(x, x),
    "is_busday": lambda x: np.is_busday(x),
    "datetime_as_string": lambda x: np.datetime_as_string(x),
}

# Refused calls of functions that have a derivative, and refused uses of a variable.
REFUSED_FORMS: dict[str, Form] = {
    "np.sum(x, out=)": lambda x: np.sum(x, axis=0, out=np.zeros(3)),
    "np.exp(x, out=)": lambda x: np.exp(x, out=np.zeros((3, 3))),
    "np.exp(x, out) positional": lambda x: np.exp(x, np.zeros((3, 3))),
    "np.add(x, y, out=)": lambda x: np.add(X, x, out=np.zeros((3, 3))),
    "np.exp(array, out=x)": lambda x: np.exp(X, out=x),
    "np.exp(x, where=)": lambda x: np.exp(x, where=X > 0),
    "np.clip(x, out=)": lambda x: np.clip(x, 0, 1, out=np.zeros((3, 3))),
    "np.mean(x, out=)": lambda x: np.mean(x, out=np.zeros(())),
    "np.cumsum(x, out=)": lambda x: np.cumsum(x, axis=0, out=np.zeros((3, 3))),
    "np.matmul(x, y, out=)": lambda x: np.matmul(x, x, out=np.zeros((3, 3))),
    "np.dot(x, y, out=)": lambda x: np.dot(x, x, out=np.zeros((3, 3))),
    "np.concatenate(out=)": lambda x: np.concatenate([x, x], out=np.zeros((6, 3))),
    "np.stack(out=)": lambda x: np.stack([x, x], out=np.zeros((2, 3, 3))),
    "np.take(out=)": lambda x: np.take(x, [0], axis=0, out=np.zeros((1, 3))),
    "np.einsum(out=)": lambda x: np.einsum("ij->j", x, out=np.zeros(3)),
    "np.sum(x, int)": lambda x: np.sum(x, dtype=int),
    **{
        f"np.pad(mode={m})": (lambda x, m=m: np.pad(x, 1, m))
        for m in ("mean", "maximum", "minimum", "linear_ramp", "median", "empty")
    },
    "np.pad(reflect_type=)": lambda x: np.pad(x, 1, "reflect", reflect_type="odd"),
    "np.array(x)": np.array,
    "np.asarray(x)": np.asarray,
    "np.array([x, x])": lambda x: np.array([x, x]),
    "np.array of scalars": lambda x: np.array([x[0, 0], x[1, 1]]),
    "np.asarray(x, float)": lambda x: np.asarray(x, float),
    "array[0] = x": lambda x: np.zeros((2, 3)).__setitem__(0, x[0]),
    "array[0, 0] = x": lambda x: np.zeros((2, 3)).__setitem__((0, 0), x[0, 0]),
    "x[0] = 1": lambda x: x.__setitem__(0, 1.0),
    "np.add.at(array, x)": lambda x: np.add.at(np.ones(3), [0], x[0, 0]),
    "np.add.at(x)": lambda x: np.add.at(x, [0], 1.0),
    "np.power(x, 1j)": lambda x: np.power(x, 1j),
    "x + 1j": lambda x: x + 1j,
}

# Mistakes on arrays too: they raise a Mitbadak error, or the one that NumPy raises.
MISTAKES: dict[str, Form] = {
    "np.percentile below 0": lambda x: np.percentile(x, -50),
    "np.quantile above 1": lambda x: np.quantile(x, 1.5),
    "np.nanquantile at NaN": lambda x: np.nanquantile(x, np.nan),
    "np.linalg.matrix_power of half": lambda x: np.linalg.matrix_power(x, 2.5),
    "np.diff backward": lambda x: np.diff(x, n=-1),
    "np.linalg.eigvalsh of X": lambda x: np.linalg.eigvalsh(x, "X"),
    "np.average of no weight": lambda x: np.average(x, weights=np.zeros((3, 3))),
    "np.clip by two lower bounds": lambda x: np.clip(x, 0, min=1),
    "np.linalg.multi_dot of one": lambda x: np.linalg.multi_dot([x]),
    "np.convolve in no mode": lambda x: np.convolve(x[0], [1, 2], "bogus"),
    "np.interp between unequal lists": lambda x: np.interp(x, [0.0, 1.0], [2.0]),
    "np.piecewise by rows": lambda x: np.piecewise(x, X > 0, [np.sin]),
    "np.sum(x, axis=5)": lambda x: np.sum(x, axis=5),
    "np.sum(x, axis=(0, 0))": lambda x: np.sum(x, axis=(0, 0)),
    "np.sum(x, axis=1.5)": lambda x: np.sum(x, axis=1.5),  # type: ignore[call-overload]
    "np.transpose(x, (0, 0))": lambda x: np.transpose(x, (0, 0)),
    "np.transpose(x, (0,))": lambda x: np.transpose(x, (0,)),
    "np.reshape to another size": lambda x: np.reshape(x, (2, 2)),
    "np.broadcast_to": lambda x: np.broadcast_to(x, (2, 2)),
    "x[5]": lambda x: x[5],
    "x[0.5]": lambda x: x[0.5],
    "x[0, 0, 0]": lambda x: x[0, 0, 0],
    "x['a']": lambda x: x["a"],
    "x @ y of other sizes": lambda x: x @ np.ones((4, 2)),
    "x + y of other sizes": lambda x: x + np.ones(4),
    "np.sum(x, nonsense=1)": lambda x: np.sum(x, nonsense=1),  # type: ignore[call-overload]
    "np.max of nothing": lambda x: np.max(x[:0]),
    "np.concatenate of nothing": lambda x: np.concatenate([x, np.ones((2, 2))], axis=1),
    "x + string": lambda x: x + "a",
    "len of a scalar": lambda x: len(x[0, 0]),
    "np.squeeze of a long axis": lambda x: np.squeeze(x, 0),
    "np.swapaxes beyond": lambda x: np.swapaxes(x, 0, 3),
    "np.repeat of negative times": lambda x: np.repeat(x, -1),
    "np.split unevenly": lambda x: np.split(x, 2),
    "np.linalg.inv of no square": lambda x: np.linalg.inv(x[:2]),
    "np.linalg.inv of a singular matrix": lambda x: np.linalg.inv(x * 0.0),
    "np.stack of other shapes": lambda x: np.stack([x, x[:2]]),
    "np.sum without an argument": lambda x: np.sum(x, 0, None, None, None, None, None, None),  # type: ignore[call-overload]
    "bool of several": lambda x: bool(x),
    "item of several": lambda x: x.item(),
    "float of several": lambda x: float(x),
}

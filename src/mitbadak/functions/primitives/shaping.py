"""Rearranging entries: reshaping, moving, joining, repeating, indexing. All are linear.

``gather`` implements every NumPy function that only moves, repeats, drops or pads entries: the
function runs once on the *positions* of the entries, and the result tells where each entry came
from. Its adjoint is ``spread``.
"""

from __future__ import annotations

import functools
import inspect
from typing import Any

import numpy as np

from mitbadak.functions.differentiable import (
    differentiable,
    is_traced,
    no_derivative,
    plain,
    register_form,
    value_of,
)
from mitbadak.functions.primitives.axes import along, normal_axes


def sum_to(dy, shape):
    """The adjoint of broadcasting: sum ``dy`` over the axes along which ``shape`` was repeated.

    Example:
        >>> sum_to(np.ones((3, 2)), (2,))
        array([3., 3.])
    """
    if np.shape(dy) == shape:
        return dy
    extra = len(np.shape(dy)) - len(shape)
    if extra > 0:
        dy = np.sum(dy, axis=tuple(range(extra)))
    repeated = tuple(i for i, n in enumerate(shape) if n == 1 and np.shape(dy)[i] != 1)
    return np.sum(dy, axis=repeated, keepdims=True) if repeated else dy


@differentiable
def transpose(a, *, axes=None):
    """Axes in another order, by default reversed."""
    y = np.transpose(a, axes)
    n = len(np.shape(a))
    back = None if axes is None else tuple(np.argsort([i % n for i in axes]).tolist())
    return y, (lambda dy: np.transpose(dy, back),)


@differentiable
def broadcast_to(array, shape):
    before = np.shape(array)
    return np.broadcast_to(array, shape), (lambda dy: sum_to(dy, before), None)


@differentiable
def reshape(a, shape):
    before = np.shape(a)
    return np.reshape(a, shape), (lambda dy: np.reshape(dy, before), None)


@differentiable
def concatenate(*arrays, axis=0):
    """Arrays joined along an axis; each gets its part of the gradient."""
    y = np.concatenate(arrays, axis=axis)
    sizes, n = [np.shape(a)[axis] for a in arrays], np.ndim(arrays[0])
    ends = [int(end) for end in np.cumsum(sizes)]

    def part(start, stop):
        return lambda dy: index(dy, at=along(axis, n, slice(start, stop)))

    return y, [part(end - size, end) for size, end in zip(sizes, ends, strict=True)]


@differentiable
def repeat(a, *, times, axis):
    """Every entry repeated ``times`` times along an axis, like ``np.repeat``."""
    y = np.repeat(a, times, axis=axis)
    shape = np.shape(a)
    (axis,) = normal_axes(axis, len(shape))
    split = (*shape[: axis + 1], times, *shape[axis + 1 :])
    return y, (lambda dy: np.sum(np.reshape(dy, split), axis=axis + 1),)


@differentiable
def index(a, *, at):
    """``a[at]``, for any NumPy index; its adjoint is ``scatter``."""
    shape = np.shape(a)
    return a[at], (lambda dy: scatter(dy, at=at, shape=shape),)


@differentiable
def scatter(a, *, at, shape):
    """Zeros of ``shape`` with ``a`` added at ``at``; the adjoint of ``index``."""
    if is_traced(a):
        return scatter(a, at=at, shape=shape), (lambda dy: index(dy, at=at),)
    y = np.zeros(shape, np.asarray(a).dtype)
    if _is_basic(at):  # each entry is addressed once
        y[at] = a
    else:
        np.add.at(y, at, a)
    return y, (lambda dy: index(dy, at=at),)


def _is_basic(at):
    parts = at if isinstance(at, tuple) else (at,)
    basic = (int, np.integer, slice, type(None), type(Ellipsis))
    return all(isinstance(part, basic) and not isinstance(part, bool) for part in parts)


@differentiable
def gather(a, *, places):
    """Entries of ``a`` by their positions in C order; 0 where a position is negative."""
    shape = np.shape(a)
    pullback = (lambda dy: spread(dy, places=places, shape=shape),)
    if is_traced(a):
        return gather(a, places=places), pullback
    flat = np.reshape(a, (-1,))
    if not places.size or places.min() >= 0:
        return flat[places], pullback
    padded = np.append(flat, flat.dtype.type(0))  # the zero for negative positions
    return padded[np.where(places < 0, flat.size, places)], pullback


@differentiable
def spread(a, *, places, shape):
    """Zeros of ``shape`` with the entries of a added at ``places``; the adjoint of ``gather``."""
    pullback = (lambda dy: gather(dy, places=places),)
    if is_traced(a):
        return spread(a, places=places, shape=shape), pullback
    y = np.zeros(int(np.prod(shape)), np.asarray(a).dtype)
    there = places >= 0
    np.add.at(y, places[there], np.asarray(a)[there])
    return y.reshape(shape), pullback


def places_of(a):
    """The position of every entry of ``a``, counted from 1, so that 0 marks padding.

    The positions have the memory layout of ``a``, which ``order="K"`` depends on.
    """
    places = np.empty_like(value_of(a), int, subok=False)
    places[...] = np.arange(1, places.size + 1).reshape(places.shape)
    return places


def gathered(a, places):
    """Entries of ``a`` at the positions ``places``, counted from 1: an array, or a list of them."""
    if isinstance(places, (list, tuple)):
        return type(places)(gathered(a, part) for part in places)
    return gather(a, places=np.asarray(places) - 1)


def rearranging(function, position=0):
    """A form of a NumPy function that only moves, repeats or drops entries, or puts in zeros.

    Args:
        function: NumPy's function, which runs on the positions of the entries.
        position: the array's position among the arguments.
    """
    array = list(inspect.signature(function).parameters)[position]

    @functools.wraps(function)
    def form(*args, **options):
        if array in options:
            a = options[array]
            return gathered(a, function(*plain(args), **{**plain(options), array: places_of(a)}))
        places = list(plain(args))
        a, places[position] = args[position], places_of(args[position])
        return gathered(a, function(*places, **plain(options)))

    return form


_REARRANGING = (
    np.flip, np.fliplr, np.flipud, np.roll, np.rot90, np.tile, np.take, np.take_along_axis,
    np.diag, np.diagflat, np.diagonal, np.tril, np.triu, np.delete, np.resize,
    np.split, np.array_split, np.hsplit, np.vsplit, np.dsplit,
    np.linalg.diagonal, np.fft.fftshift, np.fft.ifftshift,
)  # fmt: skip
for _function in _REARRANGING:
    register_form(_function, rearranging(_function), checks_first=False)
for _function in (np.compress, np.extract):
    register_form(_function, rearranging(_function, 1), checks_first=False)
if hasattr(np, "unstack"):  # from NumPy 2.1
    register_form(np.unstack, rearranging(np.unstack), checks_first=False)


def _axes_moved_by(function):
    """A NumPy function that only changes the order of axes, on traced values."""

    @functools.wraps(function)
    def form(a, *args, **options):
        # A view with axes of lengths 1, 2, 3, ...: the new shape tells where each axis went.
        lengths = np.broadcast_to(0, tuple(range(1, len(np.shape(a)) + 1)))
        return transpose(a, axes=tuple(n - 1 for n in function(lengths, *args, **options).shape))

    return form


for _function in (np.moveaxis, np.rollaxis, np.swapaxes):
    register_form(_function, _axes_moved_by(_function), checks_first=False)


def _last_two_exchanged(x, /):
    return np.swapaxes(x, -1, -2)


register_form(np.matrix_transpose, _last_two_exchanged)
register_form(np.linalg.matrix_transpose, _last_two_exchanged)


def _pad(array, pad_width, mode="constant", **options):
    if (
        mode not in ("constant", "edge", "reflect", "symmetric", "wrap")
        or "reflect_type" in options
    ):
        raise no_derivative("np.pad", f"mode={mode!r} with {options} does more than move entries")
    places = places_of(array)
    y = gathered(array, np.pad(places, pad_width, mode))
    if not options:
        return y
    frame = np.pad(np.zeros(places.shape), pad_width, mode, **options)
    return y + frame.astype(value_of(array).dtype)


def _transpose(a, axes=None):
    return transpose(a, axes=axes)


def _reshape(a, shape: Any = None, order: Any = "C", *, newshape=None, copy=None):
    shape = newshape if shape is None else shape
    shape = (shape,) if np.ndim(shape) == 0 else tuple(shape)
    if order == "C":
        return reshape(a, shape)
    return gathered(a, np.reshape(places_of(a), shape, order=order))


def _ravel(a, order: Any = "C"):
    if order == "C":
        return reshape(a, (-1,))
    return gathered(a, np.ravel(places_of(a), order))


def _reshaped_by(function):
    """A NumPy function that only adds or drops axes of length 1, on traced values."""

    @functools.wraps(function)
    def form(a, *args, **options):
        return reshape(a, function(value_of(a), *args, **options).shape)

    return form


def _each(function):
    """``_reshaped_by`` for a function of one or several arrays."""
    one = _reshaped_by(function)

    @functools.wraps(function)
    def form(*arrays):
        several = tuple(one(a) if is_traced(a) else function(a) for a in arrays)
        return several[0] if len(several) == 1 else several

    return form


def _repeat(a, repeats, axis=None):
    if axis is not None and np.ndim(repeats) == 0 and np.ndim(a) > 0:
        return repeat(a, times=int(repeats), axis=axis)
    return gathered(a, np.repeat(places_of(a), repeats, axis))


def _broadcast_arrays(*args, subok=False):
    shape = np.broadcast_shapes(*(np.shape(a) for a in args))
    return tuple(np.broadcast_to(a, shape) for a in args)


def _meshgrid(*xi, copy=True, sparse=False, indexing: Any = "xy"):
    grids = np.meshgrid(*map(places_of, xi), sparse=sparse, indexing=indexing)
    return tuple(gathered(x, places) for x, places in zip(xi, grids, strict=True))


def _broadcast_to(array, shape, subok=False):
    return broadcast_to(array, (shape,) if np.ndim(shape) == 0 else tuple(shape))


register_form(np.broadcast_to, _broadcast_to, checks_first=False)
register_form(np.pad, _pad)
register_form(np.transpose, _transpose, checks_first=False)
register_form(np.reshape, _reshape, checks_first=False)
register_form(np.ravel, _ravel, checks_first=False)
for _function in (np.expand_dims, np.squeeze):
    register_form(_function, _reshaped_by(_function), checks_first=False)
for _function in (np.atleast_1d, np.atleast_2d, np.atleast_3d):
    register_form(_function, _each(_function))
register_form(np.repeat, _repeat)
register_form(np.broadcast_arrays, _broadcast_arrays)
register_form(np.meshgrid, _meshgrid)

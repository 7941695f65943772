"""Joining, filling, inserting into and trimming arrays."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from mitbadak.functions.differentiable import is_traced, operand, register_form, value_of
from mitbadak.functions.primitives.arithmetic import cast
from mitbadak.functions.primitives.axes import normal_axes
from mitbadak.functions.primitives.shaping import concatenate, gathered, places_of


def _concatenate(arrays, axis: Any = 0, out=None, *, dtype=None):
    if axis is None:
        arrays, axis = [np.ravel(a) for a in arrays], 0
    joined = concatenate(*arrays, axis=axis)
    return joined if dtype is None else cast(joined, dtype=np.dtype(dtype))


def _stack(arrays, axis=0, out=None, *, dtype=None):
    return _concatenate([np.expand_dims(a, axis) for a in arrays], axis, dtype=dtype)


def _hstack(tup, *, dtype=None):
    arrays = [np.atleast_1d(a) for a in tup]
    return _concatenate(arrays, builtins.min(1, np.ndim(arrays[0]) - 1), dtype=dtype)


def _vstack(tup, *, dtype=None):
    return _concatenate([np.atleast_2d(a) for a in tup], dtype=dtype)


def _dstack(tup):
    return concatenate(*(np.atleast_3d(a) for a in tup), axis=2)


def _column_stack(tup):
    columns = [a if len(np.shape(a)) > 1 else np.reshape(a, (-1, 1)) for a in tup]
    return concatenate(*columns, axis=1)


def _append(arr, values, axis=None):
    return _concatenate((arr, values), axis)


def _block(arrays):
    depth, inside = 0, arrays
    while isinstance(inside, list):
        depth, inside = depth + 1, inside[0]
    leaves = [np.ndim(a) for a in _leaves(arrays)]
    ndim = builtins.max([depth, *leaves])

    def built(part, level):
        if isinstance(part, list):
            return concatenate(*(built(p, level + 1) for p in part), axis=level - depth)
        return np.reshape(part, (1,) * (ndim - np.ndim(part)) + np.shape(part))

    return built(arrays, 0)


def _leaves(arrays):
    return [a for part in arrays for a in _leaves(part)] if isinstance(arrays, list) else [arrays]


def _insert(arr, obj, values, axis=None):
    if axis is None:
        arr, axis = np.ravel(arr), 0
    dtype, places = value_of(operand(arr)).dtype, places_of(arr)
    frame = np.insert(places, obj, np.zeros(np.shape(values), int), axis=axis)
    there = frame == 0
    if not is_traced(values):
        inserted = np.insert(np.zeros(places.shape), obj, values, axis=axis)
        return np.where(there, inserted.astype(dtype), gathered(arr, frame))
    numbers = np.insert(np.zeros(places.shape, int), obj, places_of(values), axis=axis)
    inserted = cast(gathered(values, np.where(there, numbers, 0)), dtype=dtype)
    return gathered(arr, frame) + inserted


def _trim_zeros(filt, trim="fb", axis=None):
    axes, trim = normal_axes(axis, np.ndim(filt)), trim.lower()
    there = np.argwhere(value_of(filt))
    at = [slice(None)] * np.ndim(filt)
    for i in axes:
        if not len(there):
            at[i] = slice(0, 0)
            continue
        first, last = int(there[:, i].min()), int(there[:, i].max())
        at[i] = slice(first if "f" in trim else None, last + 1 if "b" in trim else None)
    return filt[tuple(at)]


def _full_like(
    a, fill_value: Any, dtype=None, order: Any = "K", subok=True, shape=None, *, device=None
):
    if not is_traced(fill_value):
        return np.full_like(value_of(a), fill_value, dtype=dtype, order=order, shape=shape)
    dtype = value_of(operand(a)).dtype if dtype is None else np.dtype(dtype)
    return np.broadcast_to(cast(fill_value, dtype=dtype), np.shape(a) if shape is None else shape)


register_form(np.concatenate, _concatenate, checks_first=False)
register_form(np.stack, _stack, checks_first=False)
register_form(np.hstack, _hstack, checks_first=False)
register_form(np.vstack, _vstack, checks_first=False)
if hasattr(getattr(np, "row_stack", None), "_implementation"):  # deprecated in NumPy 2.0
    register_form(np.vstack, _vstack)
register_form(np.dstack, _dstack, checks_first=False)
register_form(np.column_stack, _column_stack, checks_first=False)
register_form(np.append, _append)
register_form(np.block, _block)
register_form(np.insert, _insert)
register_form(np.trim_zeros, _trim_zeros)
register_form(np.full_like, _full_like)

"""Data as other libraries hold it: rows and columns by value, with a dependency on none of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import mitbadak as mb
from mitbadak.core.errors import MitbadakError

X = np.random.default_rng(0).normal(size=(30, 4))
T = np.arange(30) % 3
NAMES = np.array(["ant", "bee", "cow"])[T]


class Frame:
    """What data frames have in common: a conversion to an array."""

    def __init__(self, array: Any):
        self.array = np.asarray(array)

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        return self.array if dtype is None else self.array.astype(dtype)


def pandas_frame(array: Any) -> Any:
    pandas = pytest.importorskip("pandas")
    index = np.arange(len(array))[::-1]  # which is no order of the examples
    kind = pandas.Series if np.ndim(array) == 1 else pandas.DataFrame
    return kind(array, index=index)


def pandas_categories(array: Any) -> Any:
    pandas = pytest.importorskip("pandas")
    return pandas.Series(array, dtype="category") if np.ndim(array) == 1 else pandas_frame(array)


def polars_frame(array: Any) -> Any:
    polars = pytest.importorskip("polars")
    return polars.Series(array) if np.ndim(array) == 1 else polars.DataFrame(array)


def torch_tensor(array: Any) -> Any:
    torch = pytest.importorskip("torch")
    if np.asarray(array).dtype.kind == "U":
        pytest.skip("has no texts")
    return torch.tensor(np.asarray(array))


KINDS: dict[str, Callable[[Any], Any]] = {
    "array-like": Frame,
    "lists": lambda array: np.asarray(array).tolist(),
    "pandas": pandas_frame,
    "pandas categories": pandas_categories,
    "polars": polars_frame,
    "torch": torch_tensor,
}


@pytest.mark.parametrize("labels", [T, NAMES], ids=["indices", "names"])
@pytest.mark.parametrize("kind", KINDS)
def test_they_train_and_measure_as_arrays_do(kind: str, labels: np.ndarray) -> None:
    form = KINDS[kind]
    nets = [mb.MLP([4, 5, 3], rng=0) for _ in range(2)]
    for net, x, t in zip(nets, (X, form(X)), (labels, form(labels)), strict=True):
        mb.fit(net, x, t, validation=(x, t), epochs=2, rng=0, callbacks=[])
    for name, array in nets[0].params.items():
        np.testing.assert_array_equal(array, nets[1].params[name])
    assert nets[0].classes == nets[1].classes
    net, x, t = nets[1], form(X), form(labels)
    assert net.loss(x, t) == net.loss(X, labels)
    assert net.accuracy(x, t) == net.accuracy(X, labels)
    assert mb.evaluate(net, x, t) == mb.evaluate(net, X, labels)
    np.testing.assert_array_equal(net.predict(x), net.predict(X))
    np.testing.assert_array_equal(net.classify(x), net.classify(X))


def test_a_column_of_labels_is_told_to_be_one() -> None:
    with pytest.raises(MitbadakError, match=r"Use t\[:, 0\]"):
        mb.fit(mb.MLP([4, 5, 3]), Frame(X), Frame(T[:, None]), callbacks=[])


def test_a_frame_with_a_column_of_text_is_refused() -> None:
    mixed = np.concatenate([X.astype(object), NAMES[:, None].astype(object)], axis=1)
    with pytest.raises(MitbadakError, match="expects x as real numbers; got object"):
        mb.fit(mb.MLP([5, 5, 3]), Frame(mixed), T, callbacks=[])


def test_what_cannot_be_converted_says_why() -> None:
    class OnACard:
        def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
            raise TypeError("can't convert cuda:0 device type tensor to numpy")

    for use in (lambda x: mb.MLP([4, 3]).predict(x), lambda x: mb.fit(mb.MLP([4, 3]), x, T),
                lambda x: mb.Dataset(x, T), mb.softmax, mb.Variable):  # fmt: skip
        with pytest.raises(MitbadakError, match="NumPy makes none of a OnACard: can't convert cud"):
            use(OnACard())

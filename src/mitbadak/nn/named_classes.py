"""Class names as labels: a net keeps those that it was trained on, in the order of its scores.

Names are texts, whole numbers that are no indices, such as 10, 20 and 30, or False and True. Where
all names are numbers, a number is a name, as 3 is for "3"; where none is, whole numbers are
indices.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mitbadak.core.arrays import as_array
from mitbadak.core.errors import LabelError, NonFiniteError, StateError, brief, listed
from mitbadak.data.targets import number
from mitbadak.functions.labels import ClassIndices

if TYPE_CHECKING:
    from mitbadak.nn.contract import Net

Classes = tuple[str, ...] | tuple[int, ...]


def are_names(t: Any) -> bool:
    """Whether labels are text, one for each example.

    Example:
        >>> are_names(["cat", "dog"]), are_names([0, 1]), are_names(np.array(["a"], object))
        (True, False, True)
    """
    if isinstance(t, (str, bytes)):
        return True
    if isinstance(t, (list, tuple)):
        if any(isinstance(label, str) for label in t):
            t = _objects(t)  # np.asarray would make a text of a missing label
        else:
            try:
                t = np.asarray(t)
            except ValueError:  # of different lengths, which is refused elsewhere
                return False
    kind = getattr(getattr(t, "dtype", None), "kind", "")
    if kind == "O" or not isinstance(t, (np.ndarray, np.generic)):
        t = plain_labels(t)
        kind = t.dtype.kind if isinstance(t, np.ndarray) else ""
    return kind in ("U", "S", "T") and np.ndim(t) <= 1


def _objects(labels: Any) -> np.ndarray:
    array = np.empty(len(labels), object)
    array[:] = labels
    return array


def plain_labels(t: Any) -> Any:
    """Labels of objects, as data frames hold them, as the numbers or texts that they are.

    Raises:
        LabelError: some are texts, and others are missing or something else.

    Example:
        >>> plain_labels(np.array([2, 0], object)), plain_labels(np.array(["a", "b"], object))
        (array([2, 0]), array(['a', 'b'], dtype='<U1'))
    """
    if not isinstance(t, np.ndarray | np.generic) and hasattr(t, "__array__"):
        t = as_array("fit", "t", t)
    if not isinstance(t, np.ndarray) or t.dtype.kind != "O" or t.ndim != 1 or not t.size:
        return t
    texts = [isinstance(label, str) for label in t]
    if all(texts):
        return t.astype(str)
    if any(texts):
        row = texts.index(not texts[0])
        raise LabelError(
            f"the labels are texts and something else: row 0 is {brief(t[0])}, row {row} "
            f"{brief(t[row])}. Remove the examples without a label, or make all labels texts."
        )
    kinds = {type(label) for label in t}
    for wanted, dtype in ((bool | np.bool_, np.bool_), (int | np.integer, np.int64)):
        if all(issubclass(kind, wanted) for kind in kinds):
            return t.astype(dtype)
    return t


def indices_of(classes: Classes, t: Any) -> Any:
    """Names as class indices; labels that are no names as they are.

    Raises:
        LabelError: there are no classes by name, or not this one; or some are called numbers and
            others not, so that it is open what a number means.

    Example:
        >>> indices_of(("cat", "dog"), ["dog", "cat"])
        array([1, 0])
        >>> indices_of(("cat", "dog"), [1, 0]), indices_of((10, 20), [20, 10])
        ([1, 0], array([1, 0]))
    """
    if isinstance(t, ClassIndices):
        return t.view(np.ndarray)
    if not are_names(t):
        return _indices_of_numbers(classes, plain_labels(t)) if classes else plain_labels(t)
    labels = _texts(t)
    if not classes:
        raise LabelError(
            f"the labels are text, such as {brief(labels.ravel()[0])}, and this net has no names "
            "for its classes. mb.fit(net, x, t) takes text and keeps the names; otherwise give "
            "class indices."
        )
    numeric = all(_are_numbers(classes))
    return _looked_up(classes, labels, number if numeric else str)


def numbers_are_names(classes: Classes) -> bool:
    """Whether a number among the labels names a class: it does where all names are numbers.

    Raises:
        LabelError: some names are numbers and others not.

    Example:
        >>> numbers_are_names(("3", "7")), numbers_are_names(("cat", "dog"))
        (True, False)
    """
    numeric = _are_numbers(classes)
    if any(numeric) and not all(numeric):
        raise LabelError(
            f"the labels are numbers, and some of the classes {listed(classes)} are called numbers "
            "and others not. Give their names as texts."
        )
    return all(numeric)


def _are_numbers(classes: Classes) -> list[bool]:
    return [number(str(name)) is not None for name in classes]


def _indices_of_numbers(classes: Classes, t: Any) -> Any:
    """Numbers that name classes as class indices; others as they are."""
    labels = np.asarray(t) if isinstance(t, (list, tuple, int)) or np.isscalar(t) else t
    if getattr(getattr(labels, "dtype", None), "kind", "") not in ("i", "u"):
        return t
    if labels.ndim > 1 or not numbers_are_names(classes):
        return t
    return _looked_up(classes, labels, number)


def _looked_up(classes: Classes, labels: np.ndarray, key: Any) -> Any:
    """The place of each label among the classes."""
    places = {key(str(name)): place for place, name in enumerate(classes)}
    distinct, where = np.unique(labels, return_inverse=True)
    found = [places.get(key(str(label))) for label in distinct]
    if None in found:
        wrong = distinct[found.index(None)].item()
        raise LabelError(f"there is no class {brief(wrong)}; the net's are {listed(classes)}.")
    return np.array(found, np.int64)[where].reshape(labels.shape)


def _texts(t: Any) -> np.ndarray:
    """Labels as texts; bytes are UTF-8.

    Raises:
        LabelError: they are not, or some are missing.
    """
    labels = np.asarray(plain_labels(_objects(t) if isinstance(t, (list, tuple)) else t))
    if labels.dtype.kind != "S":
        missing = [label for label in labels.ravel() if not isinstance(label, str)]
        if missing:
            raise LabelError(
                f"{len(missing)} of {labels.size} labels are missing ({brief(missing[0])}). Remove "
                "these examples."
            )
        return np.array([str(label) for label in labels.ravel()]).reshape(labels.shape)
    try:
        return np.char.decode(labels, "utf-8")
    except UnicodeDecodeError:
        raise LabelError("the labels are bytes that are no UTF-8. Decode them to texts.") from None


def named_classes(net: Net, t: Any) -> Classes:
    """The classes of a net, from labels that are names where it has none yet, in sorted order.

    Text is sorted as text, and numbers, also those that are written as text, by value.

    Raises:
        LabelError: there are more or fewer than the net has scores for.

    Example:
        >>> from mitbadak.nn import MLP
        >>> named_classes(MLP([4, 8, 2]), ["dog", "cat", "dog"])
        ('cat', 'dog')
        >>> named_classes(MLP([4, 8, 3]), [20, 10, 30, 10])
        (10, 20, 30)
        >>> named_classes(MLP([4, 8, 2]), [True, True])
        (False, True)
    """
    if net.classes or isinstance(t, ClassIndices):
        return net.classes
    if not are_names(t):
        return _numbers_as_names(net, t)
    if not np.size(t):
        return ()
    names = _in_order(np.unique(_texts(t)).tolist())
    if net.n_out is not None and net.head.outputs_for(len(names)) != net.n_out:
        if len(names) < 2:
            raise LabelError(
                f"all labels are {listed(names)}: with a single class there is nothing to learn."
            )
        if net.head.for_regression and net.n_out == 1:
            raise LabelError(
                f"the labels are text, such as {listed(names[:1])}, and this net predicts a "
                "number. Leave out its loss, and give it an output for each class."
            )
        more = " and more" if len(names) > 5 else ""
        raise LabelError(
            f"the labels hold {len(names)} classes, {listed(names[:5])}{more}; the net has "
            f"{net.n_out} outputs. Give it {net.head.outputs_for(len(names))}."
        )
    return names


def _in_order(names: list[str]) -> tuple[str, ...]:
    """Different names in order: "9" before "10" where all of them are different numbers."""
    values = [number(name) for name in names]
    if None in values or len({*values}) < len(values):
        return tuple(sorted(names))
    return tuple(sorted(names, key=lambda name: number(name) or 0))


def _numbers_as_names(net: Net, t: Any) -> Classes:
    """The whole numbers among labels, if they are no indices and there is an output for each.

    Of yes and no False and True, where the net answers that.
    """
    labels = as_array("train", "t", plain_labels(t))
    if labels.dtype.kind == "b" and labels.ndim == 1 and labels.size:
        is_yes_or_no = not net.head.for_regression and net.head.outputs_for(2) == net.n_out
        return (False, True) if is_yes_or_no else ()
    if labels.dtype.kind not in "iu" or labels.ndim != 1 or not labels.size or net.n_out is None:
        return ()
    one_question = net.head.outputs_for(2) == net.n_out
    classes = 2 if one_question else net.n_out
    if classes < 2 or (net.head.for_regression and net.n_out < 2):
        return ()
    if labels.min() >= 0 and labels.max() < classes:
        return ()
    values = np.unique(labels).tolist()
    return tuple(values) if len(values) == classes else ()


def labels_for(net: Net, t: Any) -> Any:
    """Labels as the net's head takes them: indices for names and for yes and no, else as they are.

    Raises:
        LabelError: there is no such class, or the classes have names and are called yes and no.

    Example:
        >>> from mitbadak.nn import MLP
        >>> labels_for(MLP([4, 8, 2]), [True, False])
        array([1, 0])
    """
    t = indices_of(net.classes, t)
    if getattr(net.head, "for_regression", False):  # a head may be anybody's object
        return t
    if isinstance(t, (list, tuple)) and t and all(isinstance(v, bool | np.bool_) for v in t):
        t = np.asarray(t)
    if isinstance(t, np.ndarray) and t.dtype.kind == "b":
        if {*map(str, net.classes)} == {"False", "True"}:
            return indices_of(net.classes, t.astype(str))
        if net.classes:
            raise LabelError(
                f"the labels are True and False, and the net's classes are {listed(net.classes)}. "
                "Give their names."
            )
        return t.astype(np.int64)
    return t


def classified(net: Net, scores: np.ndarray) -> Any:
    """The likeliest class for each row of scores: its name if the net has names, or its index.

    Raises:
        StateError: the net predicts numbers.
        NonFiniteError: a score is NaN.
    """
    if net.head.for_regression and scores.shape[-1] < 2:
        raise StateError("classify: this net predicts numbers, not classes. Use predict(x).")
    if np.isnan(scores).any():
        raise NonFiniteError(
            "classify: the net's scores are NaN. Its inputs are, or its training diverged."
        )
    indices = net.head.predicted_classes(np.atleast_2d(scores))
    indices = indices if scores.ndim > 1 else indices[0]
    return np.array(net.classes)[indices] if net.classes else indices

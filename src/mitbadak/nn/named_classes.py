"""Class names as labels: a net keeps those that it was trained on, in the order of its scores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mitbadak.core.errors import LabelError, NonFiniteError, StateError, brief, listed

if TYPE_CHECKING:
    from mitbadak.nn.contract import Net


def are_names(t: Any) -> bool:
    """Whether labels are text, one for each example.

    Example:
        >>> are_names(["cat", "dog"]), are_names([0, 1]), are_names(np.array(["a"], object))
        (True, False, True)
    """
    if isinstance(t, (list, tuple)):
        try:
            t = np.asarray(t)
        except ValueError:  # of different lengths, which is refused elsewhere
            return False
    kind = getattr(getattr(t, "dtype", None), "kind", "")
    if kind and np.ndim(t) > 1:
        return False
    if kind == "O":
        return all(isinstance(label, str) for label in np.ravel(t)) and np.size(t) > 0
    return kind in "UST" if kind else hasattr(t, "__array__") and are_names(np.asarray(t))


def _texts(t: Any) -> np.ndarray:
    """Labels as texts; bytes are UTF-8.

    Raises:
        LabelError: they are not.
    """
    labels = np.asarray(t)
    if labels.dtype.kind != "S":
        return np.array([str(label) for label in labels.ravel()]).reshape(labels.shape)
    try:
        return np.char.decode(labels, "utf-8")
    except UnicodeDecodeError:
        raise LabelError("the labels are bytes that are no UTF-8. Decode them to texts.") from None


def indices_of(classes: tuple[str, ...], t: Any) -> Any:
    """Names as class indices; labels that are not text as they are.

    Raises:
        LabelError: there are no classes by name, or not this one.

    Example:
        >>> indices_of(("cat", "dog"), ["dog", "cat"])
        array([1, 0])
    """
    if not are_names(t):
        return t
    labels = _texts(t)
    if not classes:
        raise LabelError(
            f"the labels are text, such as {brief(labels.ravel()[0])}, and this net has no names "
            "for its classes. mb.fit(net, x, t) takes text and keeps the names; otherwise give "
            "class indices."
        )
    names = np.array(classes)
    order = np.argsort(names)
    places = order[np.minimum(np.searchsorted(names[order], labels), len(names) - 1)]
    wrong = names[places] != labels
    if wrong.any():
        raise LabelError(
            f"there is no class {brief(str(labels[wrong][0]))}; the net's are {listed(classes)}."
        )
    return places


def named_classes(net: Net, t: Any) -> tuple[str, ...]:
    """The classes of a net, from labels that are text where it has none yet, in sorted order.

    Raises:
        LabelError: there are more or fewer than the net has scores for.

    Example:
        >>> from mitbadak.nn import MLP
        >>> named_classes(MLP([4, 8, 2]), ["dog", "cat", "dog"])
        ('cat', 'dog')
    """
    if net.classes or not are_names(t) or not np.size(t):
        return net.classes
    names = tuple(np.unique(_texts(t)).tolist())
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

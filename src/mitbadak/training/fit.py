"""Training in one call."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from mitbadak.core import notebook
from mitbadak.core.arguments import misfit_of, wrong_kind
from mitbadak.core.errors import MitbadakError
from mitbadak.training.callbacks import PrintProgress
from mitbadak.training.history import History
from mitbadak.training.trainer import Trainer

P = ParamSpec("P")
R = TypeVar("R")


def with_arguments_of(
    source: Callable[P, Any],
) -> Callable[[Callable[..., R]], Callable[P, R]]:
    """Give a function the signature of the callable that it passes its arguments to.

    Arguments that the signature lacks are refused, with the nearest name that it has.
    """

    def decorate(function: Callable[..., R]) -> Callable[P, R]:
        declared = inspect.signature(source)
        init: Any = source.__init__ if isinstance(source, type) else source
        names = inspect.unwrap(init).__globals__

        @functools.wraps(function)
        def checked(*args: P.args, **options: P.kwargs) -> R:
            misfit = misfit_of(checked, args, options)
            if misfit is not None:
                raise misfit
            try:
                return function(*args, **options)
            except (MitbadakError, OSError, MemoryError):
                raise
            except Exception:  # of a function of the user, unless an argument is misplaced
                misplaced = wrong_kind(checked, args, options, names)
                if misplaced is None:
                    raise
                raise misplaced from None

        returned = inspect.signature(function).return_annotation
        checked.__signature__ = declared.replace(  # type: ignore[attr-defined]
            return_annotation=returned
        )
        return checked

    return decorate


@with_arguments_of(Trainer)
def fit(*args: Any, **options: Any) -> History:
    """Train a net by mini-batches; it is changed in place.

    Dropout and BatchNorm run in training mode during updates and in evaluation mode during
    measurements. Ctrl-C ends training after the current update and returns the history so far
    (``history.stopped`` says so). A signal that ends the process, such as SIGTERM, ends training
    in the same orderly way and is then delivered again.

    Args:
        net: the net to train; of a loaded model the net inside.
        train: ``(x, t)``, raw for a loaded model, or a ``Dataset``; or x alone, and t as the next
            argument. x: (n, n_in), floats.
        t: class indices, names of classes, one-hot rows or distributions that sum to 1. From names
            the net gets its ``classes``, which ``classify`` then answers with.
        test: evaluated after each epoch, never trained on.
        validation: a share in [0, 1) to split off ``train``, or a set of its own.
        optimizer: one, or its name; default ``SGD(0.1)``.
        lr: learning rate of an optimizer that is given by name.
        epochs: passes over the training set.
        batch_size: examples per update, by default 100 or all of fewer; the last batch of an epoch
            may be shorter.
        rng: seed or generator for the validation split and the batches.
        callbacks: default ``[PrintProgress()]``, a line per epoch, and in a notebook curves that
            grow. ``StopOnNonFinite`` is always added.
        engine: ``auto``, ``numpy`` or ``compiled``.
        sampling: ``shuffle`` (each example once an epoch; data on disk is shuffled within blocks,
            see ``mixed_batches``) or ``replacement`` (as in the notes).
        gradient: ``backprop``, or ``numerical`` for the definition.
        augment: changes each batch of inputs before the update, such as
            ``RandomShift((28, 28))``; called with x and a generator for the step.
        progress: for the numerical gradient, see ``numerical_gradient``.

    Returns:
        A ``History`` with a row per epoch (row 0 before the first update) and a loss per step.

    Raises:
        ShapeError, DtypeError, NonFiniteError: data that is empty, does not fit, or holds NaN.
        LabelError: labels out of range, or rows that are no distribution.
        RangeError: a batch larger than the set, or another number out of range.
        UnknownNameError: an unknown engine, sampling, gradient, optimizer or argument, with the
            nearest known one.
        DtypeError: an argument is of the wrong kind, such as a class for an object.

    Example:
        >>> from mitbadak.data import load_spiral
        >>> from mitbadak.nn import TwoLayerNet
        >>> history = fit(TwoLayerNet(2, 10, 3, rng=0), load_spiral(), optimizer="sgd", lr=1.0,
        ...               epochs=2, batch_size=30, rng=0, callbacks=[])
        >>> history["epoch"], len(history.losses)
        ([0, 1, 2], 20)
    """
    if options.get("callbacks") is None:
        live = notebook.live_curves if notebook.in_a_notebook() else None
        options["callbacks"] = [PrintProgress() if live is None else live()]
    return Trainer(*args, **options).run()

"""The doctor: watches a training, anybody's, and says why the net does not learn."""

from __future__ import annotations

import copy
import math
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from mitbadak.core.arguments import explained
from mitbadak.core.errors import DtypeError, RangeError
from mitbadak.data.dataset import Dataset
from mitbadak.doctor.case import Case, Probe
from mitbadak.doctor.examples import Examples
from mitbadak.doctor.names import Names
from mitbadak.doctor.nets import ROWS, look, rates_of
from mitbadak.doctor.probes import probe
from mitbadak.doctor.rebuilt import Layer
from mitbadak.doctor.report import Report
from mitbadak.doctor.rules import findings_of
from mitbadak.doctor.signals import Signals, signals_of
from mitbadak.doctor.steps import (
    MOST_ROWS,
    Step,
    batch_array,
    check_names,
    check_rows,
    integer_names,
    named_arrays,
    one_number,
)
from mitbadak.doctor.trials.kept import BATCHES, Kept, check_net
from mitbadak.doctor.trials.plan import with_trials
from mitbadak.doctor.unseen import compared, spread_rows
from mitbadak.functions.blas import few_blas_threads
from mitbadak.training.hooks import Callback

# Nets that overflow are looked at, too; their numbers must not end a training that warns.
unwarned = np.errstate(all="ignore")
CLOSELY = 12  # steps at the beginning, all of which are looked at
SHARE = 0.08  # of the time of the loop that may be spent afterwards, and besides
FURTHER = 1.15  # times as many steps later, one is looked at in any case
PROBES = (2, 5, 15, 50, 150)  # steps at which the loss is asked for
MOST_ENTRIES = 5_000_000  # of a net that is copied for a look
KEPT = 2000  # steps whose numbers are kept


@explained
class Doctor(Callback):
    """Watches any training loop, and reports why it does not learn.

    In a training by ``fit`` it is a callback, ``fit(..., callbacks=[doctor])``: it looks at the net
    before the first update and after the last one, and at the loss of every step.

    In a loop of your own, one line after the update is enough. The first 12 updates are looked at
    closely; afterwards as many as take less than a tenth of the loop's time, and at least five
    among the last half of them. Nothing is changed, and no random number drawn.

    Where the net is known, the remedies of the leading findings are tried on copies of it when the
    report is asked for: alone, and in pairs if none helps. That takes a few seconds at most.

    Args:
        trials: False tries nothing.
        names: of the classes and inputs; by default those that the net knows.

    Example:
        >>> import mitbadak as mb
        >>> net, rng = mb.MLP([2, 3], rng=0), np.random.default_rng(0)
        >>> doctor = Doctor()
        >>> for _ in range(10):
        ...     x, t = rng.normal(size=(20, 2)), rng.integers(0, 3, 20)
        ...     loss, grads = net.loss_and_gradient(x, t)
        ...     for key in grads:
        ...         net.params[key] -= 0.1 + grads[key]
        ...     doctor.observe(params=net.params, grads=grads, loss=loss, batch=(x, t))
        >>> print(doctor.report().findings[0].code)
        wrong-update-rule
    """

    def __init__(self, *, trials: bool = True, names: Names | None = None) -> None:
        self._trials, self._names = trials, names or Names()
        self._kept = Kept()
        self._report: Report | None = None
        self._losses: list[float] = []
        self._signals: deque[Signals] = deque(maxlen=KEPT)
        self._probes: list[Probe] = []
        self._integers: list[str] = []
        self._shapes: dict[str, tuple[int, ...]] = {}
        self._before: dict[str, np.ndarray] = {}
        self._last: Step | None = None
        self._began = time.perf_counter()
        self._spent = 0.0
        self._next = 1
        self._layers: tuple[Layer, ...] = ()
        self._first_layers: tuple[Layer, ...] = ()
        self._rows: list[Mapping[str, float]] = []
        self._examples = Examples()
        self._step_rows = 0
        self._test: tuple[np.ndarray, np.ndarray, np.ndarray | None] | None = None
        self._given: dict[str, bool] = {}  # what observe was ever handed

    @unwarned
    @explained
    def observe(
        self,
        *,
        params: Any,
        grads: Any,
        loss: Any,
        batch: Any = None,
        outputs: Any = None,
        lr: Any = None,
        loss_of: Any = None,
        net: Any = None,
        test: Any = None,
        test_outputs: Any = None,
    ) -> None:
        """Look at one update, right after it was made.

        Args:
            params: the parameters after the update: a dict of arrays, a list, or one array.
            grads: the gradient that the update used, under the same names.
            loss: of the batch.
            batch: inputs and targets, ``(x, t)``.
            outputs: the net's answers on the batch, shape (n, outputs).
            lr: the learning rate.
            loss_of: returns the loss of this batch at the present parameters. With it a few partial
                derivatives are checked, and longer and shorter steps tried; the parameters are put
                back to the bit.
            net: with ``params``, ``gradient(x, t)`` and ``loss(x, t)``, as the book has it. With it
                and ``batch`` the report tries its remedies on copies of the net.
            test: inputs and targets that are kept for testing, ``(x, t)``; once is enough.
            test_outputs: the net's answers to them, when they are computed anyway.

        Raises:
            ShapeError: params and grads do not fit each other, nor the parts of the batch, or
                something is empty.
            DtypeError: something is not numbers, or not one number.
            RangeError: lr is negative, infinite or NaN.
        """
        entered = time.perf_counter()
        lr = None if lr is None else one_number("lr", lr)
        if lr is not None and not 0 <= lr < math.inf:
            raise RangeError(f"observe expects lr as a number from 0 on; got {lr!r}.")
        if loss_of is not None and not callable(loss_of):
            raise DtypeError(
                f"observe expects loss_of as a function without arguments that returns the loss; "
                f"got {type(loss_of).__name__}. Use loss_of=lambda: net.loss(x, t)."
            )
        if net is not None:
            check_net(net)
        self._losses.append(one_number("loss", loss))
        for name, value in (("batch", batch), ("outputs", outputs), ("loss_of", loss_of)):
            self._given[name] = self._given.get(name, False) or value is not None
        if test is not None:
            self._keep_test(test, test_outputs)
        number = len(self._losses)
        due = number <= CLOSELY or self._spent < SHARE * (entered - self._began)
        if number == 1 and net is not None and self._trials:
            self._kept.keep_net(net, spoiled=True)
        if due or number >= self._next:
            self._look(number, params, grads, batch, outputs, lr, loss_of)
            further = max(number + 1, math.ceil(FURTHER * number))
            self._next = min([further, *(step for step in PROBES if step > number)])
        else:  # a step is compared with the one before it only
            self._last = None
            self._before = named_arrays("params", params) if number == self._next - 1 else {}
        self._spent += time.perf_counter() - entered

    def _keep_test(self, test: Any, outputs: Any) -> None:
        x, t = _pair(test, "test")
        x, t, y = (
            batch_array(name, value, all_rows=True)
            for name, value in (("test x", x), ("test t", t), ("test_outputs", outputs))
        )
        check_rows(x=x, t=t, test_outputs=y)
        if x is not None and t is not None:
            rows = spread_rows(len(x))
            self._test = x[rows], t[rows], None if y is None else y[rows]

    @unwarned
    def on_train_begin(self, trainer: Any) -> None:
        """Look at the net as it starts."""
        if self._names == Names():
            self._names = Names.of(trainer.net)
        self._look_at(trainer)
        if self._trials:
            self._keep(trainer)

    @unwarned
    def on_train_end(self, trainer: Any) -> None:
        """Look at the net as it is now, and at all losses."""
        trainer.publish()
        self._losses = list(trainer.history.losses)
        self._rows = list(trainer.history)
        if trainer.step:
            self._look_at(trainer)
            if self._signals and self._signals[-1].overflows:
                self._losses.append(self._signals[-1].loss)  # after the last update; no row has it

    def _keep(self, trainer: Any) -> None:
        """A copy of the net, its rule, and some examples, from which trials can start."""
        self._kept = Kept()
        self._kept.keep_net(trainer.net, spoiled=False)
        if self._kept.net is None:
            return
        self._kept.rule = copy.deepcopy(trainer.optimizer)
        rng, n = np.random.default_rng(0), len(trainer.train)
        for _ in range(BATCHES):
            rows = np.sort(rng.choice(n, min(n, trainer.batch_size, MOST_ROWS), replace=False))
            part = trainer.train.part(rows)
            self._kept.keep_batch(*part.batch(np.arange(len(part))))

    def _look_at(self, trainer: Any) -> None:
        with few_blas_threads():  # which would spin for a while, beside those of the kernels
            self._look_closely(trainer)

    def _look_closely(self, trainer: Any) -> None:
        if sum(array.size for array in trainer.net.params.values()) > MOST_ENTRIES:
            return  # copies would take too much memory
        part = trainer.train.part(np.arange(min(ROWS, len(trainer.train))))
        x, t = part.batch(np.arange(len(part)))
        begun = max(0, getattr(trainer.optimizer, "steps", 0) - trainer.step)
        rates = rates_of(trainer.optimizer, begun, trainer.epochs * trainer.steps_per_epoch)
        lr = float(rates.max())
        seen = look(trainer.net, trainer.optimizer, lr, x, t, max(1, trainer.step))
        self._signals.append(seen.signals)
        self._probes.append(seen.probe)
        self._layers, self._step_rows = seen.layers, trainer.batch_size
        self._first_layers = self._first_layers or seen.layers
        if not self._examples.seen:
            self._examples.add(*_spread(trainer.train))
        test = trainer.test or trainer.validation
        if test is not None:
            x, t = _spread(test)
            self._test = x, t, trainer.net.predict(x)
        self._shapes = {name: trainer.net.params[name].shape for name in trainer.net.params}
        self._rows = list(trainer.history)

    def _look(
        self, number: int, params: Any, grads: Any, batch: Any, outputs: Any, lr: float | None,
        loss_of: Callable[[], Any] | None,
    ) -> None:  # fmt: skip
        if not self._signals:
            self._integers = integer_names(params)
        after, gradient = named_arrays("params", params), named_arrays("grads", grads)
        check_names(after, gradient)
        self._shapes = {name: array.shape for name, array in after.items()}
        x, t = (None, None) if batch is None else _pair(batch)
        x, t, y = batch_array("x", x), batch_array("t", t), batch_array("outputs", outputs)
        check_rows(x=x, t=t, outputs=y)
        if x is not None and t is not None:
            self._examples.add(x, t)
        before = self._before if _same_shapes(self._before, after) else {}
        if self._kept.net is not None:
            self._kept.keep_batch(x, t)
        step = Step(number, before, after, gradient, self._losses[-1], x, t, y, lr)
        self._signals.append(signals_of(step, self._last))
        if loss_of is not None and before and number in PROBES:
            self._probes.append(probe(step, params, loss_of))
        self._before, self._last = after, step

    @unwarned
    def report(self) -> Report:
        """What was found so far, and what trials of the leading remedies showed."""
        seen, looked = len(self._losses), len(self._signals)
        if self._report is None or (self._report.steps, self._report.looked) != (seen, looked):
            findings = findings_of(self.case())
            fork = self._kept.fork(self._signals) if self._trials else None
            if fork is not None:
                findings = with_trials(findings, fork, self._losses)
            lacks = tuple(name for name, given in self._given.items() if not given)
            self._report = Report(tuple(findings), seen, looked, tuple(self._losses), lacks)
        return self._report

    @unwarned
    def case(self) -> Case:
        """All that is known so far, as the rules read it."""
        unseen = None if self._test is None else compared(self._examples, *self._test)
        return Case(
            tuple(self._losses), tuple(self._signals), tuple(self._probes), tuple(self._integers),
            dict(self._shapes), tuple(self._rows), self._layers,
            self._first_layers, self._examples, unseen, self._step_rows, self._names,
        )  # fmt: skip


def _pair(value: Any, name: str = "batch") -> tuple[Any, Any]:
    if isinstance(value, (tuple, list)) and len(value) == 2:
        return value[0], value[1]
    raise DtypeError(f"observe expects {name} as (x, t); got {type(value).__name__}.")


def _spread(data: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Rows of a set, from everywhere in it."""
    x, t = data.batch(spread_rows(len(data)))
    return x, np.asarray(t)


def _same_shapes(before: dict[str, np.ndarray], after: dict[str, np.ndarray]) -> bool:
    shapes = [{name: array.shape for name, array in arrays.items()} for arrays in (before, after)]
    return shapes[0] == shapes[1] and math.prod(map(len, shapes)) > 0

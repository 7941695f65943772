"""The numbers that are kept of an observed update; everything else is forgotten."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mitbadak.doctor.losses import losses_of
from mitbadak.doctor.rebuilt import Rebuilt, candidates
from mitbadak.doctor.steps import Step
from mitbadak.doctor.update_rule import Fit, agreement, fit

REBUILT = (
    1,
    2,
    5,
    10,
    15,
    20,
    25,
)  # steps at which the net is rebuilt; all that are looked at later
SATURATES = 9.0  # 1 - tanh(9)^2 is 0 in float32
VANISHES = 103.0  # so is exp(-104), and with it the sigmoid


@dataclass(frozen=True)
class Sizes:
    """Sizes of one parameter, its gradient and its change; all are Euclidean norms.

    Attributes:
        entries: how many numbers it has.
        value, gradient, change: the norms; ``value`` before the update, where that is known, and
            ``change`` None where it is not.
        silent: the share of columns (units of the layer) whose gradient is exactly 0; of a vector,
            of its entries.
        below_rounding: the share of entries that a step of the observed rate could not change,
            because it is less than half a unit in their last place.
        alike: whether all columns of a matrix are equal, so that its units compute the same.
        unclear: the share of columns that are silent for another reason, perhaps, than that ReLUs
            answer 0: their sums are above 0, or so far below that a sigmoid or tanh has no slope
            either; 0 where the sums are not known.
    """

    entries: int
    value: float
    gradient: float
    change: float | None
    silent: float
    below_rounding: float
    alike: bool
    unclear: float = 0.0


@dataclass(frozen=True)
class Batch:
    """Statistics of a batch.

    Attributes:
        n: examples.
        low, high, mean, std: of all inputs.
        spreads: the largest and the smallest standard deviation of the columns that vary.
        constant: the share of columns that never vary.
        finite: whether all inputs and targets are finite.
        form: of the targets: ``indices``, ``one-hot``, ``distributions`` or ``numbers``.
        counts: examples of each class, if there are classes.
        t_mean, t_std, t_low, t_high: of the targets, if they are numbers.
        fractions: the share of targets in a single column that are no whole numbers.
        sums: whether each row of targets in several columns sums to 1.
    """

    n: int
    low: float
    high: float
    mean: float
    std: float
    spreads: tuple[float, float]
    constant: float
    finite: bool
    form: str = ""
    counts: tuple[int, ...] = ()
    t_mean: float = 0.0
    t_std: float = 0.0
    t_low: float = 0.0
    t_high: float = 0.0
    fractions: float = 0.0
    sums: bool = True


@dataclass(frozen=True)
class Answers:
    """Statistics of the net's answers on a batch.

    Attributes:
        columns: how many answers an example has.
        rows_sum_to_1: whether they are probabilities of exclusive classes.
        most_frequent, share: the class answered most, and the share of the examples it is.
        right: the share of right answers; None without class targets.
        skill: how much better than the best constant the answers are, from 0 to 1: the share of the
            variance that they explain, or of the errors of the most frequent class that they avoid.
            None without targets.
        spread: the standard deviation over the examples, the largest of all columns.
        low, high: of all answers.
        losses: the usual losses of these answers, by name.
        least: the smallest probability that an example's own class has; None if the answers are no
            probabilities, or there are no classes.
    """

    columns: int
    rows_sum_to_1: bool
    most_frequent: int
    share: float
    right: float | None
    skill: float | None
    spread: float
    low: float
    high: float
    losses: Mapping[str, float]
    least: float | None = None


@dataclass(frozen=True)
class Signals:
    """What is kept of one observed step.

    Attributes:
        number, loss, lr: of the step.
        sizes: by parameter.
        rule: which rule explains the change; None where that cannot be told.
        agreement: the cosine between change and gradient, or None.
        not_finite: what held NaN or infinity: ``x``, ``t``, ``outputs``, ``loss``, or the name of a
            parameter or gradient.
        batch, answers: statistics; None where they were not given.
        built: the net, rebuilt from its parameters; None where that was not tried or failed.
    """

    number: int
    loss: float
    lr: float | None
    sizes: Mapping[str, Sizes]
    rule: Fit | None
    agreement: float | None
    not_finite: tuple[str, ...]
    batch: Batch | None
    answers: Answers | None
    built: Rebuilt | None = None

    @property
    def overflows(self) -> bool:
        """Whether a number of the net, of its gradient or of its loss is not finite."""
        sizes = [size.gradient for size in self.sizes.values()]
        return not {*self.not_finite} <= {"x", "t"} or not np.isfinite(sizes).all()


def signals_of(step: Step, earlier: Step | None) -> Signals:
    """The numbers that are kept of a step.

    Args:
        step: the step.
        earlier: the one before, for update rules that remember.
    """
    with np.errstate(all="ignore"):
        rule = fit(step, earlier) if step.before else None
        rate = step.lr if step.lr is not None else (abs(rule.factor) if rule and rule.rule else 0.0)
        return Signals(
            step.number,
            step.loss,
            step.lr,
            {name: _sizes(step, name, rate) for name in step.after},
            rule,
            agreement(step) if step.before else None,
            _not_finite(step),
            None if step.x is None else batch_of(step.x, step.t, _classes(step)),
            None if step.outputs is None else answers_of(step.outputs, step.t),
            _rebuilt(step),
        )


def batch_of(x: np.ndarray, t: np.ndarray | None, classes: int = 0) -> Batch:
    """Statistics of inputs and targets.

    Args:
        x: inputs, shape (n, ...).
        t: targets, or None.
        classes: how many the net answers, if known.
    """
    rows = x.reshape(len(x), -1).astype(np.float64)
    finite = bool(np.isfinite(rows).all())
    if not finite:
        rows = np.where(np.isfinite(rows), rows, 0.0)
    finite = finite and (t is None or t.dtype.kind != "f" or bool(np.isfinite(t).all()))
    lows, highs, means = rows.min(axis=0), rows.max(axis=0), rows.mean(axis=0)
    rows -= means
    variances = np.einsum("ij,ij->j", rows, rows) / len(rows)
    mean = float(means.mean())
    spread = math.sqrt(variances.mean() + np.square(means - mean).mean())
    varies = highs > lows
    varying = np.sqrt(variances[varies])
    form, counts = ("", ()) if t is None else form_of(t, classes)
    numbers = t is not None and form == "numbers"
    return Batch(
        len(rows),
        float(lows.min(initial=0)),
        float(highs.max(initial=0)),
        mean,
        spread,
        (float(varying.max()), float(varying.min())) if len(varying) else (0.0, 0.0),
        float(1 - varies.mean()),
        finite,
        form,
        counts,
        float(np.mean(t)) if numbers and t is not None else 0.0,
        float(np.std(t)) if numbers and t is not None else 0.0,
        float(np.min(t)) if numbers and t is not None else 0.0,
        float(np.max(t)) if numbers and t is not None else 0.0,
        _fractions(t) if numbers and t is not None else 0.0,
        form != "numbers" or t is None or t.reshape(len(t), -1).shape[1] == 1,
    )


def form_of(t: np.ndarray, classes: int = 0) -> tuple[str, tuple[int, ...]]:
    """What targets are, and how many examples each class has.

    Example:
        >>> form_of(np.array([0, 2, 2]))
        ('indices', (1, 0, 2))
        >>> form_of(np.eye(2)), form_of(np.array([[0.5], [1.7]]))
        (('one-hot', (1, 1)), ('numbers', ()))
    """
    rows = t.reshape(len(t), -1) if t.ndim else t.reshape(1, 1)
    if rows.shape[1] > 1 and np.isfinite(rows.astype(np.float64)).all():
        sums_to_1 = np.allclose(rows.sum(axis=1), 1, atol=1e-5) and rows.min() >= 0
        if sums_to_1:
            exact = bool(((rows == 0) | (rows == 1)).all())
            counts = np.bincount(rows.argmax(axis=1), minlength=rows.shape[1])
            return ("one-hot" if exact else "distributions"), tuple(counts.tolist())
    column = rows[:, 0]
    is_index = t.dtype.kind in "biu" and rows.shape[1] == 1 and len(column) > 0
    if is_index and column.min() >= 0 and column.max() < 1000:
        return "indices", tuple(np.bincount(column.astype(np.intp), minlength=classes).tolist())
    return "numbers", ()


def answers_of(outputs: np.ndarray, t: np.ndarray | None) -> Answers:
    """Statistics of the net's answers."""
    rows = outputs.reshape(len(outputs), -1).astype(np.float64)
    columns = rows.shape[1]
    sums = columns > 1 and bool(np.allclose(rows.sum(axis=1), 1, atol=1e-3) and rows.min() >= 0)
    chosen = rows.argmax(axis=1) if columns > 1 else (rows[:, 0] > 0.5).astype(np.intp)
    counts = np.bincount(chosen)
    right = skill = least = None
    losses: Mapping[str, float] = {}
    if t is not None and len(t) == len(rows):
        form, counted = form_of(t, columns)
        losses = losses_of(outputs, t, form)
        flat = t.reshape(len(t), -1)
        if form == "numbers" and flat.shape == rows.shape:
            variance = float(((flat - flat.mean(axis=0)) ** 2).mean())
            error = float(((flat - rows) ** 2).mean())
            skill = 1 - error / variance if variance > 0 else None
        elif form != "numbers" and columns > 1:
            truth = flat[:, 0] if form == "indices" else flat.argmax(axis=1)
            right = float((truth == chosen).mean())
            inside = sums and truth.min() >= 0 and truth.max() < columns
            least = float(rows[np.arange(len(rows)), truth].min()) if inside else None
            by_chance = max(counted) / len(rows)
            skill = (right - by_chance) / (1 - by_chance) if by_chance < 1 else None
    return Answers(
        columns, sums, int(counts.argmax()), float(counts.max() / len(rows)), right, skill,
        float(rows.std(axis=0).max()), float(rows.min()), float(rows.max()), losses, least,
    )  # fmt: skip


def _sizes(step: Step, name: str, rate: float) -> Sizes:
    value, gradient = step.before.get(name, step.after[name]), step.grads.get(name)
    change = step.changes.get(name)
    eps = np.finfo(value.dtype).eps if value.dtype.kind == "f" else 0.0
    silent = below = unclear = 0.0
    if gradient is not None:
        lines = (
            gradient.reshape(-1, gradient.shape[-1]) if gradient.ndim else gradient.reshape(1, 1)
        )
        not_zero = lines != 0
        columns = ~not_zero.any(axis=0)
        silent = float(np.mean(columns))
        if columns.any():
            unclear = float(np.mean(columns & _may_be_saturated(step, name, value, columns)))
        count = int(np.count_nonzero(not_zero))
        if rate and eps and count:
            tiny = np.abs(gradient) < eps / 4 / rate * np.abs(value)
            below = np.count_nonzero(tiny.reshape(lines.shape) & not_zero) / count
    return Sizes(
        value.size,
        _norm(value),
        0.0 if gradient is None else _norm(gradient),
        None if change is None else _norm(change),
        silent,
        below,
        _alike(value),
        unclear,
    )


def _may_be_saturated(
    step: Step, name: str, W: np.ndarray, silent: np.ndarray
) -> np.ndarray | bool:
    """Which silent units of the first layer may be silent because a sigmoid or tanh has no slope.

    A ReLU whose sum is above 0 is not silent, so one that is shows that there are no ReLUs. Below
    0, what tells them apart is the next matrix: nothing of it learns from a ReLU, which answers 0,
    unless the sum is so far below that a sigmoid answers 0 as well.
    """
    if step.x is None or name != next(iter(step.after)) or W.ndim != 2:
        return False
    x = step.x.reshape(len(step.x), -1)
    if x.dtype.kind not in "biuf" or x.shape[1] != len(W):
        return False
    sums = x.astype(np.float64) @ W.astype(np.float64)
    for other in step.after:  # its bias
        b = step.before.get(other, step.after[other])
        if other != name and b.size == W.shape[1] and b.shape[-1:] == W.shape[1:]:
            sums = sums + b.reshape(-1)
            break
    largest = sums.max(axis=0, initial=-np.inf)
    if (silent & (largest > 0)).any():
        return True
    following = (g for other, g in step.grads.items() if other != name and g.ndim == 2)
    answered = next((g.any(axis=1) for g in following if len(g) == W.shape[1]), True)
    return (largest < -VANISHES) | ((largest < -SATURATES) & answered)


def _alike(value: np.ndarray) -> bool:
    """Whether this is a matrix of equal columns."""
    if value.ndim != 2 or value.shape[1] < 2 or len(value) == 0:
        return False
    first = value[:, :1]
    return bool((value[0] == first[0]).all() and (value == first).all())


def _norm(array: np.ndarray) -> float:
    flat = array.ravel()
    return math.sqrt(flat @ flat) if flat.dtype == np.float64 else float(np.linalg.norm(flat))


def _not_finite(step: Step) -> tuple[str, ...]:
    held: dict[str, np.ndarray | float | None] = {
        "x": step.x, "t": step.t, "outputs": step.outputs, "loss": step.loss,
    }  # fmt: skip
    held |= {f"gradient of {name}": g for name, g in step.grads.items()}
    held |= dict(step.after)
    return tuple(
        name for name, value in held.items()
        if value is not None and np.asarray(value).dtype.kind == "f"
        and not np.isfinite(value).all()
    )  # fmt: skip


def _classes(step: Step) -> int:
    return 0 if step.outputs is None or step.outputs.ndim < 2 else step.outputs.shape[1]


def _fractions(t: np.ndarray) -> float:
    """The share of targets in a single column that are no whole numbers."""
    rows = t.reshape(len(t), -1)
    return float(np.mean(rows != np.rint(rows))) if rows.shape[1] == 1 else 0.0


def _rebuilt(step: Step) -> Rebuilt | None:
    if step.x is None or step.outputs is None:
        return None
    if step.number not in REBUILT and step.number <= REBUILT[-1] + 5:
        return None
    for params in (step.after, step.before):  # the answers may be those of either side
        found = candidates(params, step.x, step.outputs)
        if found:
            return found[0] if len(found) == 1 else None
    return None

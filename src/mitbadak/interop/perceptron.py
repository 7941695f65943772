"""What both estimators share: arguments, solvers, and what is known after ``fit``."""

# pyright: reportMissingImports=false
from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from mitbadak.core.warned import warn
from mitbadak.interop.arguments import check_arguments
from mitbadak.interop.heads import Weighted
from mitbadak.interop.solvers import (
    InverseScaling,
    Progress,
    QuickProgress,
    dense,
    descend,
    minimize,
    warn_of_limit,
)
from mitbadak.nn.activations import activation as activation_layer
from mitbadak.nn.affine import Affine
from mitbadak.nn.heads import Head
from mitbadak.nn.network import Sequential
from mitbadak.optim import L2, SGD, Adam, Chain, Momentum, Nesterov, Optimizer, Schedule

AUTO_BATCH = 200  # examples; as in scikit-learn
FEW = 100  # examples, of which float32 would not save noticeable time
LARGE = 1e15  # whose square is far below the largest float32
ACTIVATIONS = {"logistic": "sigmoid"}  # others have the same name here


class Perceptron(BaseEstimator):
    """What both estimators share: arguments, solvers, and what is known after ``fit``."""

    def __init__(
        self, hidden_layer_sizes: Any = (100,), activation: Any = "relu", *, solver: Any = "adam",
        alpha: Any = 0.0001, batch_size: Any = "auto", learning_rate: Any = "constant",
        learning_rate_init: Any = 0.001, power_t: Any = 0.5, max_iter: Any = 200,
        shuffle: Any = True, random_state: Any = None, tol: Any = 1e-4, verbose: Any = False,
        warm_start: Any = False, momentum: Any = 0.9, nesterovs_momentum: Any = True,
        early_stopping: Any = False, validation_fraction: Any = 0.1, beta_1: Any = 0.9,
        beta_2: Any = 0.999, epsilon: Any = 1e-8, n_iter_no_change: Any = 10,
        max_fun: Any = 15000, engine: Any = "auto",
    ):  # fmt: skip
        self.hidden_layer_sizes, self.activation, self.solver = (
            hidden_layer_sizes,
            activation,
            solver,
        )
        self.alpha, self.batch_size, self.learning_rate = alpha, batch_size, learning_rate
        self.learning_rate_init, self.power_t, self.max_iter = learning_rate_init, power_t, max_iter
        self.shuffle, self.random_state, self.tol = shuffle, random_state, tol
        self.verbose, self.warm_start, self.momentum = verbose, warm_start, momentum
        self.nesterovs_momentum, self.early_stopping = nesterovs_momentum, early_stopping
        self.validation_fraction, self.beta_1, self.beta_2 = validation_fraction, beta_1, beta_2
        self.epsilon, self.n_iter_no_change, self.max_fun = epsilon, n_iter_no_change, max_fun
        self.engine = engine

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    @property
    def coefs_(self) -> list[np.ndarray]:
        """The weights of each layer, shape (n_in, n_out); changes count in predictions."""
        return [p for name, p in self._fitted().params.items() if name.startswith("W")]

    @property
    def intercepts_(self) -> list[np.ndarray]:
        """The biases of each layer."""
        return [p for name, p in self._fitted().params.items() if name.startswith("b")]

    def _fitted(self) -> Sequential:
        if "net_" not in vars(self):
            raise AttributeError(f"{type(self).__name__} has no coefs_ before fit.")
        return self.net_

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train on X and y.

        Args:
            X: shape (n, features), an array or a sparse matrix.
            y: shape (n,) or (n, outputs).
            sample_weight: shape (n,), at least 0; an example of weight 2 counts twice, one of
                weight 0 is left out.
        """
        check_arguments(self)
        again = self.warm_start and hasattr(self, "net_")
        X, y = self._checked(X, y, reset=not again)
        t, rng = self._targets(y, reset=not again), check_random_state(self.random_state)
        X, y, t, weights = _without_zeros(self, X, y, t, sample_weight)
        if not again:
            self._begin(X, t, rng)
        if self.solver == "lbfgs":
            return self._fit_lbfgs(X, t, weights)
        self._optimizer: Optimizer | None = None
        return self._fit_batches(X, y, t, weights, rng, self.max_iter)

    def _partial_fit(self, X: Any, y: Any, sample_weight: Any, *, first: bool) -> Self:
        check_arguments(self)
        if self.early_stopping:
            raise ValueError("partial_fit does not support early_stopping=True.")
        X, y = self._checked(X, y, reset=first)
        t, rng = self._targets(y, reset=False), check_random_state(self.random_state)
        X, y, t, weights = _without_zeros(self, X, y, t, sample_weight)
        if first:
            self._begin(X, t, rng)
        elif not hasattr(self, "_rng"):
            self._rng = rng
        return self._fit_batches(X, y, t, weights, self._rng, 1)

    def _begin(self, X: Any, t: np.ndarray, rng: np.random.RandomState) -> None:
        """A net with random parameters, and nothing learned."""
        self.n_outputs_ = t.shape[1]
        hidden = np.atleast_1d(self.hidden_layer_sizes).astype(int).tolist()
        sizes = [X.shape[1], *hidden, self.n_outputs_]
        self.n_layers_, self.out_activation_ = len(sizes), self._out_activation()
        self.n_iter_, self.t_, self._rng = 0, 0, rng
        self._optimizer = None
        between: Any = ACTIVATIONS.get(self.activation, self.activation)
        layers: list[Any] = []
        for n_in, n_out in pairwise(sizes):
            affine = Affine(n_in, n_out, init="zeros", dtype=np.float64)
            bound = math.sqrt((2.0 if self.activation == "logistic" else 6.0) / (n_in + n_out))
            for p in affine.params.values():
                p[...] = rng.uniform(-bound, bound, p.shape)
            layers += [affine, activation_layer(between)]
        self.net_ = Sequential(*layers[:-1], loss=self._head())
        self.loss_curve_: list[float] = []
        self.best_loss_: float | None = None
        self.validation_scores_: list[float] | None = None
        self.best_validation_score_: float | None = None

    def _fit_lbfgs(self, X: Any, t: np.ndarray, weights: np.ndarray | None) -> Self:
        net = self._training_net(np.float64, weights)
        total, scale = len(t) if weights is None else weights.sum(), self._scale()
        self.loss_, self.n_iter_ = minimize(
            net, dense(X, np.float64), _with(t, weights), alpha=self.alpha / total / scale,
            weight_names=_weights_of(net), scale=scale, loss_scale=self._loss_scale(),
            max_iter=self.max_iter, max_fun=self.max_fun, tol=self.tol, verbose=bool(self.verbose),
        )  # fmt: skip
        return self._keep(net)

    def _fit_batches(
        self, X: Any, y: Any, t: np.ndarray, weights: np.ndarray | None,
        rng: np.random.RandomState, epochs: int,
    ) -> Self:  # fmt: skip
        held_out = None
        if self.early_stopping:
            X, t, weights, held_out = self._hold_out(X, y, t, weights, rng)
        n = len(t)
        batch_size = min(AUTO_BATCH if self.batch_size == "auto" else self.batch_size, n)
        exact = weights is not None or n < FEW or not (_fits(X) and _fits(t))
        dtype = np.float64 if exact else np.float32
        net = self._training_net(dtype, weights)
        mean_weight = 1.0 if weights is None else float(weights.mean())
        alpha = self.alpha / (batch_size * mean_weight)
        optimizer = self._optimizer_for(alpha / self._scale(), n, batch_size)
        progress = self._progress(net, alpha, held_out)
        descend(
            net, dense(X, dtype).astype(dtype, copy=False), _with(t, weights), optimizer, progress,
            batch_size=batch_size, epochs=epochs, shuffle=self.shuffle, engine=self.engine,
            rng=np.random.default_rng(rng.randint(2**31 - 1)),
        )  # fmt: skip
        self._optimizer = optimizer
        return self._note(progress, net, n, epochs)

    def _note(self, progress: Progress, net: Sequential, n: int, epochs: int) -> Self:
        """Keep what a training has shown.

        Raises:
            ValueError: the loss became NaN or infinite; what was learned before stays.
        """
        if progress.failed:
            raise self._diverged("training diverged: its loss became NaN or infinite")
        self.n_iter_ = len(progress.losses) + (self.n_iter_ if epochs == 1 != self.max_iter else 0)
        self.t_ += n * len(progress.losses)
        self.loss_curve_ += progress.losses
        if progress.losses:
            self.loss_ = progress.losses[-1]
        if self.early_stopping:
            self.validation_scores_ = (self.validation_scores_ or []) + progress.scores
            self.best_validation_score_ = progress.best
        else:
            self.best_loss_ = min(self.loss_curve_, default=math.inf)
        if progress.interrupted:
            warn(f"{type(self).__name__}: training was interrupted by the user.", UserWarning)
        elif epochs == len(progress.losses) == self.max_iter and not progress.converged:
            warn_of_limit(
                f"{type(self).__name__} has not converged after max_iter={self.max_iter} "
                "iterations. Raise max_iter, or tol."
            )
        return self._keep(net)

    def _keep(self, net: Sequential) -> Self:
        """Keep a trained net, in float64."""
        if not all(np.isfinite(p).all() for p in net.params.values()):
            raise self._diverged("training ended in parameters that are not finite")
        for name, p in self.net_.params.items():
            p[...] = net.params[name]
        return self

    def _diverged(self, how: str) -> ValueError:
        return ValueError(
            f"{type(self).__name__}: {how}. Scale X and, of a regression, y, for example by "
            "StandardScaler, or lower learning_rate_init."
        )

    def _takes_partial_fit(self) -> bool:
        if self.solver == "lbfgs":
            raise AttributeError(
                "partial_fit needs a solver that takes examples by batches: solver='adam' or "
                "'sgd'; got 'lbfgs', which needs all of them at once."
            )
        return True

    def _training_net(self, dtype: Any, weights: np.ndarray | None) -> Sequential:
        """A copy of the net to train, with a head that knows weights if there are any."""
        net = self.net_.astype(dtype)
        if weights is not None:
            net.head = Weighted(of=net.head.config())
        return net

    def _optimizer_for(self, alpha: float, n: int, batch_size: int) -> Optimizer:
        if self._optimizer is not None:
            return self._optimizer
        rule: Optimizer
        if self.solver == "adam":
            rule = Adam(self.learning_rate_init, self.beta_1, self.beta_2, self.epsilon)
        else:
            start = self.learning_rate_init * self._scale()
            rate: float | Schedule = start
            if self.learning_rate == "invscaling":
                rate = InverseScaling(start, self.power_t, -(-n // batch_size), n)
            kind = Nesterov if self.nesterovs_momentum else Momentum
            rule = kind(rate, self.momentum) if self.momentum else SGD(rate)
        return Chain(L2(alpha), rule) if alpha else Chain(rule)

    def _progress(
        self, net: Sequential, alpha: float, held_out: Callable[[Sequential], float] | None
    ) -> Progress:
        names = _weights_of(net)

        def penalty() -> float:
            return alpha / 2 * sum(float(np.vdot(w, w)) for w in map(net.params.__getitem__, names))

        slows = self.solver == "sgd" and self.learning_rate == "adaptive"
        at_start = penalty()
        # Below tol it would have to double within an epoch to matter.
        small = at_start < self.tol
        kind = QuickProgress if small and held_out is None and not slows else Progress
        return kind(
            self.tol, self.n_iter_no_change, (lambda: at_start) if small else penalty,
            self._loss_scale(), None if held_out is None else partial(held_out, net),
            slows=slows, verbose=bool(self.verbose),
        )  # fmt: skip

    def _hold_out(
        self, X: Any, y: Any, t: np.ndarray, weights: np.ndarray | None,
        rng: np.random.RandomState,
    ) -> tuple[Any, np.ndarray, np.ndarray | None, Callable[[Sequential], float]]:  # fmt: skip
        """Split off a validation set; also returns how a net is scored on it."""
        rows, held = train_test_split(
            np.arange(len(t)), random_state=rng, test_size=self.validation_fraction,
            stratify=self._strata(y),
        )  # fmt: skip
        if len(held) < 2:
            raise ValueError(
                "The validation set is too small. Increase 'validation_fraction' or the size of "
                "your dataset."
            )
        x_held, y_held = dense(X[held], np.float64), y[held]
        of_weights = (None, None) if weights is None else (weights[rows], weights[held])

        def score(net: Sequential) -> float:
            answers = self._answers(net.predict(np.asarray(x_held, net.dtype)))
            if not _finite(answers):
                return -math.inf  # the loss says it too, after the next step
            return float(self._measure(y_held, answers, sample_weight=of_weights[1]))

        return X[rows], t[rows], of_weights[0], score

    def _predicted(self, X: Any, what: str = "predict") -> np.ndarray:
        """What the net answers for X, or its scores, in the dtype of X."""
        check_is_fitted(self)
        X = validate_data(self, X, accept_sparse=["csr", "csc"], reset=False)
        dtype = np.float32 if X.dtype == np.float32 else np.float64
        net = self.net_ if dtype == np.float64 else self.net_.astype(dtype)
        return getattr(net, what)(dense(X, dtype).astype(dtype, copy=False))

    def _loss_scale(self) -> float:
        return self._scale()

    # What differs between classes and numbers.
    _measure: Callable[..., Any]

    def _checked(self, X: Any, y: Any, *, reset: bool) -> tuple[Any, Any]:
        raise NotImplementedError

    def _targets(self, y: Any, *, reset: bool) -> np.ndarray:
        raise NotImplementedError

    def _answers(self, predicted: np.ndarray) -> Any:
        raise NotImplementedError

    def _head(self) -> Head:
        raise NotImplementedError

    def _out_activation(self) -> str:
        raise NotImplementedError

    def _strata(self, y: Any) -> np.ndarray | None:
        return None

    def _scale(self) -> float:
        """scikit-learn adds up the gradients of several outputs, where heads here average."""
        raise NotImplementedError


def _without_zeros(
    owner: Any, X: Any, y: Any, t: np.ndarray, sample_weight: Any
) -> tuple[Any, Any, np.ndarray, np.ndarray | None]:
    """The examples whose weights are not 0, with these; None where all weigh the same."""
    if sample_weight is None:
        return X, y, t, None
    weights = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
    counted = np.flatnonzero(weights)
    if not len(counted):
        raise ValueError(f"{type(owner).__name__}: all sample weights are 0.")
    return X[counted], y[counted], t[counted], weights[counted]


def _finite(answers: Any) -> bool:
    """Whether numbers that a net has answered are finite; names of classes are."""
    return np.asarray(answers).dtype.kind != "f" or bool(np.isfinite(answers).all())


def _fits(a: Any) -> bool:
    """Whether sums of squares of such numbers are within float32."""
    values = a.data if hasattr(a, "toarray") else a
    return not len(values) or float(abs(values).max()) < LARGE


def _with(t: np.ndarray, weights: np.ndarray | None) -> np.ndarray:
    """Targets, with the weights of the examples in a last column."""
    return t if weights is None else np.concatenate([t, weights[:, None]], axis=1)


def _weights_of(net: Sequential) -> list[str]:
    return [name for name in net.params if name.startswith("W")]

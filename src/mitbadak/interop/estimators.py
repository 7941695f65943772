"""Estimators for scikit-learn: its ``MLPClassifier`` and ``MLPRegressor`` over this trainer.

Names mean what they mean in scikit-learn. Training is computed in float32 on kernels, and in
float64 where examples have weights, are fewer than 100, or hold numbers from 1e15 on. So in a full
batch an example of weight 2 is the same example twice to the last digits. Predictions are in the
dtype of X.
"""

# pyright: reportMissingImports=false
from __future__ import annotations

from typing import Any

import numpy as np

from mitbadak.core.errors import MissingModuleError

try:
    from sklearn.base import ClassifierMixin, RegressorMixin
except ImportError as error:
    raise MissingModuleError(
        "mitbadak.interop's estimators need scikit-learn: pip install 'mitbadak[sklearn]'.",
        name="sklearn",
    ) from error
from sklearn.metrics import accuracy_score, r2_score
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils import column_or_1d
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import unique_labels
from sklearn.utils.validation import validate_data

from mitbadak.interop.heads import Poisson
from mitbadak.interop.perceptron import Perceptron
from mitbadak.nn.heads import Head, Huber, SigmoidCrossEntropy, SoftmaxCrossEntropy

NEVER_LINEAR = 1e38  # half the squared error is Huber's loss before it turns linear
LARGEST = 1e37  # of a target


class MLPClassifier(ClassifierMixin, Perceptron):
    """A multilayer perceptron for classes, with scikit-learn's interface.

    For pipelines, grid searches and whatever else takes an estimator; arguments, attributes and
    their defaults are those of ``sklearn.neural_network.MLPClassifier``.

    Args:
        hidden_layer_sizes: widths of the hidden layers.
        activation: ``relu``, ``tanh``, ``logistic`` or ``identity``.
        solver: ``adam``, ``sgd`` or ``lbfgs``.
        alpha: strength of the L2 penalty, divided by the examples of a batch.
        batch_size: examples per update; ``auto`` is 200, or all of fewer.
        learning_rate: for ``sgd``, ``constant``, ``invscaling`` or ``adaptive``.
        learning_rate_init, power_t, momentum, nesterovs_momentum, beta_1, beta_2, epsilon: of the
            solvers.
        max_iter, max_fun: most epochs, and for ``lbfgs`` most evaluations of the loss.
        shuffle: whether every epoch draws its batches anew.
        random_state: seed of the initial weights, the validation split and the batches.
        tol, n_iter_no_change: training ends after so many epochs without such an improvement.
        verbose: whether each epoch prints a line.
        warm_start: whether ``fit`` continues with the weights that are there.
        early_stopping, validation_fraction: whether to watch the score on held-out examples.
        engine: ``auto``, ``numpy`` or ``compiled``.

    Attributes:
        classes_, n_features_in_, feature_names_in_, n_outputs_, n_layers_, out_activation_:
            of the data and the net.
        coefs_, intercepts_: weights and biases.
        loss_, best_loss_, loss_curve_, n_iter_, t_: of the training.
        validation_scores_, best_validation_score_: with ``early_stopping``.
        net_: the net itself, for everything else in this package.

    Example:
        >>> from sklearn.datasets import load_iris
        >>> from sklearn.pipeline import make_pipeline
        >>> from sklearn.preprocessing import StandardScaler
        >>> X, y = load_iris(return_X_y=True)
        >>> net = make_pipeline(StandardScaler(), MLPClassifier(max_iter=500, random_state=0))
        >>> net.fit(X, y).score(X, y) > 0.95
        True
    """

    _measure = staticmethod(accuracy_score)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags

    @available_if(Perceptron._takes_partial_fit)
    def partial_fit(
        self, X: Any, y: Any, sample_weight: Any = None, classes: Any = None
    ) -> MLPClassifier:
        """One epoch over X and y, after what was learned before.

        Args:
            X, y, sample_weight: as for ``fit``.
            classes: all classes that may come, in the first call.
        """
        first = "net_" not in vars(self)
        if first and classes is None:
            raise ValueError("classes must be passed on the first call to partial_fit.")
        if first:
            self._learn_labels(unique_labels(classes))
        elif classes is not None and not np.array_equal(self.classes_, unique_labels(classes)):
            raise ValueError(
                f"classes={classes!r} is not the same as on the first call to partial_fit: "
                f"{self.classes_!r}."
            )
        return self._partial_fit(X, y, sample_weight, first=first)

    def predict(self, X: Any) -> Any:
        """The likeliest class of each row, or with several labels a row of 0 and 1.

        Rows of labels are sparse where those of ``fit`` were.
        """
        return self._answers(self._predicted(X))

    def predict_proba(self, X: Any) -> np.ndarray:
        """The probability of each class, shape (n, classes)."""
        y = self._predicted(X)
        return np.concatenate([1 - y, y], axis=1) if self.n_outputs_ == 1 else y

    def decision_function(self, X: Any) -> np.ndarray:
        """The scores of the classes, before the softmax or the logistic function.

        Returns:
            Shape (n, classes); for two classes the score of the second, shape (n,).
        """
        scores = self._predicted(X, "scores")
        return scores.ravel() if self.n_outputs_ == 1 else scores

    def predict_log_proba(self, X: Any) -> np.ndarray:
        """The logarithm of ``predict_proba``."""
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X))

    def _checked(self, X: Any, y: Any, *, reset: bool) -> tuple[Any, Any]:
        X, y = validate_data(
            self, X, y, accept_sparse=["csr", "csc"], multi_output=True, reset=reset,
            dtype=(np.float64, np.float32),
        )  # fmt: skip
        return X, column_or_1d(y, warn=True) if y.ndim == 2 and y.shape[1] == 1 else y

    def _learn_labels(self, y: Any) -> None:
        self._label_binarizer = LabelBinarizer().fit(y)
        self.classes_ = self._label_binarizer.classes_

    def _targets(self, y: Any, *, reset: bool) -> np.ndarray:
        if reset:
            self._learn_labels(y)
        unknown = np.setdiff1d(unique_labels(y), self.classes_)
        if len(unknown):
            raise ValueError(
                f"y holds classes that were not there before: {unknown.tolist()}; the classes are "
                f"{self.classes_.tolist()}."
            )
        return self._label_binarizer.transform(y).astype(np.float64)

    def _answers(self, predicted: np.ndarray) -> Any:
        if self.n_outputs_ == 1:
            predicted = predicted.ravel()
        answers = self._label_binarizer.inverse_transform(predicted)
        return answers if hasattr(answers, "toarray") else np.asarray(answers)  # as y was

    def _head(self) -> Head:
        return SoftmaxCrossEntropy() if self._exclusive() else SigmoidCrossEntropy()

    def _exclusive(self) -> bool:
        """Whether there are several classes of which one is right."""
        return self._label_binarizer.y_type_ == "multiclass"

    def _out_activation(self) -> str:
        return "softmax" if self._exclusive() else "logistic"

    def _strata(self, y: Any) -> np.ndarray | None:
        return y if y.ndim == 1 else None

    def _scale(self) -> float:
        return 1.0 if self._exclusive() else float(self.n_outputs_)


class MLPRegressor(RegressorMixin, Perceptron):
    """A multilayer perceptron for numbers, with scikit-learn's interface.

    Arguments and attributes are those of ``MLPClassifier``, apart from the classes; ``loss`` is
    ``squared_error`` or, for counts, ``poisson``.

    Example:
        >>> from sklearn.datasets import make_regression
        >>> X, y = make_regression(200, 5, random_state=0)
        >>> net = MLPRegressor(solver="lbfgs", random_state=0, tol=0.01).fit(X, y / y.std())
        >>> net.score(X, y / y.std()) > 0.99
        True
    """

    _measure = staticmethod(r2_score)

    def __init__(
        self, loss: Any = "squared_error", hidden_layer_sizes: Any = (100,),
        activation: Any = "relu", *, solver: Any = "adam", alpha: Any = 0.0001,
        batch_size: Any = "auto", learning_rate: Any = "constant",
        learning_rate_init: Any = 0.001, power_t: Any = 0.5, max_iter: Any = 200,
        shuffle: Any = True, random_state: Any = None, tol: Any = 1e-4, verbose: Any = False,
        warm_start: Any = False, momentum: Any = 0.9, nesterovs_momentum: Any = True,
        early_stopping: Any = False, validation_fraction: Any = 0.1, beta_1: Any = 0.9,
        beta_2: Any = 0.999, epsilon: Any = 1e-8, n_iter_no_change: Any = 10,
        max_fun: Any = 15000, engine: Any = "auto",
    ):  # fmt: skip
        super().__init__(
            hidden_layer_sizes, activation,
            solver=solver, alpha=alpha, batch_size=batch_size, learning_rate=learning_rate,
            learning_rate_init=learning_rate_init, power_t=power_t, max_iter=max_iter,
            shuffle=shuffle, random_state=random_state, tol=tol, verbose=verbose,
            warm_start=warm_start, momentum=momentum, nesterovs_momentum=nesterovs_momentum,
            early_stopping=early_stopping, validation_fraction=validation_fraction, beta_1=beta_1,
            beta_2=beta_2, epsilon=epsilon, n_iter_no_change=n_iter_no_change, max_fun=max_fun,
            engine=engine,
        )  # fmt: skip
        self.loss = loss

    @available_if(Perceptron._takes_partial_fit)
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> MLPRegressor:
        """One epoch over X and y, after what was learned before."""
        return self._partial_fit(X, y, sample_weight, first="net_" not in vars(self))

    def predict(self, X: Any) -> np.ndarray:
        """The numbers, shape (n,) or (n, outputs)."""
        return self._answers(self._predicted(X))

    def _checked(self, X: Any, y: Any, *, reset: bool) -> tuple[Any, Any]:
        X, y = validate_data(
            self, X, y, accept_sparse=["csr", "csc"], multi_output=True, y_numeric=True,
            reset=reset, dtype=(np.float64, np.float32),
        )  # fmt: skip
        return X, column_or_1d(y, warn=True) if y.ndim == 2 and y.shape[1] == 1 else y

    def _targets(self, y: Any, *, reset: bool) -> np.ndarray:
        t = y.reshape(len(y), -1).astype(np.float64)
        if self.loss == "poisson" and (t < 0).any():
            raise ValueError("loss='poisson' expects numbers y of at least 0.")
        if (abs(t) > LARGEST).any():
            raise ValueError(
                f"MLPRegressor expects numbers y up to {LARGEST:g}; got {abs(t).max():g}. Divide y "
                "by its standard deviation, for example by TransformedTargetRegressor."
            )
        if not reset and hasattr(self, "net_") and t.shape[1] != self.n_outputs_:
            raise ValueError(f"y has {t.shape[1]} columns; before there were {self.n_outputs_}.")
        return t

    def _answers(self, predicted: np.ndarray) -> Any:
        return predicted.ravel() if predicted.shape[1] == 1 else predicted

    def _head(self) -> Head:
        return Poisson() if self.loss == "poisson" else Huber(NEVER_LINEAR)

    def _out_activation(self) -> str:
        return "exp" if self.loss == "poisson" else "identity"

    def _scale(self) -> float:
        return float(self.n_outputs_)

    def _loss_scale(self) -> float:
        return self._scale() if self.loss == "poisson" else 1.0  # as scikit-learn adds them up

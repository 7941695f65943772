"""The estimators: scikit-learn's own checks, and one step beside scikit-learn's own step."""

# pyright: reportMissingImports=false
from __future__ import annotations

import pickle
import warnings
from typing import Any

import numpy as np
import pytest

sklearn = pytest.importorskip("sklearn")
pytest.importorskip("pandas")  # some of the checks take frames

from sklearn import datasets, neural_network  # noqa: E402
from sklearn.base import clone  # noqa: E402
from sklearn.exceptions import ConvergenceWarning  # noqa: E402
from sklearn.model_selection import GridSearchCV  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402
from sklearn.utils.estimator_checks import parametrize_with_checks  # noqa: E402

from mitbadak.interop import MLPClassifier, MLPRegressor  # noqa: E402

KINDS = ("binary", "classes", "labels", "number", "numbers", "counts")


def problem(kind: str, n: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and targets of one kind."""
    rng = np.random.default_rng(7)
    x = rng.normal(size=(n, 5))
    score = x @ rng.normal(size=(5, 3)) + 0.3 * rng.normal(size=(n, 3))
    t = {
        "binary": np.where(score[:, 0] > 0, "yes", "no"), "classes": score.argmax(axis=1) * 10,
        "labels": (score > 0).astype(int), "number": score[:, 0], "numbers": score,
        "counts": rng.poisson(np.exp(score[:, 0] / 4)).astype(float),
    }  # fmt: skip
    return x, t[kind]


def pair(kind: str, **settings: Any) -> tuple[Any, Any]:
    """Our estimator and scikit-learn's for one kind of target, with the same settings."""
    if kind in ("binary", "classes", "labels"):
        return MLPClassifier(**settings), neural_network.MLPClassifier(**settings)
    loss = {"loss": "poisson"} if kind == "counts" else {}
    return MLPRegressor(**loss, **settings), neural_network.MLPRegressor(**loss, **settings)


@pytest.fixture(autouse=True)
def _quietly():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        yield


@parametrize_with_checks([MLPClassifier(), MLPRegressor()])
def test_scikit_learn_s_checks(estimator, check, monkeypatch):
    monkeypatch.setenv("SCIPY_ARRAY_API", "1")
    drawn = np.random.get_state()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the checks look at those that matter themselves
        check(estimator)
    np.random.set_state(drawn)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("activation", ["relu", "tanh", "logistic", "identity"])
@pytest.mark.parametrize("kind", KINDS)
def test_one_step_is_scikit_learn_s_step(kind, activation, weighted):
    settings: dict[str, Any] = {
        "hidden_layer_sizes": (4, 3), "solver": "sgd", "learning_rate_init": 0.1, "alpha": 0.5,
        "momentum": 0, "max_iter": 1, "activation": activation, "warm_start": True,
        "random_state": 0,
    }  # fmt: skip
    x, t = problem(kind)
    weight = np.random.default_rng(3).integers(1, 4, len(x)) * 1.0 if weighted else None
    ours, theirs = (one.fit(x, t) for one in pair(kind, **settings))
    for mine, other in zip(ours.coefs_ + ours.intercepts_,
                           theirs.coefs_ + theirs.intercepts_, strict=True):  # fmt: skip
        mine[...] = other
    ours.fit(x, t, sample_weight=weight)
    theirs.fit(x, t, sample_weight=weight)
    for mine, other in zip(ours.coefs_ + ours.intercepts_,
                           theirs.coefs_ + theirs.intercepts_, strict=True):  # fmt: skip
        np.testing.assert_allclose(mine, other, rtol=1e-7, atol=1e-10)
    np.testing.assert_allclose(ours.loss_, theirs.loss_, rtol=1e-7)


@pytest.mark.parametrize("kind", KINDS)
def test_lbfgs_finds_the_minimum_that_scikit_learn_finds(kind):
    x, t = problem(kind)
    settings: dict[str, Any] = {
        "hidden_layer_sizes": (),
        "solver": "lbfgs",
        "alpha": 0.1,
        "max_iter": 2000,
    }
    ours, theirs = (one.fit(x, t) for one in pair(kind, **settings, random_state=0, tol=1e-9))
    np.testing.assert_allclose(ours.coefs_[0], theirs.coefs_[0], rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(ours.loss_, theirs.loss_, rtol=1e-4)
    if kind in ("binary", "classes", "labels"):
        np.testing.assert_array_equal(ours.predict(x), theirs.predict(x))


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_weight_of_two_is_the_same_row_twice(kind, solver):
    x, t = problem(kind, n=20)
    weight = np.random.default_rng(0).integers(0, 3, len(x))
    weight[t.argmax() if t.ndim == 1 and t.dtype.kind in "if" else 0] = 1
    settings = {"hidden_layer_sizes": 5, "solver": solver, "max_iter": 30, "random_state": 0}
    weighted, _ = pair(kind, **settings)
    repeated, _ = pair(kind, **settings)
    weighted.fit(x, t, sample_weight=weight)
    repeated.fit(x.repeat(weight, axis=0), t.repeat(weight, axis=0))
    for a, b in zip(weighted.coefs_, repeated.coefs_, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("kind", KINDS)
def test_sparse_rows_are_the_same_rows(kind):
    sparse = pytest.importorskip("scipy.sparse")
    x, t = problem(kind, n=150)
    x[np.abs(x) < 0.8] = 0
    settings = {"hidden_layer_sizes": 5, "max_iter": 5, "random_state": 0, "early_stopping": True}
    ours, _ = pair(kind, **settings)
    copy: Any = clone(ours)
    dense = copy.fit(x, t)
    for kept in (sparse.csr_array(x), sparse.csc_matrix(x)):
        copy = clone(ours)
        thin = copy.fit(kept, t)
        np.testing.assert_array_equal(thin.coefs_[0], dense.coefs_[0])
        np.testing.assert_array_equal(thin.predict(kept), dense.predict(x))


@pytest.mark.parametrize("n", [60, 700])
def test_partial_fit_goes_on_and_knows_all_classes(n):
    x, t = problem("classes", n)
    first = t != 20
    net = MLPClassifier(random_state=0)
    net.partial_fit(x[first], t[first], classes=[0, 10, 20])
    before = [w.copy() for w in net.coefs_]
    losses = [net.partial_fit(x, t).loss_ for _ in range(40)]
    assert losses[-1] < losses[0] * 0.9
    assert any((a != b).any() for a, b in zip(before, net.coefs_, strict=True))
    assert net.classes_.tolist() == [0, 10, 20]
    assert net.n_iter_ == len(net.loss_curve_) == 41
    assert net.t_ == first.sum() + 40 * n
    with pytest.raises(ValueError, match="classes that were not there before"):
        net.partial_fit(x, t + 1)
    with pytest.raises(ValueError, match="classes must be passed"):
        MLPClassifier().partial_fit(x, t)


def test_early_stopping_puts_the_best_weights_back():
    x, t = problem("classes", 300)
    net = MLPClassifier(early_stopping=True, max_iter=60, random_state=0, tol=0,
                        learning_rate_init=0.02).fit(x, t)  # fmt: skip
    assert net.validation_scores_ is not None
    assert net.best_validation_score_ == max(net.validation_scores_)
    assert net.best_loss_ is None
    kept = pickle.loads(pickle.dumps(net))
    np.testing.assert_array_equal(kept.predict_proba(x), net.predict_proba(x))


def test_an_adaptive_rate_falls_before_training_ends():
    x, t = problem("binary", 300)
    net = MLPClassifier(solver="sgd", learning_rate="adaptive", tol=1e-2, n_iter_no_change=2,
                        max_iter=300, learning_rate_init=0.5, random_state=0).fit(x, t)  # fmt: skip
    assert net._optimizer is not None
    assert net._optimizer.lr <= 1e-6
    assert net.n_iter_ < 300


def test_training_ends_when_the_loss_does_and_warns_at_the_limit():
    x, t = problem("classes", 300)
    net = MLPClassifier(max_iter=2000, tol=1e-3, random_state=0).fit(x, t)
    assert net.n_iter_ == len(net.loss_curve_) < 2000
    with pytest.warns(ConvergenceWarning, match="max_iter=3"):
        MLPClassifier(max_iter=3, random_state=0).fit(x, t)


def test_a_net_works_in_a_grid_search_on_two_processes():
    x, t = datasets.load_iris(return_X_y=True)
    search = GridSearchCV(
        make_pipeline(StandardScaler(), MLPClassifier(max_iter=300, random_state=0)),
        {"mlpclassifier__alpha": [1e-4, 1.0],
         "mlpclassifier__hidden_layer_sizes": [(5,), (20, 10)]},
        n_jobs=2, cv=3,
    ).fit(x, t)  # fmt: skip
    assert search.best_score_ > 0.85


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"activation": "sigmoid"}, "unknown activation 'sigmoid'"),
        ({"solver": "Adam"}, "did you mean 'adam'"),
        ({"alpha": -1}, "alpha to be a number of at least 0; got -1"),
        ({"learning_rate_init": 0}, "learning_rate_init to be a number above 0; got 0"),
        ({"learning_rate_init": np.inf}, "to be a finite number above 0; got inf"),
        ({"beta_1": 1}, "beta_1 to be a number of at least 0 and below 1; got 1"),
        ({"momentum": 1.5}, "momentum to be a number from 0 to 1; got 1.5"),
        ({"max_iter": 0}, "max_iter to be a whole number of at least 1; got 0"),
        ({"hidden_layer_sizes": (5, 0)}, "each of hidden_layer_sizes"),
        ({"batch_size": 2.5}, "batch_size to be a whole number"),
        ({"early_stopping": "yes"}, "early_stopping to be True or False"),
        ({"verbose": "a"}, "verbose to be True, False or a whole number"),
        ({"verbose": -1}, "verbose to be True, False or a whole number"),
        ({"n_iter_no_change": -1}, "n_iter_no_change"),
        ({"tol": "small"}, "tol to be a number"),
    ],
)
def test_arguments_that_no_training_can_use_are_refused(settings, message):
    x, t = problem("classes")
    with pytest.raises(ValueError, match=message):
        MLPClassifier(**settings).fit(x, t)


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize(("size", "settings"), [
    (10.0, {"solver": "sgd", "learning_rate_init": 0.1}),
    (1e3, {"solver": "sgd", "learning_rate_init": 10.0, "momentum": 0}),
])  # fmt: skip
def test_a_training_that_diverges_is_no_fit(size, settings, early_stopping):
    x, t = datasets.make_regression(300, 5, noise=1, random_state=0)
    net = MLPRegressor(random_state=0, early_stopping=early_stopping, **settings)
    with pytest.raises(ValueError, match=r"training diverged.* Scale X"):
        net.fit(size * x, t / 50)
    before = [w.copy() for w in net.coefs_]
    with pytest.raises(ValueError, match=r"training diverged"):
        net.set_params(early_stopping=False).partial_fit(1e170 * x, t)
    assert all((a == b).all() for a, b in zip(net.coefs_, before, strict=True))


def test_targets_whose_squares_are_beyond_float32_are_learned_as_by_scikit_learn():
    x, t = datasets.make_regression(300, 5, noise=1, random_state=0)
    settings: dict[str, Any] = {"max_iter": 3, "random_state": 0}
    both = MLPRegressor(**settings), neural_network.MLPRegressor(**settings)
    ours, theirs = (one.fit(x, t * 1e30) for one in both)
    np.testing.assert_allclose(ours.loss_, theirs.loss_, rtol=1e-3)
    assert np.isfinite(MLPRegressor(**settings).fit(x * 1e39, t).loss_)
    with pytest.raises(ValueError, match=r"numbers y up to 1e\+37; got .*e\+41"):
        MLPRegressor().fit(x, t * 1e39)


@pytest.mark.parametrize("early_stopping", [False, True])
def test_sparse_labels_are_answered_in_the_same_form(early_stopping):
    sparse = pytest.importorskip("scipy.sparse")
    x, t = problem("labels", 200)
    settings: dict[str, Any] = {"random_state": 0, "max_iter": 20, "early_stopping": early_stopping}
    of_dense = MLPClassifier(**settings).fit(x, t)
    of_sparse = MLPClassifier(**settings).fit(x, sparse.csr_matrix(t))
    answers = of_sparse.predict(x)
    assert sparse.issparse(answers)
    np.testing.assert_array_equal(answers.toarray(), of_dense.predict(x))
    assert of_sparse.score(x, sparse.csr_matrix(t)) == of_dense.score(x, t)


def test_partial_fit_is_there_where_it_can_be():
    x, t = problem("classes")
    assert hasattr(MLPClassifier(solver="adam"), "partial_fit")
    for kind in (MLPClassifier, MLPRegressor):
        assert not hasattr(kind(solver="lbfgs"), "partial_fit")
    with pytest.raises(AttributeError, match="partial_fit"):
        MLPClassifier(solver="lbfgs").partial_fit(x, t, classes=np.unique(t))


def test_a_fit_that_ctrl_c_ends_says_so(monkeypatch):
    from mitbadak.interop import solvers

    def arrives(self, trainer, row):
        if trainer.epoch == 3:
            raise KeyboardInterrupt

    x, t = problem("classes", 200)
    monkeypatch.setattr(solvers.QuickProgress, "on_epoch_end", arrives)
    with pytest.warns(UserWarning, match="interrupted by the user"):
        net = MLPClassifier(random_state=0).fit(x, t)
    assert len(net.predict(x)) == 200

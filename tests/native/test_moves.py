"""The numerical gradient on kernels gives NumPy's central differences."""

from __future__ import annotations

from itertools import pairwise
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import mitbadak as mb
from kernels import needs_kernels
from mitbadak.core.errors import StateError, UnknownNameError
from mitbadak.native import library, moves
from mitbadak.nn import MLP, Affine, Dropout, Identity, Sequential, structured_gradient
from mitbadak.nn.activations import ACTIVATIONS
from mitbadak.training import trainer
from nets import HEADS, WITH_KERNELS, targets_of

pytestmark = needs_kernels
LEVELS = library.levels() or (0,)


def on_kernels(net, x, t, *, level: int, threads: int, h: float = 1e-4):
    """The gradient, from kernels of a level and shared by so many threads."""
    made = []

    class Watched(moves.NativeMoves):
        def __init__(self, *args, **options):
            made.append(self)
            super().__init__(*args, **options)

    with (
        patch.object(moves, "kernels", lambda: library.kernels_at(level)),
        patch.object(moves, "processors", lambda: threads),
        patch.object(moves, "MOVES_WORTH_A_THREAD", 1),
        patch.object(moves, "NativeMoves", Watched),
    ):
        gradient = net.numerical_gradient(x, t, h=h, engine="compiled", progress=False)
    assert made, "the kernels were not used"
    return gradient


@given(
    widths=st.lists(st.sampled_from([1, 2, 3, 7, 8, 9, 17]), min_size=2, max_size=5),
    activation=st.sampled_from(WITH_KERNELS),
    last=st.sampled_from(["identity", *WITH_KERNELS]),
    loss=st.sampled_from(HEADS),
    form=st.sampled_from(["classes", "rows", "floats"]),
    scale=st.sampled_from([0.5, 5.0, 30.0]),
    h=st.sampled_from([1e-4, 0.1]),
    density=st.sampled_from([0.3, 1.0]),
    bias=st.booleans(),
    level=st.sampled_from(LEVELS),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=150)
def test_kernels_give_the_same_central_differences(
    widths, activation, last, loss, form, scale, h, density, bias, level, seed
):
    """Also for a large h and large weights, where a series expansion would not do."""
    rng, classes = np.random.default_rng(seed), widths[-1]
    if loss == "softmax_cross_entropy" and classes == 1:
        classes = widths[-1] = 2
    layers: list[mb.nn.Layer] = []
    for n_in, n_out in pairwise(widths):
        layers += [Affine(n_in, n_out, bias=bias, init=scale / n_in, dtype=np.float64, rng=rng),
                   Identity(), ACTIVATIONS[activation](), Dropout(0.5)]  # fmt: skip
    net = Sequential(*layers[:-3], ACTIVATIONS[last](), loss=loss)
    x = rng.normal(size=(4, widths[0])) * (rng.random((4, widths[0])) < density)
    t = targets_of(loss, form, 4, classes, rng)
    plain = net.numerical_gradient(x, t, h=h, engine="numpy", progress=False)
    results = [on_kernels(net, x, t, level=level, threads=n, h=h) for n in (1, 3)]
    # Rounding of the loss of every example, which the difference divides by h.
    rounding = 200 * np.finfo(np.float64).eps * (1 + abs(net.loss(x, t))) * len(x) / h
    for name, expected in plain.items():
        np.testing.assert_array_equal(results[1][name], results[0][name])
        atol = rounding + 1e-10 * (1 + abs(expected).max())
        np.testing.assert_allclose(results[0][name], expected, rtol=0, atol=atol)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("activation", WITH_KERNELS)
def test_every_activation_equals_the_definition(activation, level, rng):
    net = MLP([3, 5, 4], activation, init=0.7, rng=rng, dtype=np.float64)
    x, t = rng.normal(size=(4, 3)), rng.integers(0, 4, 4)
    definition = net.numerical_gradient(x, t, structured=False, progress=False)
    for name, g in on_kernels(net, x, t, level=level, threads=2).items():
        np.testing.assert_allclose(g, definition[name], atol=1e-9)


def test_an_infinite_score_is_left_to_numpy_unless_kernels_were_asked_for():
    net = MLP([2, 3, 2], rng=0, dtype=np.float64)
    net.params["b2"][0] = -np.inf
    x, t = np.ones((2, 2)), [1, 1]
    with np.errstate(all="ignore"):
        expected = net.numerical_gradient(x, t, engine="numpy", progress=False)
        for name, g in net.numerical_gradient(x, t, progress=False).items():
            np.testing.assert_array_equal(g, expected[name])
        with pytest.raises(StateError, match=r"cannot compute this gradient: .* finite scores"):
            net.numerical_gradient(x, t, engine="compiled", progress=False)


def test_auto_uses_them_from_the_first_gradient_on(monkeypatch):
    used = []
    real = structured_gradient.StructuredGradient

    class Watched(real):
        def __init__(self, *args):
            super().__init__(*args)
            used.append(self.kernels is not None)

    monkeypatch.setattr("mitbadak.nn.differences.StructuredGradient", Watched)
    MLP([2, 3], rng=0).numerical_gradient(np.ones((1, 2)), [0])
    MLP([2, 3], rng=0).numerical_gradient(np.ones((1, 2)), [0], engine="numpy")
    assert used == [True, False]


def test_more_threads_than_there_were_at_first_find_room(monkeypatch, rng):
    net = MLP([3, 5, 4], "tanh", init=0.7, rng=rng, dtype=np.float64)
    x, t = rng.normal(size=(4, 3)), rng.integers(0, 4, 4)
    counts = iter([1, *[3] * 1000])
    monkeypatch.setattr(moves, "processors", lambda: next(counts))
    monkeypatch.setattr(moves, "MOVES_WORTH_A_THREAD", 1)
    used = []

    def run(entry, job, parts):
        used.append(parts)
        for part in range(parts):
            entry(job, part)

    monkeypatch.setattr(moves, "run_parts", run)
    net.numerical_gradient(x, t, engine="compiled", progress=False)
    assert set(used) == {1}


@pytest.mark.parametrize("options", [{"structured": False}, {"h": "auto"}, {}])
def test_an_engine_that_cannot_compute_a_gradient_is_refused(options):
    net = Sequential(Affine(2, 3, rng=0), mb.nn.LayerNorm(3))
    x, t = np.ones((2, 2)), [0, 1]
    with pytest.raises(StateError, match="cannot compute this gradient: kernels compute"):
        net.numerical_gradient(x, t, engine="compiled", progress=False, **options)
    with pytest.raises(UnknownNameError, match="unknown engine 'fast'"):
        net.numerical_gradient(x, t, engine="fast", progress=False, **options)
    net.numerical_gradient(x, t, progress=False, **options)


class Cubed(mb.nn.MeanSquaredError):
    """A head of one's own."""


@pytest.mark.parametrize(
    "net",
    [
        lambda: Sequential(Affine(2, 3, rng=0), loss=Cubed()),
        lambda: Sequential(Affine(2, 3, rng=0), mb.Sigmoid(), mb.Tanh(), Affine(3, 3, rng=0)),
    ],
    ids=["head", "two activations"],
)
def test_what_has_no_kernel_is_computed_on_numpy_unless_kernels_were_asked_for(net):
    x, t = np.ones((2, 2)), [0, 1]
    with pytest.raises(
        StateError, match=r"cannot compute this gradient: (no kernel for|kernels compute)"
    ):
        net().numerical_gradient(x, t, engine="compiled")
    expected = net().numerical_gradient(x, t, engine="numpy")
    for name, g in net().numerical_gradient(x, t).items():
        np.testing.assert_array_equal(g, expected[name])
    history = mb.fit(
        net(), (x.astype(np.float32), np.array(t)), epochs=1, batch_size=2, gradient="numerical"
    )
    assert len(history.losses) == 1


def test_a_training_makes_one_updater(monkeypatch):
    made = []
    real = trainer.make_updater
    monkeypatch.setattr(trainer, "make_updater", lambda *a, **o: made.append(a) or real(*a, **o))
    for engine in ("numpy", "compiled"):
        made.clear()
        rule = mb.optim.Chain(mb.optim.L2(0.1), mb.Adam())
        mb.fit(
            MLP([2, 5, 3], rng=0, dropout=0.1),
            mb.load_spiral(),
            epochs=5,
            engine=engine,
            optimizer=rule,
        )
        assert len(made) == 1


@given(
    widths=st.lists(st.sampled_from([2, 3, 7, 17]), min_size=2, max_size=4),
    activation=st.sampled_from(["sigmoid", "relu"]),
    epsilon=st.sampled_from([1e-7, 1e-3, 0.1]),
    scale=st.sampled_from([0.5, 30.0]),
    h=st.sampled_from([1e-4, 0.1]),
    soft=st.booleans(),
    level=st.sampled_from(LEVELS),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=60)
def test_an_epsilon_inside_the_logarithm(widths, activation, epsilon, scale, h, soft, level, seed):
    """The book's ``-sum t log(softmax + 1e-7) / batch``, for every unit that a weight moves."""
    rng, batch = np.random.default_rng(seed), 4
    layers: list[mb.nn.Layer] = []
    for n_in, n_out in pairwise(widths):
        layers += [Affine(n_in, n_out, init=scale / n_in, dtype=np.float64, rng=rng),
                   ACTIVATIONS[activation]()]  # fmt: skip
    net = Sequential(*layers[:-1], loss="softmax_cross_entropy")
    x = rng.normal(size=(batch, widths[0]))
    t = rng.dirichlet(np.ones(widths[-1]), batch) if soft else np.eye(widths[-1])[
        rng.integers(0, widths[-1], batch)]  # fmt: skip
    structured = structured_gradient.StructuredGradient(net.layers, net.head, x, t, h)
    with patch.object(moves, "kernels", lambda: library.kernels_at(level)):
        native = moves.NativeMoves(
            structured.stages, structured.z, structured.z[-1], t, head=net.head, h=h,
            epsilon=epsilon,
        )  # fmt: skip
        example = np.arange(batch)
        for number, stage in enumerate(structured.stages):
            for unit in range(stage.affine.n_out):
                slopes = native.slopes(number, unit, example, np.full(batch, h))
                expected = np.zeros(batch)
                for sign in (1, -1):
                    z = structured.z[number].copy()
                    z[:, unit] += sign * h
                    for layer in stage.after:
                        z = layer.predict(z)
                    for later in structured.stages[number + 1 :]:
                        z = later.affine.predict(z)
                        for layer in later.after:
                            z = layer.predict(z)
                    losses = -(t * np.log(mb.softmax(z) + epsilon)).sum(axis=1)
                    expected += sign * losses / (batch * 2 * h)
                atol = 1e-13 * scale / h
                np.testing.assert_allclose(slopes, expected, rtol=0, atol=atol)

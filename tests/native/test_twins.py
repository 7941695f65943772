"""Every kernel equals its NumPy twin to float32 rounding, at every level of the processor.

Rounding is measured, not assumed: the bound of an array is a multiple of the errors of NumPy's own
float32 against float64, with the net's parameters and with such as differ in their last digits.
"""

from __future__ import annotations

import copy
import inspect
from fnmatch import fnmatchcase

import numpy as np
import pytest
from hypothesis import assume, given, settings, strategies as st

import mitbadak as mb
from kernels import needs_kernels
from mitbadak import nn, optim
from mitbadak.core.errors import UnknownNameError
from mitbadak.data import Dataset
from mitbadak.functions.convolution import pools
from mitbadak.functions.differentiable import value_of
from mitbadak.functions.windows import padded, windows
from mitbadak.native import library, support
from mitbadak.native.steps import NativeUpdater, why_not
from mitbadak.nn import Affine, Sequential, heads
from mitbadak.nn.activations import ACTIVATIONS
from mitbadak.training.updates import NumpyUpdater
from nets import Case, cases

pytestmark = needs_kernels
LEVELS = library.levels() or (0,)
IMAGE_LAYERS = (nn.Convolution, nn.MaxPooling, nn.AveragePooling)  # what they read is in tables
NOISE = 3**30  # a seed of more than 32 bits
KINK = 1e-4  # activations and errors nearer to one may fall on its other side by rounding
TIMES = 30  # the errors of two float32 computations differ by chance


def updater_at(level: int, net: Sequential, rule: optim.Optimizer, case: Case) -> NativeUpdater:
    updater = NativeUpdater(
        net, rule, case.data, max(map(len, case.batches)), augment=case.augment, noise_seed=NOISE,
        threads=case.threads,
    )  # fmt: skip
    updater.kernels = updater.evaluation.kernels = library.kernels_at(level)
    return updater


def numpy_step(net: Sequential, case: Case, step: int):
    """Loss, gradients and updated buffers of a batch in the net's dtype."""
    twin = NumpyUpdater(net, mb.SGD(0.1), case.data, 99, augment=case.augment, noise_seed=NOISE)
    loss = twin.forward(case.batches[step], step=step)
    return {"loss": np.array(loss), **twin.grads, **twin.updated_buffers}


def is_near_a_kink(net: Sequential, case: Case, step: int) -> bool:
    """Whether rounding may change which side of a kink a number is on."""
    x, t = case.data.batch(case.batches[step], np.float64)
    if case.augment is not None:
        x = case.augment(x, np.random.default_rng((NOISE, step, 1)))
    rng = np.random.default_rng((NOISE, step))
    for layer in net.layers:
        if isinstance(layer, (nn.ReLU, nn.LeakyReLU, nn.ELU)) and near(x, 0):
            return True
        if isinstance(layer, nn.MaxPooling) and has_near_ties(layer, x):
            return True
        x = value_of(layer.predict(x, training=True, rng=rng))
    return isinstance(net.head, nn.Huber) and near(abs(x - net.head.targets(x, t)), net.head.delta)


def has_near_ties(layer: nn.MaxPooling, x: np.ndarray) -> bool:
    """Whether rounding may change which entry of a window is the largest."""
    at = pools("", x.shape[2:], layer.size, layer.stride, layer.pad)
    framed = padded(x, at.pad, -np.inf)
    entries = windows(framed, size=at.size, stride=at.stride)
    ordered = np.sort(entries.reshape(*x.shape[:2], -1, *at.places), axis=2)
    if ordered.shape[2] < 2:
        return False
    with np.errstate(invalid="ignore"):
        gaps = ordered[:, :, -1] - ordered[:, :, -2]
    return bool(((gaps != 0) & (gaps < KINK * (1 + abs(x).max()))).any())


def near(x: np.ndarray, kink: float) -> bool:
    return bool(((x != kink) & (abs(x - kink) < KINK * (1 + abs(x).max()))).any())


def rounded(net: Sequential) -> list[Sequential]:
    """The net in float32, and with every parameter changed in its last digit or not."""
    nets = [net.astype(np.float32)]
    for seed in range(5):
        twin, rng = net.astype(np.float32), np.random.default_rng(seed)
        for p in twin.params.values():
            p *= (1 + 2.0**-23 * rng.integers(-1, 2, p.shape)).astype(np.float32)
        nets.append(twin)
    return nets


def largest_flow(net: Sequential, case: Case, step: int) -> float:
    """The largest gradient by the output of a layer: its rounding stays where terms cancel.

    Terms that cancel in NumPy's float32 too, as behind a normalization of equal examples, say
    nothing of it.
    """
    x, t = case.data.batch(case.batches[step], np.float64)
    if case.augment is not None:
        x = case.augment(x, np.random.default_rng((NOISE, step, 1)))
    rng, results = np.random.default_rng((NOISE, step)), []
    for layer in net.layers:
        results.append(layer.compute(x, training=True, rng=rng))
        x = results[-1].y
    flows = [net.head.vjp(x, t)[1](1.0)]
    for result in reversed(results):
        flows.append(result.pullbacks[0](flows[-1]))
    return max(abs(flow).max() for flow in flows)


def check_rounding(measured: dict, net: Sequential, case: Case, step: int) -> None:
    """Compare loss, gradients and buffers with those of float64."""
    expected = numpy_step(net, case, step)
    others = [numpy_step(twin, case, step) for twin in rounded(net)]
    largest = max(abs(a).max() for n, a in expected.items() if n in net.params)
    ulp = 2.0**-23 * largest_flow(net, case, step)
    for name, truth in expected.items():
        spread = max(abs(other[name] - truth).max() for other in others)
        bound = TIMES * spread + 1e-6 * abs(truth).max() + 1e-7 * largest
        bound += 2 * ulp if name in net.params else 0
        error = abs(measured[name] - truth).max()
        assert error <= bound, f"{name}: error {error:.1e}, at most {bound:.1e} is rounding"


@given(cases(), st.sampled_from(LEVELS))
@settings(max_examples=150)
def test_loss_gradients_and_running_statistics(case, level):
    net = case.net
    assert not why_not(net.astype(np.float32), mb.SGD(0.1), case.data, case.augment)
    for step in range(len(case.batches)):
        assume(not is_near_a_kink(net, case, step))
    twin = net.astype(np.float32)
    updater = updater_at(level, twin, mb.SGD(1e-30), case)
    for step, batch in enumerate(case.batches):
        loss = updater.forward(batch, step=step)
        measured = {"loss": loss, **{name: g.copy() for name, g in updater.grads.items()}}
        updater.update()
        updater.publish()
        check_rounding(measured | dict(twin.buffers), net, case, step)
        for name, b in net.buffers.items():
            twin.buffers[name][...] = b
        updater.absorb()
    updater.close()


RULES = {
    "sgd": lambda lr: optim.SGD(lr),
    "momentum": lambda lr: optim.Momentum(lr, 0.7),
    "nesterov": lambda lr: optim.Nesterov(lr, 0.8),
    "adagrad": lambda lr: optim.AdaGrad(lr),
    "rmsprop": lambda lr: optim.RMSProp(lr, 0.9),
    "adam": lambda lr: optim.Adam(lr, 0.8, 0.95),
    "adamw": lambda lr: optim.AdamW(lr, weight_decay=0.3),
    "lion": lambda lr: optim.Lion(lr, weight_decay=0.2),
}
RATES = st.one_of(
    st.sampled_from([0.1, 0.003]),
    st.builds(optim.Exponential, st.just(0.1), st.just(0.5)),
    st.builds(optim.WarmUp, st.just(optim.Cosine(0.1, 4)), st.just(2)),
    st.builds(optim.OneCycle, st.just(0.1), st.just(4)),
    st.builds(optim.StepDecay, st.just(0.1), st.just(1)),
)
TRANSFORMS = st.one_of(
    st.builds(optim.L2, st.sampled_from([0.01, 1.0])),
    st.builds(optim.L1, st.sampled_from([0.01, 1.0])),
    st.builds(optim.ClipValue, st.sampled_from([1e-3, 0.1])),
    st.builds(optim.ClipNorm, st.sampled_from([1e-2, 1.0, 1e3])),
)


@st.composite
def trainings(draw):
    """A case, and any rule with any schedule, penalties and clipping, also by groups."""
    plain = st.builds(lambda name, lr: RULES[name](lr), st.sampled_from(sorted(RULES)), RATES)
    plain |= st.builds(optim.Chain, TRANSFORMS, plain)
    plain |= st.builds(lambda rule: optim.Groups({"*": rule}), plain)
    case, one = draw(cases()), draw(plain)
    if draw(st.booleans()):
        patterns, left = [], list(case.net.params)
        for pattern in draw(st.sampled_from([("b*", "*"), ("W1", "*"), ("*1", "*2", "*")])):
            if any(fnmatchcase(name, pattern) for name in left):
                left = [name for name in left if not fnmatchcase(name, pattern)]
                patterns.append(pattern)
        one = optim.Groups({pattern: draw(plain) for pattern in patterns})
    transforms = draw(st.lists(TRANSFORMS, max_size=2))
    rule = optim.Chain(*transforms, one) if transforms else one
    try:
        copy.deepcopy(rule).checked_gradients(case.net.params, case.net.params)
    except UnknownNameError:  # a penalty on weights, for a group that has none
        assume(False)
    return case, rule


def clips_a_group(rule: optim.Optimizer, names: list[str], count: int = 0) -> bool:
    """Whether the norm of some of the gradients is clipped, for which there is no kernel."""
    count = count or len(names)
    if isinstance(rule, optim.Groups):
        return any(clips_a_group(one, keys, count) for one, keys in rule.split(names))
    if not isinstance(rule, optim.Chain):
        return False
    here = any(isinstance(t, optim.ClipNorm) for t in rule.transforms) and len(names) < count
    return here or clips_a_group(rule.rule, names, count)


@given(trainings())
@settings(max_examples=100)
def test_a_norm_of_some_of_the_gradients_has_no_kernel(training):
    case, rule = training
    reason = why_not(case.net.astype(np.float32), rule, case.data, case.augment)
    assert bool(reason) == clips_a_group(rule, list(case.net.params))
    assert not reason or "of one group" in reason


def are_moderate(updater: NativeUpdater) -> bool:
    """Whether gradients are far from overflow, as they are unless a training diverges."""
    return all(abs(g).max() < 1e9 for g in updater.grads.values())


def amplifies_rounding(rule: optim.Optimizer) -> bool:
    """Whether a difference of one bit may become one of a whole step."""
    text = repr(rule)
    penalties = "L1(" in text or "L2(" in text
    return "Lion" in text or (penalties and ("Ada" in text or "RMSProp" in text))


@given(trainings(), st.sampled_from(LEVELS))
@settings(max_examples=150)
def test_update_of_the_same_gradients(training, level):
    case, rule = training
    net, expected_rule = case.net.astype(np.float32), copy.deepcopy(rule)
    assume(not clips_a_group(rule, list(net.params)))
    assert not why_not(net, rule, case.data, case.augment)
    params = {name: p.copy() for name, p in net.params.items()}
    updater = updater_at(level, net, rule, case)
    for step, batch in enumerate(case.batches):
        updater.forward(batch, step=step)
        gradients = {name: g.copy() for name, g in updater.grads.items()}
        assume(are_moderate(updater))
        unchanged = all(not g.any() for g in gradients.values())
        updater.update()
        updater.publish()
        before = {name: p.copy() for name, p in params.items()}
        states = copy.deepcopy(expected_rule.state)
        expected_rule.update(params, {name: g.copy() for name, g in gradients.items()})
        assert rule.steps == expected_rule.steps
        assert rule.lr == expected_rule.lr
        for name, p in params.items():
            moved = abs(p - before[name]).max()
            atol = 4e-6 * moved + 3e-7 * abs(p).max() + (0 if unchanged else 1e-12)
            close = np.isclose(net.params[name], p, rtol=0, atol=atol)
            # Where a gradient and a penalty cancel to rounding, rules that take signs, or divide by
            # the size of what is left, may go either way.
            assert close.mean() >= 1 if not amplifies_rounding(rule) else close.mean() > 0.9
            params[name][...] = net.params[name]
        for slot, arrays in expected_rule.state.items():
            assert set(arrays) == set(rule.state[slot])
            for name, a in arrays.items():
                terms = [abs(a).max(), abs(states.get(slot, {}).get(name, a)).max()]
                atol = 2e-6 * max(terms)  # which may cancel
                np.testing.assert_allclose(rule.state[slot][name], a, rtol=2e-6, atol=atol)
                a[...] = rule.state[slot][name]
    updater.close()


def trained(case: Case, rule: optim.Optimizer, level: int, threads: int, at_once: bool):
    """Losses and all bits after training on a case's batches."""
    net, rule = case.net.astype(np.float32), copy.deepcopy(rule)
    case = copy.copy(case)
    case.threads = threads
    updater = updater_at(level, net, rule, case)
    if at_once:
        losses, refused = updater.run(case.batches, 0)
        assume(not refused and np.isfinite(losses).all())  # else the training diverges
    else:
        losses = []
        for step, batch in enumerate(case.batches):
            losses.append(updater.forward(batch, step=step))
            assume(are_moderate(updater))
            updater.update()
    measured = updater.evaluate(case.data)
    updater.close()
    arrays = {**net.params, **net.buffers}
    arrays |= {f"{slot}/{n}": a for slot, of in rule.state.items() for n, a in of.items()}
    return list(losses), measured, {name: a.copy() for name, a in arrays.items()}


def bits(result) -> tuple[str, dict[str, bytes]]:
    losses, measured, arrays = result
    losses = [float(loss) for loss in losses]
    return repr((losses, measured)), {name: a.tobytes() for name, a in arrays.items()}


@given(trainings(), st.sampled_from(LEVELS))
@settings(max_examples=100)
def test_any_number_of_threads_and_of_steps_at_once_gives_the_same_bits(training, level):
    case, rule = training
    assume(not clips_a_group(rule, list(case.net.params)))
    for at_once in (True, False):
        results = [bits(trained(case, rule, level, threads, at_once)) for threads in (1, 2, 3, 1)]
        assert results.count(results[0]) == 4
    single, many = (trained(case, rule, level, 1, at_once) for at_once in (False, True))
    assert bits(single) == bits(many)


@given(cases(), st.sampled_from(LEVELS))
@settings(max_examples=100)
def test_evaluation_and_frozen_nets(case, level):
    net = case.net
    twin = net.astype(np.float32)
    updater = updater_at(level, twin, mb.SGD(0.1), case)
    measured, expected = updater.evaluate(case.data), mb.evaluate(net, case.data)
    assert set(expected) <= {"loss", "accuracy"}  # another measure is to be compared below
    part = Dataset(case.data.x, case.data.t, case.data.divisor, np.arange(len(case.data))[::-2])
    of_part, expected_of_part = updater.evaluate(part), mb.evaluate(net, part)
    updater.close()
    x, _ = case.data.batch(slice(None), np.float64)
    scores = value_of(net.scores(x))
    others = [value_of(other.scores(x.astype(np.float32))) for other in rounded(net)]
    spread = max(abs(other - scores).max() for other in others)
    atol = TIMES * spread + 1e-6 * abs(scores).max()
    size = abs(scores).max() + abs(np.asarray(case.data.t)).max() + 1
    for results, wanted in ((measured, expected), (of_part, expected_of_part)):
        assert list(results) == list(wanted)
        assert results["loss"] == pytest.approx(
            wanted["loss"], rel=1e-5, abs=4 * atol * size * net.n_out + 1e-6
        )
    decided = (
        np.sort(scores, axis=1)[:, -1] - np.sort(scores, axis=1)[:, -2:].min(axis=1) > 2 * atol
    )
    if "accuracy" in expected and decided.all() and abs(scores).min() > atol:
        assert measured["accuracy"] == pytest.approx(expected["accuracy"])
        assert of_part["accuracy"] == pytest.approx(expected_of_part["accuracy"])
    predictor = mb.Predictor(twin, engine="compiled")
    predictor._kernels.kernels = library.kernels_at(level)
    answers = net.answer(scores)  # no further apart than the scores
    np.testing.assert_allclose(predictor.predict(x), answers, rtol=0, atol=atol)
    for one, row in zip(x, answers, strict=True):
        np.testing.assert_allclose(predictor.predict(one), row, rtol=0, atol=atol)


# What has a kernel.


def settings_of(kind: type) -> set[str]:
    """The arguments of a class that are settings of an update or of a layer."""
    names = set(inspect.signature(kind).parameters)
    return names - {"lr", "weight_decay", "n", "n_in", "n_out", "dtype", "momentum"}


@pytest.mark.parametrize("kind", [*support.LAYER_CODES, *support.HEAD_CODES],
                         ids=lambda kind: kind.__name__)  # fmt: skip
def test_kernels_get_the_setting_of_a_layer_or_a_head(kind):
    expected = set() if kind in (Affine, *IMAGE_LAYERS) else settings_of(kind)
    assert {support.SETTINGS.get(kind, "")} - {""} == expected


@pytest.mark.parametrize("kind", support.RULE_CODES, ids=lambda kind: kind.__name__)
def test_kernels_get_the_settings_of_a_rule_and_tests_draw_it(kind):
    named = set(support.RULE_SETTINGS[kind]) - {"", "momentum"}
    assert named == settings_of(kind)
    assert ("momentum" in inspect.signature(kind).parameters) == (
        "momentum" in support.RULE_SETTINGS[kind]
    )
    assert kind in {type(make(0.1)) for make in RULES.values()}


def test_everything_of_the_house_has_a_kernel():
    """Something new may stay on NumPy; then it is named here, and tests draw what has one."""
    assert set(ACTIVATIONS.values()) == set(support.ACTIVATION_CODES)
    assert set(heads.HEADS.values()) == set(support.HEAD_CODES)
    assert set(support.RULE_SETTINGS) == set(support.RULE_CODES)

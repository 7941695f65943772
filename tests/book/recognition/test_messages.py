"""What recognition says, and when it stops trusting itself."""

from __future__ import annotations

import ast
import threading
from pathlib import Path

import numpy as np
import pytest

from book.recognition import learners
from book.recognition.learners import TwoLayerNet, batch
from mitbadak.book import recognition
from mitbadak.book.recognition import Recognizer, fast_gradient, recognizer, words, wrap
from mitbadak.core.errors import RangeError, UnknownNameError

ROOM = Path(recognition.__file__).parent


def reasons_in_the_code():
    """The first argument of every refusal."""
    for path in ROOM.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args:
                name = ast.unparse(node.func).rpartition(".")[2]
                given = node.args[0]
                if name in ("refuse", "UntraceableError") and isinstance(given, ast.Constant):
                    yield given.value


def test_every_reason_has_words_in_both_languages():
    used = {*reasons_in_the_code(), "array", "large", "own"}
    assert used == set(words.REASONS)
    for texts in (*words.REASONS.values(), words.RECOGNISED, words.FORECAST, words.DISTRUSTED):
        assert set(texts) == {"en", "ko"}
        fields = [{part.split(":")[0].split("}")[0] for part in text.split("{")[1:]}
                  for text in texts.values()]  # fmt: skip
        assert fields[0] == fields[1]
        assert any("가" <= letter <= "힣" for letter in texts["ko"])
        assert not any("가" <= letter <= "힣" for letter in texts["en"])


@pytest.fixture
def slow_machine(monkeypatch):
    """Every wait is long enough to be announced."""
    monkeypatch.setattr(recognizer, "LONG_SECONDS", 0.0)


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_a_recognised_net_is_reported_once(lang, rng):
    lines = []
    net, known = TwoLayerNet(20, 9, 8, 1.0, rng=rng), Recognizer(lang, lines.append)
    for _ in range(3):
        x, t = batch(rng, 10, 20, 8)
        assert all(v is not None for v in net.gradient_with(known.gradient, x, t).values())
    (line,) = lines
    assert "180" in line
    assert ("recognised" if lang == "en" else "알아보았습니다") in line
    assert "\n" not in line


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_what_is_not_recognised_is_forecast_before_the_wait(lang, rng, slow_machine):
    lines, W = [], rng.standard_normal((10, 10))
    draw = np.random.default_rng(0)
    known = Recognizer(lang, lines.append)
    for _ in range(3):
        assert known.gradient(lambda V: draw.random() + np.sum(W), W) is None
    (line,) = lines
    assert "200" in line
    assert words.REASONS["random"][lang] in line
    assert known.why == ("random", "")
    assert draw.random() == np.random.default_rng(0).random()


def test_a_faulty_definition_is_forecast_too(rng, slow_machine, capsys):
    W = rng.standard_normal((10, 10))
    own = wrap(lambda f, x: np.zeros_like(x), Recognizer())
    assert not own(lambda V: np.sum(V), W).any()
    assert "not the central difference of the definition" in capsys.readouterr().err


def test_lines_go_to_stderr(rng, capsys):
    W = rng.standard_normal((10, 10))
    assert fast_gradient(lambda V: np.sum(V**2), W) is not None
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith("numerical gradient: f is recognised (its own operations")


def test_wrong_settings_are_refused(rng):
    with pytest.raises(UnknownNameError, match="kr"):
        Recognizer("kr")
    with pytest.raises(RangeError, match="h"):
        Recognizer().gradient(np.sum, rng.standard_normal((10, 10)), h=0.0)


@pytest.mark.parametrize("hidden", ["everywhere", "one entry"])
def test_what_the_trace_cannot_see_is_found_by_the_checks(hidden, rng):
    """An array in a generator's frame cannot be replaced; f reads it there and elsewhere."""
    W, x = rng.standard_normal((12, 8)), rng.random((6, 12))
    net = {"W": W}

    def weights():
        inner = W
        while True:
            yield inner

    source = weights()
    next(source)

    def f(_):
        out_of_sight = next(source)
        part = out_of_sight if hidden == "everywhere" else out_of_sight[3, 4]
        return np.mean((x @ net["W"]) ** 2) + np.sum(part**2)

    lines = []
    known = Recognizer(say=lines.append)
    assert known.gradient(f, W) is None
    assert known.why is not None
    assert known.why[0] == "mismatch"
    assert "differs from the definition" in lines[0]
    lines.clear()
    assert known.gradient(f, W) is None
    assert not lines, "said once; and f is left to the definition for good"


def test_a_gradient_of_kernels_that_is_wrong_is_found(rng, monkeypatch):
    net = TwoLayerNet(20, 9, 8, 1.0, rng=rng)
    x, t = batch(rng, 10, 20, 8)
    true = recognizer.CentralDifferences.gradient
    for fault in (lambda g: 1.01 * g, lambda g: np.roll(g, 1), lambda g: g * 0, lambda g: -g):
        monkeypatch.setattr(
            recognizer.CentralDifferences, "gradient", lambda self, fault=fault: fault(true(self))
        )
        known = Recognizer(say=lambda line: None)
        assert known.gradient(lambda W: net.loss(x, t), net.params["W1"]) is None
        assert known.why is not None
        assert known.why[0] == "mismatch"


@pytest.mark.parametrize("h", [1e-2, 0.5])
def test_a_step_so_wide_that_differences_are_no_slopes(h, rng):
    net = TwoLayerNet(20, 9, 8, 1.0, rng=rng)
    x, t = batch(rng, 10, 20, 8)
    W, known = net.params["W1"], Recognizer(say=lambda line: None)
    value = known.gradient(lambda _: net.loss(x, t), W, h=h)
    assert value is not None, known.why
    above, below = np.zeros_like(W), np.zeros_like(W)
    for at in np.ndindex(*W.shape):
        for side, sign in ((above, 1), (below, -1)):
            before, W[at] = W[at], W[at] + sign * h
            side[at], W[at] = net.loss(x, t), before
    np.testing.assert_allclose(value, (above - below) / (2 * h), rtol=0, atol=1e-12 / h)


def test_pixels_that_were_not_scaled(rng):
    """One step of the definition then moves a unit far, and the loss is at its cap."""
    net = TwoLayerNet(20, 9, 8, 0.02, rng=rng)
    x, t = batch(rng, 10, 20, 8)
    known = Recognizer(say=lambda line: None)
    x = np.round(255 * x)
    for key, value in net.gradient_with(known.gradient, x, t).items():
        assert value is not None, known.why
        slow = learners.numerical_gradient(lambda W: net.loss(x, t), net.params[key])
        np.testing.assert_allclose(value, slow, rtol=0, atol=2e-10)


def test_other_threads_go_on_printing(rng, capsys):
    W, x = rng.standard_normal((12, 8)), rng.random((6, 12))

    def f(_):
        thread = threading.Thread(target=print, args=("from another thread",))
        thread.start()
        thread.join()
        return np.mean((x @ W) ** 2)

    assert fast_gradient(f, W, recognizer=Recognizer(say=lambda line: None)) is not None
    assert "from another thread" in capsys.readouterr().out

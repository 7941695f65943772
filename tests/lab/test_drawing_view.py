"""The session of the drawing pad, without a browser."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from mitbadak.data.images import as_digit, digit_of_ink
from mitbadak.data.mnist import load_mnist
from mitbadak.functions.numerical import central_differences
from mitbadak.lab.drawing import nets, session
from mitbadak.lab.drawing.ink import digit_of, drawn
from mitbadak.lab.drawing.nets import DIGITS, OwnNet, Reader, reader_of, runs_of_digits, scaled
from mitbadak.lab.drawing.reading import looks_for, read, shown_layers, with_noise
from mitbadak.lab.drawing.session import DrawingView
from mitbadak.lab.schema import RefusedError
from mitbadak.lab.wire import packed
from mitbadak.nn import MLP, ConvNet

SEVEN = [[60, 60, 0], [200, 60, 1], [120, 250, 1]]


def small(activation: str = "tanh") -> Reader:
    return Reader(MLP([784, 6, 5, 10], activation, rng=1, dtype=np.float64), DIGITS, scaled, "")


def convolving() -> Reader:
    net = ConvNet((1, 28, 28), [3], [8, 10], rng=1)
    return Reader(net, DIGITS, lambda x: (x / 255).reshape(1, 1, 28, 28).astype(np.float32), "")


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> OwnNet:
    """A net of the lab that is ready at once."""
    own = OwnNet()
    own.done, own.reader, own.accuracy = own.total, small(), 0.5
    monkeypatch.setattr(session, "OWN", own)
    return own


def told(view: DrawingView) -> dict[str, session.Frame]:
    frames = view.frames()
    for frame in frames:
        packed(frame)
    return {frame.content["type"]: frame for frame in frames}


# ---- ink


@pytest.mark.parametrize("move", [(0, 0), (40, 20), (-50, 25)])
@pytest.mark.parametrize("pen", [14, 24, 40])
def test_a_digit_is_the_same_wherever_it_is_drawn(move, pen):
    strokes = [
        [x + move[0], y + move[1], on] for x, y, on in [[90, 90, 0], [170, 90, 1], [120, 200, 1]]
    ]
    digit = digit_of(strokes, pen)
    assert digit is not None
    rows, columns = np.indices(digit.shape)
    middle = [(axis * digit).sum() / digit.sum() for axis in (rows, columns)]
    assert np.allclose(middle, 14, atol=0.6)
    ink = np.argwhere(digit > 0)
    assert max(np.ptp(ink, axis=0)) + 1 == 20


def test_ink_of_the_pad_becomes_what_the_reader_of_pictures_makes_of_it():
    ink = drawn(SEVEN, 24)
    assert np.abs(digit_of_ink(ink) - as_digit(ink)).mean() < 3  # of 255


def test_strokes_do_not_run_into_each_other():
    apart = drawn([[40, 40, 0], [40, 240, 1], [240, 40, 0], [240, 240, 1]], 20)
    assert not apart[70, 70]
    assert apart[70, 20]
    assert apart[70, 120]


def test_points_off_the_pad_are_drawn_at_its_edge():
    assert drawn([[-280, 140, 0], [280, 140, 1]], 20)[70].all()
    assert digit_of([], 24) is None


# ---- reading


@pytest.mark.parametrize("reader", [small("tanh"), small("sigmoid")])
def test_the_gradient_is_that_of_the_score_by_its_definition(reader):
    digit = digit_of(SEVEN, 24)
    assert digit is not None
    cut = [(1, 2), (3, 0)]
    found = read(reader, reader.net, digit, cut=cut, asked=4)

    def score(row: np.ndarray) -> float:
        probe = Reader(reader.net, reader.classes, lambda _: row.reshape(1, -1), "")
        layers = read(probe, reader.net, digit, cut=cut).layers
        return float(layers[-1].values[4])

    expected = central_differences(score, [scaled(digit).astype(float)], progress=False)
    np.testing.assert_allclose(found.gradient.ravel(), expected.gradients[0].ravel(), atol=1e-8)
    assert found.gradient.any()


@pytest.mark.parametrize("reader", [small(), convolving()])
def test_a_whole_net_answers_as_the_library_does(reader):
    digit = digit_of(SEVEN, 24)
    assert digit is not None
    found = read(reader, reader.net, digit)
    expected = reader.net.predict(reader.rows(digit))[0]
    np.testing.assert_allclose(found.probabilities, expected, rtol=1e-5)
    assert found.asked == int(np.argmax(expected))
    assert [seen.number for seen in found.layers] == shown_layers(reader.net)


@pytest.mark.parametrize("reader", [small(), convolving()])
def test_a_cut_unit_is_silent_and_changes_the_scores(reader):
    digit = digit_of(SEVEN, 24)
    assert digit is not None
    whole = read(reader, reader.net, digit)
    first = whole.layers[0]
    unit = int(np.argmax(np.abs(first.values).reshape(len(first.values), -1).max(axis=1)))
    broken = read(reader, reader.net, digit, cut=[(first.number, unit), (first.number, 10**6)])
    assert not broken.layers[0].values[unit].any()
    assert (broken.layers[-1].values != whole.layers[-1].values).any()
    assert first.values[unit].any()  # the earlier reading is untouched


def test_noise_is_on_a_copy_and_repeats():
    net = small().net
    before = {name: array.copy() for name, array in net.params.items()}
    noisy, again, other = (with_noise(net, 0.5, seed) for seed in (1, 1, 2))
    for name, array in before.items():
        assert (net.params[name] == array).all()
        assert (noisy.params[name] == again.params[name]).all()
    assert (noisy.params["W1"] != other.params["W1"]).any()
    assert with_noise(net, 0.0, 1) is net


def test_only_units_of_the_first_layer_look_for_a_picture():
    net = small().net
    for layer in (0, 1):
        np.testing.assert_array_equal(
            looks_for(net, layer, 3), net.params["W1"][:, 3].reshape(28, 28)
        )
    assert looks_for(net, 3, 0) is None
    assert looks_for(net, 1, 6) is None
    assert looks_for(convolving().net, 0, 0) is None


# ---- the session


def test_a_stroke_is_answered_in_the_next_frame(own):
    view = DrawingView()
    view.receive({"type": "hello"})
    first = told(view)
    assert set(first) == {"settings", "runs", "training", "reading"}
    assert first["reading"].content["empty"]
    assert told(view) == {}
    view.receive({"type": "set", "settings": {"strokes": SEVEN}})
    reading = told(view)["reading"]
    assert not reading.content["empty"]
    assert sum(reading.content["probabilities"]) == pytest.approx(1)
    digit = np.frombuffer(reading.buffers[0], "<f4").reshape(28, 28)
    expected = digit_of(SEVEN, 24)
    assert expected is not None
    np.testing.assert_allclose(digit, expected)
    contribution = np.frombuffer(reading.buffers[2], "<f4").reshape(28, 28)
    assert not contribution[digit == 0].any()


def test_what_is_broken_is_told_beside_the_whole_net(own):
    view = DrawingView()
    view.receive({"type": "set", "settings": {"strokes": SEVEN, "noise": 2.0, "cut": [[1, 0]]}})
    content = told(view)["reading"].content
    assert content["unbroken"] != content["probabilities"]
    view.receive({"type": "set", "settings": {"noise": 0.0, "cut": []}})
    content = told(view)["reading"].content
    assert content["unbroken"] == content["probabilities"]


@pytest.mark.parametrize("name", ["../secret", "/etc", "missing", "."])
def test_only_runs_that_are_listed_can_be_chosen(own, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs").mkdir()
    view = DrawingView()
    view.receive({"type": "set", "settings": {"run": name}})
    view.frames()
    frames = told(view)
    assert "no run of that name" in frames["refused"].content["text"][0]
    assert view.settings["run"] == ""


def test_the_net_of_a_run_reads_too(own, tmp_path, monkeypatch):
    from mitbadak.runs import Session, TrainConfig

    monkeypatch.chdir(tmp_path)
    config = TrainConfig.for_data("mnist", epochs=1, hidden=(5,), batch_size=6000)
    Session.start(config, Path("runs/small")).train()
    spiral = TrainConfig.for_data("spiral", epochs=1)
    Session.start(spiral, Path("runs/spiral")).train()
    assert "small" in runs_of_digits()
    reader = reader_of("small")
    (_, _), (x, _) = load_mnist(normalize=False)
    np.testing.assert_allclose(reader.rows(x[0].reshape(28, 28).astype(float)), scaled(x[0]))
    with pytest.raises(RefusedError, match="does not sort pictures of 28 x 28 pixels"):
        reader_of("spiral")


def test_a_page_that_leaves_ends_the_training(monkeypatch):
    own = OwnNet()
    monkeypatch.setattr(session, "OWN", own)
    monkeypatch.setattr(nets, "EPOCHS", 10_000)
    own.total = 10**9
    view = DrawingView()
    view.receive({"type": "hello"})
    view.frames()
    assert own.thread is not None
    assert own.waiting == {view}
    end = time.monotonic() + 120
    while not own.done and time.monotonic() < end:
        time.sleep(0.02)
    view.close()
    own.thread.join(120)
    assert not own.thread.is_alive()
    assert not own.problem
    view.frames()
    assert not own.waiting  # a frame after the end does not begin it again


def test_a_net_that_cannot_be_trained_says_why(monkeypatch):
    def missing():
        raise FileNotFoundError("MNIST is missing")

    own = OwnNet()
    monkeypatch.setattr(session, "OWN", own)
    monkeypatch.setattr(nets, "mnist_datasets", missing)
    view = DrawingView()
    view.receive({"type": "hello"})
    before = told(view)
    assert own.thread is not None
    own.thread.join(60)
    after = {**before, **told(view)}
    assert after["training"].content["problem"][0] == "MNIST is missing"
    assert "reading" not in after

"""The failures of the notes themselves: the doctor names what their authors never found."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import mitbadak as mb
from mitbadak.doctor.doctor import Doctor


def numerical_gradient(f: Any, x: np.ndarray) -> np.ndarray:
    """As the book writes it."""
    h, grad = 1e-4, np.zeros(x.size)
    for k in range(x.size):
        kept = x[k]
        x[k] = kept + h
        above = f(x)
        x[k] = kept - h
        grad[k] = (above - f(x)) / (2 * h)
        x[k] = kept
    return grad


def descent(lr: float, start: np.ndarray, steps: int = 100) -> Doctor:
    """Gradient descent on x0^2 + x1^2, watched."""
    x, doctor = start, Doctor()

    def f(x: np.ndarray) -> float:
        with np.errstate(over="ignore"):
            return float(x[0] ** 2 + x[1] ** 2)

    for _ in range(steps):
        grad = numerical_gradient(f, x)
        with np.errstate(all="ignore"):
            x -= (lr * grad).astype(x.dtype)
        doctor.observe(params=x, grads=grad, loss=f(x), lr=lr, loss_of=lambda x=x: f(x))
    return doctor


@pytest.mark.parametrize(
    ("lr", "start", "code"),
    [
        (0.1, np.array([-3.0, 4.0]), ""),
        (10.0, np.array([-3.0, 4.0]), "lost-to-rounding"),
        (1e-10, np.array([-3.0, 4.0]), "lr-too-small"),
        (1.0, np.array([-3.0, 4.0]), "lr-too-large"),
        (0.1, np.array([-3, 4]), "integer-parameters"),
    ],
)
def test_descents_of_the_notes(lr: float, start: np.ndarray, code: str) -> None:
    first = descent(lr, start.copy()).report().first
    assert (first.code if first else "") == code, str(first)


def notes_net(update: Any, scale: float = 1.0, steps: int = 150) -> tuple[Any, Doctor]:
    """The notes' two-layer net on MNIST, trained by hand."""
    (x, t), _ = mb.load_mnist()
    net, rng, doctor = mb.TwoLayerNet(784, 50, 10, rng=0), np.random.default_rng(0), Doctor()
    for _ in range(steps):
        rows = rng.choice(len(x), 100)
        batch, labels = scale * x[rows], t[rows]
        grad = net.gradient(batch, labels)
        for key in ("W1", "b1", "W2", "b2"):
            update(net, key, grad)
        doctor.observe(
            params=net.params, grads=grad, loss=net.loss(batch, labels), batch=(batch, labels),
            outputs=net.predict(batch), lr=0.1,
            loss_of=lambda batch=batch, labels=labels: net.loss(batch, labels),
        )  # fmt: skip
    return net, doctor


def test_lr_plus_gradient_and_the_one_class_it_answers() -> None:
    def update(net: Any, key: str, grad: Any) -> None:
        net.params[key] -= 0.1 + grad[key]

    net, doctor = notes_net(update)
    report = doctor.report()
    assert report.findings[0].evidence["kind"] == "plus"
    answered = next(f for f in report.findings if f.code == "one-class-answered")
    _, (x_test, t_test) = mb.load_mnist()
    answers = net.predict(x_test).argmax(axis=1)
    assert set(answers) == {answered.evidence["answer"]}
    assert answered.evidence["share"] == pytest.approx(
        np.mean(t_test == answers[0]), abs=0.02
    )  # of the examples seen


def test_the_notes_own_net_is_sound() -> None:
    def update(net: Any, key: str, grad: Any) -> None:
        net.params[key] -= 0.1 * grad[key]

    _, doctor = notes_net(update)
    assert doctor.report().first is None, str(doctor.report())


def test_pixels_that_were_not_divided() -> None:
    def update(net: Any, key: str, grad: Any) -> None:
        net.params[key] -= 0.1 * grad[key]

    _, doctor = notes_net(update, scale=255.0)
    first = doctor.report().first
    assert first is not None
    assert first.code == "inputs-not-normalised"
    assert first.evidence["largest"] == 255

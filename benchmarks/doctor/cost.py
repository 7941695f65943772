"""What watching costs: trainings with the doctor and without, in turn, on MNIST.

``fit`` is the README's job; the loop is the notes' own, by backpropagation, with everything that
``observe`` can be told.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import mitbadak as mb

EPOCHS, STEPS = 5, 600


def fitted(engine: str, watched: bool) -> Any:
    (x, t), test = mb.load_mnist()
    net = mb.MLP([784, 50, 10], rng=0)
    callbacks = [mb.Doctor()] if watched else []
    began = time.perf_counter()
    mb.fit(net, (x, t), test=test, epochs=EPOCHS, engine=engine, rng=0, progress=False,
           callbacks=callbacks)  # fmt: skip
    return time.perf_counter() - began, [net.params[name].tobytes() for name in net.params]


def looped(watched: bool, told: bool) -> Any:
    (x, t), _ = mb.load_mnist()
    net, doctor = mb.TwoLayerNet(784, 50, 10, rng=0), mb.Doctor()
    rng = np.random.default_rng(0)
    began = time.perf_counter()
    for _ in range(STEPS):
        rows = rng.choice(len(x), 100)
        batch, labels = x[rows], t[rows]
        loss, grads = net.loss_and_gradient(batch, labels)
        for name in grads:
            net.params[name] -= 0.1 * grads[name]
        if not watched:
            continue
        more: dict[str, Any] = {}
        if told:
            more = {"net": net, "lr": 0.1,
                    "loss_of": lambda x=batch, t=labels: net.loss(x, t)}  # fmt: skip
        doctor.observe(params=net.params, grads=grads, loss=loss, batch=(batch, labels), **more)
    return time.perf_counter() - began, [net.params[name].tobytes() for name in net.params]


CASES: dict[str, Callable[[bool], Any]] = {
    "fit on kernels": lambda watched: fitted("auto", watched),
    "fit on NumPy": lambda watched: fitted("numpy", watched),
    "a loop, params, grads, loss, batch": lambda watched: looped(watched, told=False),
    "a loop, net, lr and loss_of besides": lambda watched: looped(watched, told=True),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=15)
    asked = parser.parse_args()
    for name, case in CASES.items():
        ratios, same = [], True
        case(True)
        for number in range(asked.rounds):
            order = (True, False) if number % 2 else (False, True)
            took = {watched: case(watched) for watched in order}
            ratios.append(took[True][0] / took[False][0])
            same &= took[True][1] == took[False][1]
        low, middle, high = np.quantile(ratios, [0.1, 0.5, 0.9])
        print(f"{name:38s} {middle:.3f} ({low:.3f}-{high:.3f}), "
              f"{'the same bits' if same else 'OTHER BITS'}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()

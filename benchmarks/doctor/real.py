"""Real faults of learners' programs, rebuilt: what the doctor names first.

The numbers are those of the collection that the faults were restated from. Sets that cannot be had
offline are generated in their shape: ``cars`` has the 392 rows and 9 columns of auto-mpg with a
smooth surface of the same mean and spread; the digits are MNIST's. Nets of 500 units have 100 here.
"""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
from doctor.altered import HEADS
from doctor.loops import Loop, examples, run

import mitbadak as mb
from doctor import faults
from mitbadak.doctor.doctor import Doctor

Made = Callable[[np.random.Generator], Loop]
SEEDS = 5


def net(sizes: list[int], activation: str, rng: np.random.Generator, *, init: Any = "he",
        numbers: bool = True) -> Any:  # fmt: skip
    loss = "mean_squared_error" if numbers else "softmax_cross_entropy"
    seed = int(rng.integers(1 << 30))
    return mb.MLP(sizes, activation, init=init, loss=loss, rng=seed, dtype=np.float64)


def loop(x: np.ndarray, t: np.ndarray, made: Any, rule: str, lr: float, batch: int, steps: int,
         rng: np.random.Generator) -> Loop:  # fmt: skip
    kind = "numbers" if t.dtype.kind == "f" else "classes"
    return Loop(x, t, made, rule, lr, batch, rng, steps, labels={"set": kind})


def cars(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    x = rng.normal(size=(392, 9))
    x[:, 1:4] = x[:, :1] + 0.4 * x[:, 1:4]  # size, power and weight go together
    y = -x[:, :1] - 0.5 * np.tanh(x[:, 3:4]) + 0.4 * x[:, 6:7] + 0.3 * x[:, 0:1] * x[:, 6:7]
    y = y + 0.3 * rng.normal(size=y.shape)
    return (x - x.mean(axis=0)) / x.std(axis=0), 23.5 + 7.8 * (y - y.mean()) / y.std()


def car_loop(rng: np.random.Generator, *, lr: float = 1e-3, init: Any = "he", steps: int = 800
             ) -> Loop:  # fmt: skip
    x, t = cars(rng)
    return loop(x, t, net([9, 64, 64, 1], "relu", rng, init=init), "adam", lr, 32, steps, rng)


def ones_and_zeros(rng: np.random.Generator) -> Loop:
    t = rng.integers(0, 2, (200, 1)).astype(float)
    made = net([128, 50, 50, 1], "relu", rng)
    made.head = HEADS["softmax on one unit"]
    return loop(np.repeat(t, 128, axis=1), t, made, "rmsprop", 1e-3, 32, 200, rng)


def two_squares(rng: np.random.Generator) -> Loop:
    t = rng.integers(0, 2, 200)
    x = rng.uniform(0, 1, (200, 2)) + t[:, None]
    made = net([2, 2, 2], "relu", rng, init="xavier", numbers=False)
    return loop(x, t, made, "adam", 1e-3, 32, 35, rng)


def curve(rng: np.random.Generator) -> Loop:
    x = np.linspace(-5, 5, 50)[:, None]
    t = 5 * x**2 + rng.normal(size=x.shape) ** 3
    return loop(x, t, net([1, 50, 30, 1], "relu", rng), "sgd", 0.1, 50, 200, rng)


def labels_scaled(rng: np.random.Generator) -> Loop:
    x, t = examples("mnist", rng)
    made = net([784, 128, 10], "relu", rng, numbers=False)
    made.head = HEADS["labels cut off"]
    result = loop(x, t / 255, made, "adam", 1e-3, 100, 100, rng)
    result.test = x[:500] * 255, t[:500]
    return result


def relu_head(rng: np.random.Generator) -> Loop:
    x, t = examples("mnist", rng)
    made = net([784, 100, 10], "relu", rng, numbers=False)
    made.head = HEADS["relu"]
    return loop(x, t, made, "adam", 0.01, 100, 150, rng)


def slow_line(rng: np.random.Generator) -> Loop:
    x = rng.uniform(0, 10, (100, 1))
    return loop(x, 3 * x + 2, net([1, 1], "identity", rng), "rmsprop", 1e-3, 32, 600, rng)


def letters(rng: np.random.Generator) -> Loop:
    x = rng.integers(65, 71, (21, 3)).astype(float)
    t = (np.arange(21) % 21 < 8).astype(float)[:, None]
    made = net([3, 12, 3, 1], "relu", rng, init=0.03)
    made.head = HEADS["sigmoid of numbers"]
    return loop(x, t, made, "adam", 1e-3, 21, 200, rng)


def entropy_of_numbers(rng: np.random.Generator) -> Loop:
    x, t = cars(rng)
    made = net([9, 64, 1], "relu", rng)
    made.head = HEADS["binary cross entropy of numbers"]
    return loop(50 + 20 * x, t, made, "sgd", 0.01, 32, 200, rng)


def uphill(rng: np.random.Generator) -> Loop:
    result = car_loop(rng, steps=200)
    faults.FAULTS["uphill"].plant(result)
    return result


def broadcast(rng: np.random.Generator) -> Loop:
    result = car_loop(rng)
    result.t = result.t[:, 0]
    result.net.head = HEADS["square of errors"]
    return result


def softmax_at_the_end(rng: np.random.Generator) -> Loop:
    result = car_loop(rng, steps=100)
    result.net.head = HEADS["softmax on one unit"]
    return result


def equal(rng: np.random.Generator) -> Loop:
    result = car_loop(rng)
    faults.FAULTS["equal weights"].plant(result)
    return result


def divided_twice(rng: np.random.Generator) -> Loop:
    result = car_loop(rng, steps=300)
    result.x = result.x / np.ptp(result.x, axis=0) / 300
    return result


def wide_start(rng: np.random.Generator) -> Loop:
    x, t = examples("mnist", rng)
    made = net([784, 100, 100, 100, 10], "relu", rng, init=1.0, numbers=False)
    return loop(x, t, made, "adam", 0.003, 100, 60, rng)


def summed(rng: np.random.Generator) -> Loop:
    x, t = examples("mnist", rng)
    made = net([784, 10], "identity", rng, init=1.0, numbers=False)
    result = loop(x, t, made, "sgd", 0.01, 100, 150, rng)
    faults.FAULTS["no mean over the batch"].plant(result)
    return result


def line(low: float, high: float) -> Made:
    def make(rng: np.random.Generator) -> Loop:
        x = rng.uniform(low, high, (40, 1))
        return loop(x, 2 * x + 1, net([1, 1], "identity", rng), "sgd", 0.1, 40, 100, rng)

    return make


def parabola(rng: np.random.Generator) -> Loop:
    v = np.array([1.0, 2.0, 3.0, 4.0])[:, None]
    made = net([2, 1], "identity", rng)
    # A sum of four errors at 0.01 is a mean of them at 0.04.
    return loop(np.concatenate([v, v**2], axis=1), 1 + v + v**2, made, "sgd", 0.04, 4, 100, rng)


def large_targets(rng: np.random.Generator) -> Loop:
    x = rng.uniform(0, 99, (100, 1))
    return loop(x, x**2 + 3, net([1, 1, 1], "identity", rng), "sgd", 0.01, 10, 100, rng)


def three_points(rng: np.random.Generator) -> Loop:
    x, t = np.array([[0.0], [0.5], [1.0]]), np.array([[0.1], [0.4], [0.3]])
    return loop(x, t, net([1, 10, 1], "tanh", rng), "adam", 1e-5, 3, 1000, rng)


def copied(rng: np.random.Generator) -> Loop:
    x, t = examples("moons", rng)
    made = net([x.shape[1], 20, 7, 5, 2], "relu", rng, init=0.01, numbers=False)
    result = loop(x, t, made, "sgd", 0.0075, 50, 200, rng)
    faults.FAULTS["update of a copy"].plant(result)
    return result


def noisy_rows(rng: np.random.Generator) -> Loop:
    x = rng.normal(size=(16, 2))
    t = 0.8 + rng.normal(size=(16, 1))
    return loop(x, t, net([2, 4, 1], "tanh", rng), "adam", 0.01, 16, 500, rng)


def fine_epsilon(rng: np.random.Generator) -> Loop:
    result = car_loop(rng)
    result.eps = 1e-16
    return result


def penalized(rng: np.random.Generator) -> Loop:
    result = car_loop(rng)
    result.gradient = lambda loop, grads: {
        key: g + 0.1 * loop.net.params[key] * key.startswith("W") for key, g in grads.items()
    }
    # The loss that is asked for has the penalty too, as that of a program with one has.
    result.asked = lambda x, t: (
        result.net.loss(x, t)
        + 0.05
        * sum(float(np.sum(w**2)) for key, w in result.net.params.items() if key.startswith("W"))
    )
    return result


SCALES = ("lr-too-large", "inputs-not-normalised", "targets-not-normalised")
SLOW = ("lr-too-small", "too-little-training")
REAL: dict[str, tuple[Made, tuple[str, ...]]] = {
    "2 softmax on one unit": (ones_and_zeros, ("softmax-on-one-unit",)),
    "5 five epochs": (two_squares, SLOW),
    "7 a parabola at lr 0.1": (curve, SCALES),
    "16 labels / 255": (labels_scaled, ("label-form", "train-test-differ")),
    "18 ReLU before softmax": (relu_head, ("head-does-not-fit",)),
    "19 RMSprop 1e-3 on a line": (slow_line, SLOW),
    "20 letter codes": (letters, ("inputs-not-normalised",)),
    "25 cross entropy of numbers": (entropy_of_numbers, ("loss-does-not-fit", *SCALES)),
    "28 gradient ascends": (uphill, ("wrong-update-rule",)),
    "30 (n,) against (n, 1)": (broadcast, ("silent-broadcast",)),
    "31 softmax on one unit": (softmax_at_the_end, ("softmax-on-one-unit",)),
    "33 Adam 1e-5": (lambda rng: car_loop(rng, lr=1e-5), SLOW),
    "36 equal weights": (equal, ("symmetric-weights",)),
    "37 weights N(0, 5)": (lambda rng: car_loop(rng, init=5.0, steps=400), ("init-too-large",)),
    "40 normalised twice": (divided_twice, ("inputs-not-normalised", *SLOW)),
    "42 weights N(0, 1)": (wide_start, ("init-too-large",)),
    "44 summed loss": (summed, ("missing-batch-mean", "init-too-large", "lr-too-large")),
    "45 x up to 99": (line(0, 99), SCALES),
    "45 x in +-8": (line(-8, 8), SCALES),
    "45 x 50 to 250": (line(50, 250), SCALES),
    "46 parabola, summed": (parabola, SCALES),
    "48 targets to 9,804": (large_targets, SCALES),
    "49 Adam 1e-5, three points": (three_points, SLOW),
    "50 update of a copy": (copied, ("update-of-a-copy",)),
}
CONTROLS: dict[str, Made] = {
    "21 sixteen noisy rows": noisy_rows,
    "34 Adam 0.1": lambda rng: car_loop(rng, lr=0.1),
    "35 epsilon 1e-16": fine_epsilon,
    "38 L2 of 0.1": penalized,
}


def diagnosed(make: Made, seed: int) -> list[tuple[str, str]]:
    doctor = Doctor()
    run(make(np.random.default_rng([45, seed])), doctor)
    return [(f.code, f.severity) for f in doctor.report().findings]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--only", default="")
    parser.add_argument("--out", type=Path, default=Path("doctor-real.json"))
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    figures: dict[str, Any] = {"faults": {}, "controls": {}}
    hits = total = alarms = 0
    print("| fault | named first | otherwise first |\n|---|---|---|")
    for name, (make, codes) in REAL.items():
        if asked.only not in name:
            continue
        firsts = [(diagnosed(make, s) or [("nothing", "")])[0][0] for s in range(asked.seeds)]
        hit = sum(code in codes for code in firsts)
        hits, total = hits + hit, total + len(firsts)
        others = Counter(code for code in firsts if code not in codes)
        listed = ", ".join(f"{code} {n}" for code, n in others.items())
        figures["faults"][name] = firsts
        print(f"| {name} | {hit} of {len(firsts)} | {listed} |", flush=True)
    for name, make in CONTROLS.items():
        if asked.only not in name:
            continue
        above = [[f for f in diagnosed(make, s) if f[1] != "note"] for s in range(asked.seeds)]
        alarms += sum(map(bool, above))
        figures["controls"][name] = above
        listed = ", ".join(code for found in above for code, _ in found)
        print(f"| control {name} | {sum(map(bool, above))} above a note | {listed} |", flush=True)
    figures |= {"right": hits, "runs": total, "alarms": alarms}
    asked.out.write_text(json.dumps(figures, indent=1))
    print(f"\nall: {hits} of {total} = {hits / max(total, 1):.1%}; {alarms} alarms of controls")


if __name__ == "__main__":
    main()

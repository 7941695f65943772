"""The notes' whole job by another library, as a cold process: from the files to the picture.

17 epochs of a 784-50-10 net on MNIST in batches of 100 with the accuracies of both sets after
each; a line per epoch, the history, the weights and a picture of the curves in a folder. Nothing of
Mitbadak is imported. A peer whose name ends in ``_bytes`` keeps the pixels as bytes, as ``mitbadak
train`` does, and divides each batch itself.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
from cases import SEED, Case, Material, orders_of
from digits import read_digits, read_pixels

JOB = Case("whole job", epochs=17)
BYTES = "_bytes"


def main(peer: str, folder: Path) -> None:
    from peers import make, measured

    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps({"peer": peer, **asdict(JOB)}))
    m = read_bytes() if peer.endswith(BYTES) else read_floats()
    net = make(peer.removesuffix(BYTES), JOB, m)
    losses, rows = [], []
    with (folder / "history.jsonl").open("w") as history:
        for number, order in enumerate(orders_of(JOB, len(m.x)), 1):
            of_epoch = net.epoch() if net.epoch else net.run(order)
            losses.extend(of_epoch.tolist())
            train, test = net.measure() if net.measure else measured(net, JOB, m)
            rows.append({"epoch": number, "train_accuracy": train, "test_accuracy": test})
            history.write(json.dumps(rows[-1]) + "\n")
            print(f"epoch {number:2}  loss {of_epoch.mean():.4f}  train {train:.4f}  "
                  f"test {test:.4f}", flush=True)  # fmt: skip
    assert net.weights is not None
    np.savez(folder / "model.npz", *net.weights())
    draw(losses, rows, folder / "curves.png")
    print(f"test accuracy {rows[-1]['test_accuracy']:.4f}")


def read_floats() -> Material:
    train, test = read_digits()
    return Material(*train, *test, first_values())


def read_bytes() -> Material:
    train, test = read_pixels()
    return Material(*train, *test, first_values(), divisor=255)


def first_values() -> list[np.ndarray]:
    """Weights of N(0, 0.01^2) as in the notes, and biases of 0."""
    rng = np.random.default_rng(SEED)
    shapes = ((784, 50), (50,), (50, 10), (10,))
    return [
        (0.01 * rng.standard_normal(s) if len(s) == 2 else np.zeros(s)).astype(np.float32)
        for s in shapes
    ]


def draw(losses: list[float], rows: list[dict], path: Path) -> None:
    """Loss per update, or per epoch where there is no other, and both accuracies."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4))
    left.plot(losses)
    left.set(xlabel="update", ylabel="loss")
    epochs = [row["epoch"] for row in rows]
    for name in ("train_accuracy", "test_accuracy"):
        right.plot(epochs, [row[name] for row in rows], label=name)
    right.set(xlabel="epoch", ylabel="accuracy")
    right.legend()
    figure.savefig(path)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))

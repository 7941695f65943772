"""One training in a cold process, from memory or from files on disk; prints its time per image."""

from __future__ import annotations

import json
import sys
import time

import numpy as np

import mitbadak as mb


class Clock(mb.Callback):
    """When the first and the last step of each epoch ended."""

    def __init__(self):
        self.spans: list[list[float]] = []
        self.steps = 0

    def on_step_end(self, trainer) -> None:
        now = time.perf_counter()
        if trainer.batches_done == 1:
            self.spans.append([now, now])
        self.spans[-1][1] = now
        self.steps = trainer.steps_per_epoch


def main(files: list[str], epochs: int, batch: int = 100) -> None:
    data = mb.idx_dataset(*files, divisor=255) if files else mb.mnist_datasets()[0]
    clock = Clock()
    net = mb.MLP([784, 50, 10], "sigmoid", rng=0)
    mb.fit(net, data, epochs=epochs, batch_size=batch, optimizer=mb.SGD(0.1), rng=0,
           callbacks=[clock])  # fmt: skip
    seconds = np.median([last - first for first, last in clock.spans])
    print(json.dumps({"us_per_image": 1e6 * seconds / ((clock.steps - 1) * batch)}))


if __name__ == "__main__":
    main(sys.argv[2:], int(sys.argv[1]))

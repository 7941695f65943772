"""One training in a cold process, from memory or from files on disk; prints its time per image."""

from __future__ import annotations

import json
import sys

from peers.mitbadak import STEPS, ClockedTrainer

import mitbadak as mb


def main(files: list[str], epochs: int, batch: int = 100) -> None:
    data = mb.idx_dataset(*files, divisor=255) if files else mb.mnist_datasets()[0]
    net = mb.MLP([784, 50, 10], "sigmoid", rng=0)
    trainer = ClockedTrainer(net, data, epochs=epochs, batch_size=batch, optimizer=mb.SGD(0.1),
                             rng=0, callbacks=[], apart=True)  # fmt: skip
    trainer.clocked()
    seconds = trainer.phases[STEPS].seconds
    print(json.dumps({"us_per_image": 1e6 * seconds / (epochs * len(data))}))


if __name__ == "__main__":
    main(sys.argv[2:], int(sys.argv[1]))

"""A cold process of one peer: load MNIST, train by a recipe, print the test accuracy.

The test set is measured after every epoch, and a recipe with a goal ends when that is reached.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass

from machine import pin

if __name__ == "__main__":
    pin(json.loads(sys.argv[3]))  # before any library is loaded

import numpy as np
from cases import Case, Material, initial_values


@dataclass(frozen=True)
class Recipe:
    """A training, and when to stop it.

    Attributes:
        case: net, optimizer and batch.
        most_epochs: it ends after these.
        goal: test accuracy at which it ends sooner.
    """

    case: Case
    most_epochs: int
    goal: float = 1.0


RECIPES = {
    "97%": Recipe(Case("97%", (784, 100, 10), "relu", "adam", lr=0.001), most_epochs=20, goal=0.97),
    "5 epochs": Recipe(Case("5 epochs"), most_epochs=5),
}
REACHING = ("mitbadak", "sklearn", "thinc", "torch", "jax_scan")


def mitbadak(recipe: Recipe) -> float:
    """Mitbadak as users call it, with its own loop and its own initial values."""
    import mitbadak as mb
    from mitbadak.optim import optimizer

    class StopAtGoal(mb.Callback):
        def on_epoch_end(self, trainer, row) -> None:
            if row["test_accuracy"] >= recipe.goal:
                trainer.request_stop("reached")

    case, rng = recipe.case, np.random.default_rng(0)
    train, test = mb.mnist_datasets()
    net = mb.MLP(list(case.widths), case.activation, rng=rng)
    history = mb.fit(net, train, test=test, optimizer=optimizer(case.optimizer, lr=case.lr),
                     epochs=recipe.most_epochs, batch_size=case.batch, rng=rng,
                     callbacks=[StopAtGoal()])  # fmt: skip
    return history["test_accuracy"][-1]


def other(peer: str, recipe: Recipe) -> float:
    from peers import make

    from mitbadak.data import load_mnist

    case, rng = recipe.case, np.random.default_rng(0)
    (x, t), (x_test, t_test) = load_mnist()
    net = make(peer, case, Material(None, x, t.astype(np.int64), initial_values(case, rng)))
    accuracy = 0.0
    for _ in range(recipe.most_epochs):
        if net.epoch:
            net.epoch()
        else:
            net.run(rng.permutation(len(x)).reshape(-1, case.batch))
        accuracy = float(np.mean(net.predict(x_test).argmax(1) == t_test))
        if accuracy >= recipe.goal:
            break
    return accuracy


if __name__ == "__main__":
    wanted = RECIPES[sys.argv[2]]
    reached = mitbadak(wanted) if sys.argv[1] == "mitbadak" else other(sys.argv[1], wanted)
    print(f"test accuracy {reached:.4f}")

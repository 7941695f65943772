"""A cold process of one peer: load MNIST, train by a recipe, print the test accuracy.

The test set is measured after every epoch, and the training ends when the goal is reached.
Nothing of Mitbadak is imported for its peers.
"""

from __future__ import annotations

import sys
from functools import partial

import numpy as np
from cases import Case, Material, initial_values
from digits import read_digits

# The recipes: free for everyone. A peer without one of its own follows that of "all"; the
# schedule spans the epochs. One more try is one line.
RECIPES: dict[str, dict[str, Case]] = {
    "97%": {
        "all": Case("97%", widths=(784, 128, 10), activation="relu", optimizer="adam", lr=0.005,
                    schedule="cosine", epochs=2),
        "sklearn": Case("97%", widths=(784, 100, 10), activation="relu", optimizer="adam",
                        lr=0.002, epochs=10),
    },
    "98%": {
        "all": Case("98%", widths=(784, 256, 10), activation="relu", optimizer="adam", lr=0.003,
                    schedule="cosine", epochs=4),
        "sklearn": Case("98%", widths=(784, 256, 10), activation="relu", optimizer="adam",
                        lr=0.001, batch=128, epochs=30),
    },
    "99%": {
        "all": Case("99%", widths=(784, 300, 200, 100, 10), activation="relu", optimizer="adam",
                    lr=0.002, batch=200, schedule="cosine", epochs=30, shift=2),
    },
}  # fmt: skip
REACHING = ("mitbadak", "sklearn", "torch", "jax_scan")


def recipe_of(goal: str, peer: str) -> Case:
    recipes = RECIPES[goal]
    return recipes.get(peer, recipes["all"])


def stated(case: Case) -> str:
    """A recipe in words."""
    words = [f"{'-'.join(map(str, case.widths))} {case.activation}", f"{case.optimizer} {case.lr}",
             f"batch {case.batch}", f"{case.schedule or 'constant'} rate",
             f"at most {case.epochs} epochs"]  # fmt: skip
    words += [f"dropout {case.dropout}"] if case.dropout else []
    words += ["batch norm"] if case.batch_norm else []
    words += [f"shifts of {case.shift} pixels"] if case.shift else []
    return ", ".join(words)


def mitbadak(case: Case, goal: float, seed: int) -> float:
    """Mitbadak as users call it, with its own loop and its own initial values.

    ``load_mnist`` gives the arrays that peers get from ``read_digits``, and checks the files.
    """
    from peers.mitbadak import mb, options_of

    class StopAtGoal(mb.Callback):
        def on_epoch_end(self, trainer, row) -> None:
            if row["test_accuracy"] >= goal:
                trainer.request_stop("reached")

    rng = np.random.default_rng(seed)
    train, test = mb.load_mnist()
    net = mb.MLP(list(case.widths), case.activation, dropout=case.dropout,
                 batch_norm=case.batch_norm, rng=rng)  # fmt: skip
    options = options_of(case, len(train[0])) | {"rng": rng, "callbacks": [StopAtGoal()]}
    history = mb.fit(net, train, test=test, **options)
    return history["test_accuracy"][-1]


def other(peer: str, case: Case, goal: float, seed: int) -> float:
    from peers import make

    (x, t), (x_test, t_test) = read_digits()
    rng = np.random.default_rng(seed)
    net = make(peer, case, Material(x, t, x_test, t_test, initial_values(case, rng)))
    accuracy = 0.0
    for _ in range(case.epochs):
        if net.epoch:
            net.epoch()
        else:
            net.run(rng.permutation(len(x)))
        accuracy = float(np.mean(net.predict(x_test).argmax(1) == t_test))
        if accuracy >= goal:
            break
    return accuracy


def main(peer: str, goal: str, seed: int) -> None:
    case, share = recipe_of(goal, peer), float(goal.rstrip("%")) / 100
    train = mitbadak if peer == "mitbadak" else partial(other, peer)
    print(f"test accuracy {train(case, share, seed):.4f}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))

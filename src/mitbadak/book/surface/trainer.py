"""``common.trainer``: the training loops of both books, told apart by their arguments."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from mitbadak.book import draws
from mitbadak.book.surface import optimizer as optimizers
from mitbadak.book.surface.util import clip_grads
from mitbadak.core.errors import DtypeError, known
from mitbadak.core.printing import print_line

__all__ = ["Trainer", "remove_duplicate"]

OPTIMIZERS = {
    "sgd": optimizers.SGD, "momentum": optimizers.Momentum, "nesterov": optimizers.Nesterov,
    "adagrad": optimizers.AdaGrad, "rmsprop": optimizers.RMSprop,
    "rmsprpo": optimizers.RMSprop,  # its name in the book
    "adam": optimizers.Adam,
}  # fmt: skip


class Trainer:
    """A training: ``Trainer(network, x_train, t_train, x_test, t_test, ...)`` in the first book,
    ``Trainer(model, optimizer)`` in the second.

    Raises:
        DtypeError: the arguments are those of neither.
    """

    def __new__(cls, *args: Any, **options: Any) -> Any:
        if cls is not Trainer:
            return super().__new__(cls)
        given = len(args) + len(options)
        if "model" in options or (given == 2 and "x_train" not in options):
            return object.__new__(ListTrainer)
        if given >= 5:
            return object.__new__(DictTrainer)
        raise DtypeError(
            "Trainer expects (network, x_train, t_train, x_test, t_test, ...) as in the first "
            f"book, or (model, optimizer) as in the second; got {given} arguments."
        )


class DictTrainer(Trainer):
    """The first book's trainer.

    Args:
        network: has ``params`` by name, ``gradient``, ``loss`` and ``accuracy``.
        x_train, t_train, x_test, t_test: the two sets.
        epochs, mini_batch_size: how long, and how many rows make an update.
        optimizer, optimizer_param: its name, and its arguments.
        evaluate_sample_num_per_epoch: how many rows of each set are measured; None for all.
        verbose: whether to print.

    Attributes:
        train_loss_list, train_acc_list, test_acc_list: one entry per update, or per epoch.
    """

    def __init__(
        self, network: Any, x_train: Any, t_train: Any, x_test: Any, t_test: Any, epochs: int = 20,
        mini_batch_size: int = 100, optimizer: str = "SGD",
        optimizer_param: dict[str, Any] | None = None,
        evaluate_sample_num_per_epoch: int | None = None, verbose: bool = True,
    ):  # fmt: skip
        self.network, self.verbose = network, verbose
        self.x_train, self.t_train = x_train, t_train
        self.x_test, self.t_test = x_test, t_test
        self.epochs, self.batch_size = epochs, mini_batch_size
        self.evaluate_sample_num_per_epoch = evaluate_sample_num_per_epoch
        settings = {"lr": 0.01} if optimizer_param is None else optimizer_param
        self.optimizer = known("optimizer", optimizer.lower(), OPTIMIZERS)(**settings)
        self.train_size = x_train.shape[0]
        self.iter_per_epoch = max(self.train_size / mini_batch_size, 1)
        self.max_iter = int(epochs * self.iter_per_epoch)
        self.current_iter = self.current_epoch = 0
        self.train_loss_list: list[Any] = []
        self.train_acc_list: list[Any] = []
        self.test_acc_list: list[Any] = []

    def train_step(self) -> None:
        """One update, and at the beginning of an epoch the accuracies."""
        rows = draws.rows(self.train_size, self.batch_size)
        x_batch, t_batch = self.x_train[rows], self.t_train[rows]
        grads = self.network.gradient(x_batch, t_batch)
        self.optimizer.update(self.network.params, grads)
        loss = self.network.loss(x_batch, t_batch)
        self.train_loss_list.append(loss)
        if self.verbose:
            print_line("train loss:" + str(loss))
        # The book asks whether the count is divisible by iter_per_epoch, which may be no whole
        # number; then it would report only every few epochs.
        if self.current_iter >= self.current_epoch * self.iter_per_epoch:
            self._report()
        self.current_iter += 1

    def train(self) -> None:
        """All updates, and the accuracy on the whole test set."""
        for _ in range(self.max_iter):
            self.train_step()
        test_acc = self.network.accuracy(self.x_test, self.t_test)
        if self.verbose:
            print_line("=============== Final Test Accuracy ===============")
            print_line("test acc:" + str(test_acc))

    def _report(self) -> None:
        self.current_epoch += 1
        rows = slice(self.evaluate_sample_num_per_epoch or None)
        train_acc = self.network.accuracy(self.x_train[rows], self.t_train[rows])
        test_acc = self.network.accuracy(self.x_test[rows], self.t_test[rows])
        self.train_acc_list.append(train_acc)
        self.test_acc_list.append(test_acc)
        if self.verbose:
            print_line(
                f"=== epoch:{self.current_epoch!s}, train acc:{train_acc!s}, "
                f"test acc:{test_acc!s} ==="
            )


class ListTrainer(Trainer):
    """The second book's trainer.

    Args:
        model: has ``forward``, ``backward``, and lists ``params`` and ``grads``.
        optimizer: has ``update(params, grads)``.

    Attributes:
        loss_list: the mean loss of every ``eval_interval`` updates.
    """

    def __init__(self, model: Any, optimizer: Any):
        self.model, self.optimizer = model, optimizer
        self.loss_list: list[float] = []
        self.eval_interval: Any = None
        self.current_epoch = 0

    def fit(
        self, x: Any, t: Any, max_epoch: int = 10, batch_size: int = 32,
        max_grad: float | None = None, eval_interval: int | None = 20,
    ) -> None:  # fmt: skip
        """Train for ``max_epoch`` epochs, each in an order of its own."""
        batches = len(x) // batch_size
        self.eval_interval = eval_interval
        total, count, start = 0.0, 0, time.time()
        for _ in range(max_epoch):
            order = draws.order(len(x))
            x, t = x[order], t[order]
            for batch in range(batches):
                rows = slice(batch * batch_size, (batch + 1) * batch_size)
                total += self.model.forward(x[rows], t[rows])
                count += 1
                self.model.backward()
                params, grads = remove_duplicate(self.model.params, self.model.grads)
                if max_grad is not None:
                    clip_grads(grads, max_grad)
                self.optimizer.update(params, grads)
                if eval_interval is not None and batch % eval_interval == 0:
                    mean, elapsed = total / count, time.time() - start
                    print_line(
                        f"| epoch {self.current_epoch + 1} |  iter {batch + 1} / {batches} | "
                        f"time {int(elapsed)}[s] | loss {mean:.2f}"
                    )
                    self.loss_list.append(float(mean))
                    total, count = 0.0, 0
            self.current_epoch += 1

    def plot(self, ylim: Any = None) -> None:
        """Show the losses."""
        import matplotlib.pyplot as plt

        if ylim is not None:
            plt.ylim(*ylim)
        plt.plot(np.arange(len(self.loss_list)), self.loss_list, label="train")
        plt.xlabel(f"iterations (x{self.eval_interval})")
        plt.ylabel("loss")
        plt.show()


def remove_duplicate(params: Any, grads: Any) -> tuple[list[Any], list[Any]]:
    """Parameters that several layers share once each, with the sum of their gradients.

    One array, or an array and its transpose, count as the same.

    Example:
        >>> W = np.ones((1, 2))
        >>> params, grads = remove_duplicate([W, W.T], [np.ones((1, 2)), np.ones((2, 1))])
        >>> len(params), grads[0]
        (1, array([[2., 2.]]))
    """
    kept: list[Any] = []
    sums: list[Any] = []
    for param, grad in zip(params, grads, strict=True):
        for position, earlier in enumerate(kept):
            if earlier is param:
                sums[position] += grad
                break
            if _is_transpose(earlier, param):
                sums[position] += grad.T
                break
        else:
            kept.append(param)
            sums.append(grad)
    return kept, sums


def _is_transpose(one: Any, other: Any) -> bool:
    return (
        np.ndim(one) == np.ndim(other) == 2
        and one.T.shape == other.shape
        and np.shares_memory(one, other)
        and bool(np.all(other == one.T))
    )

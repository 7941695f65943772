"""What two trainings must not share at one time, and what may be used again afterwards."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import mitbadak as mb
from mitbadak.core.errors import StateError

X = np.random.default_rng(0).normal(size=(60, 4))
T = np.arange(60) % 3


class Waits(mb.Callback):
    """Begins another training in another thread while the first one is in the middle."""

    def __init__(self, other: Callable[[], Any]):
        self.other = other
        self.problems: list[BaseException] = []

    def on_epoch_end(self, trainer: Any, row: dict[str, Any]) -> None:
        if row["epoch"] == 1:
            thread = threading.Thread(target=self._try)
            thread.start()
            thread.join(60)

    def _try(self) -> None:
        try:
            self.other()
        except BaseException as problem:
            self.problems.append(problem)


def net(rng: int = 0) -> mb.MLP:
    return mb.MLP([4, 6, 3], rng=rng)


def trained(model: Any, **options: Any) -> mb.History:
    return mb.fit(model, X, T, **{"epochs": 2, "rng": 0, "callbacks": [], **options})


def problems_of(first: Any, second: Callable[[], Any], **options: Any) -> list[BaseException]:
    waits = Waits(second)
    callbacks = [*options.pop("callbacks", []), waits]
    trained(first, callbacks=callbacks, **options)
    return waits.problems


def shares_layers(first: mb.MLP) -> mb.Sequential:
    return mb.Sequential(*first.layers)


@pytest.mark.parametrize("twin", [lambda n: n, copy.copy, shares_layers],
                         ids=["the net", "copy.copy", "a net of its layers"])  # fmt: skip
def test_what_shares_arrays_with_a_net_in_training_is_refused(twin: Callable[[Any], Any]) -> None:
    first = net()
    (problem,) = problems_of(first, lambda: trained(twin(first)))
    assert isinstance(problem, StateError)
    assert "is being trained already" in str(problem)
    assert "copy.deepcopy(net)" in str(problem)
    trained(twin(first))  # afterwards


RULES: dict[str, Callable[[], tuple[mb.Optimizer, mb.Optimizer]]] = {
    "one": lambda: (rule := mb.Adam(), rule),
    "a part of a chain": lambda: (rule := mb.Momentum(0.1), mb.Chain(mb.ClipNorm(1.0), rule)),
    "a part of groups": lambda: (rule := mb.SGD(0.1), mb.Groups({"b*": mb.SGD(0.1), "*": rule})),
}


@pytest.mark.parametrize("name", RULES)
def test_an_optimizer_of_a_training_is_refused_in_another(name: str) -> None:
    first, second = RULES[name]()
    (problem,) = problems_of(net(0), lambda: trained(net(1), optimizer=second), optimizer=first)
    assert isinstance(problem, StateError)
    assert "is being used already" in str(problem)


def test_a_callback_that_remembers_is_refused_in_another() -> None:
    stopping = mb.EarlyStopping(5, monitor="train_accuracy")
    (problem,) = problems_of(
        net(0), lambda: trained(net(1), callbacks=[stopping]), callbacks=[stopping]
    )
    assert isinstance(problem, StateError)
    assert "EarlyStopping" in str(problem)


def test_what_keeps_nothing_may_be_shared() -> None:
    clip, rate = mb.ClipNorm(1.0), mb.Cosine(0.1, updates=100)

    class Counts(mb.Callback):
        epochs = 0

        def on_epoch_end(self, trainer: Any, row: dict[str, Any]) -> None:
            self.epochs += 1

    counts = Counts()
    second = lambda: trained(  # noqa: E731
        net(1), optimizer=mb.Chain(clip, mb.SGD(rate)), callbacks=[counts]
    )
    first = mb.Chain(clip, mb.SGD(rate))
    assert problems_of(net(0), second, optimizer=first, callbacks=[counts]) == []
    assert counts.epochs == 6


def test_two_nets_in_two_threads_are_trained_as_one_after_the_other() -> None:
    pair, alone = (net(0), net(1)), (net(0), net(1))
    assert problems_of(pair[0], lambda: trained(pair[1])) == []
    for one, other in zip(pair, alone, strict=True):
        trained(other)
        for name, array in one.params.items():
            np.testing.assert_array_equal(array, other.params[name])


def test_early_stopping_that_is_used_again_forgets_the_first_net() -> None:
    again = mb.EarlyStopping(50, monitor="train_accuracy")
    trained(net(0), epochs=20, optimizer=mb.SGD(1.0), callbacks=[again])
    second, third = net(1), net(1)
    histories = [
        trained(second, lr=0.01, epochs=3, callbacks=[again]),
        trained(third, lr=0.01, epochs=3,
                callbacks=[mb.EarlyStopping(50, monitor="train_accuracy")]),
    ]  # fmt: skip
    assert histories[0].kept == histories[1].kept
    for name, array in second.params.items():
        np.testing.assert_array_equal(array, third.params[name])

"""Two trainings of one net at a time are refused: each would overwrite the other's weights."""

from __future__ import annotations

import copy
import threading
from typing import Any

import pytest

import mitbadak as mb
from mitbadak.core.errors import StateError

SPIRAL = mb.load_spiral()


class Waits(mb.Callback):
    """Stays in the first epoch until it is told to go on."""

    def __init__(self) -> None:
        self.inside, self.go = threading.Event(), threading.Event()

    def on_epoch_end(self, trainer: Any, row: Any) -> None:
        self.inside.set()
        assert self.go.wait(30)


@pytest.mark.parametrize("engine", ["numpy", "auto"])
def test_a_second_training_in_another_thread_is_refused(engine: str) -> None:
    net, waits = mb.MLP([2, 10, 3], rng=0), Waits()
    fitted: list[Any] = []

    def train() -> None:
        fitted.append(mb.fit(net, SPIRAL, epochs=2, engine=engine, callbacks=[waits]))

    thread = threading.Thread(target=train)
    thread.start()
    assert waits.inside.wait(30)
    try:
        with pytest.raises(StateError, match="is being trained already"):
            mb.fit(net, SPIRAL, epochs=1, callbacks=[])
        other = mb.fit(copy.deepcopy(net), SPIRAL, epochs=1, callbacks=[])  # a copy may
    finally:
        waits.go.set()
        thread.join()
    assert (len(other), len(fitted[0])) == (2, 3)
    assert len(mb.fit(net, SPIRAL, epochs=1, callbacks=[])) == 2  # and so may the net, afterwards


class Fails(mb.Callback):
    def on_step_end(self, trainer: Any) -> None:
        raise ValueError("on purpose")


class Nested(mb.Callback):
    def on_step_end(self, trainer: Any) -> None:
        mb.fit(trainer.net, SPIRAL, epochs=1, callbacks=[])


def test_a_training_within_a_training_is_refused() -> None:
    with pytest.raises(StateError, match="is being trained already"):
        mb.fit(mb.MLP([2, 10, 3]), SPIRAL, epochs=1, callbacks=[Nested()])


def test_a_net_whose_training_failed_can_be_trained() -> None:
    net = mb.MLP([2, 10, 3], rng=0)
    with pytest.raises(ValueError, match="on purpose"):
        mb.fit(net, SPIRAL, epochs=1, callbacks=[Fails()])
    assert len(mb.fit(net, SPIRAL, epochs=1, callbacks=[])) == 2

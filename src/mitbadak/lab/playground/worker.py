"""The thread that trains, and the page's wishes that it carries out between two bursts."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

WISHES = 64  # that may wait; a page that drags a slider sends many, of which the newest count
PACES = {"slow": 4.0, "normal": 25.0, "fast": 250.0}  # epochs a second; "full" has no pace
TICK = 1 / 25


class Worker:
    """Trains in a thread of its own while playing.

    Args:
        advance: makes one burst: called with a number of epochs, or None for a stretch of time.
            Returns whether to go on.
        failed: called with an error that a wish or a burst raised.
    """

    def __init__(self, advance: Callable[[int | None], bool], failed: Callable[[Exception], Any]):
        self.advance, self.failed = advance, failed
        self.wishes: deque[Callable[[], Any]] = deque(maxlen=WISHES)
        self.changed = threading.Condition()
        self.playing = self.closed = False
        self.pace = "normal"
        self.thread = threading.Thread(target=self._work, name="lab-training", daemon=True)
        self.thread.start()

    def ask(self, wish: Callable[[], Any]) -> None:
        """Have ``wish`` called in the thread, after those that wait already."""
        with self.changed:
            self.wishes.append(wish)
            self.changed.notify_all()

    def play(self, playing: bool) -> None:
        """Begin or end training."""
        with self.changed:
            self.playing = playing
            self.changed.notify_all()

    def close(self) -> None:
        """End the thread after the burst that runs."""
        with self.changed:
            self.closed = True
            self.changed.notify_all()
        if self.thread is not threading.current_thread():
            self.thread.join()

    def _work(self) -> None:
        due, rest = time.perf_counter(), 0.0
        while True:
            with self.changed:
                self.changed.wait_for(self._is_wanted)
                if self.closed:
                    return
                wish = self.wishes.popleft() if self.wishes else None
            try:
                if wish is not None:
                    wish()
                    continue
                now = time.perf_counter()
                if self.pace != "full" and now < due:
                    with self.changed:
                        self.changed.wait_for(lambda: bool(self.wishes) or self.closed, due - now)
                    continue
                due = max(due, now - TICK) + TICK
                epochs = None
                if self.pace != "full":
                    rest += PACES[self.pace] * TICK
                    epochs, rest = int(rest), rest % 1
                if epochs != 0 and not self.advance(epochs):
                    self.playing = False
            except Exception as problem:  # anything else would end the thread without a word
                self.playing = False
                self.failed(problem)

    def _is_wanted(self) -> bool:
        return self.closed or bool(self.wishes) or self.playing

"""Several epochs in one call of a kernel, where nobody looks at arrays in between."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mitbadak.data.batches import batch_sizes, shuffled_batches
from mitbadak.training.changes import draw_checked
from mitbadak.training.interrupts import Interrupts


def train_epochs(trainer: Any, interrupts: Interrupts) -> bool:
    """Train for several epochs at once and measure after each; False if that is not possible.

    Their seconds are divided evenly. Hooks are called afterwards, epoch by epoch. If one of them
    requests a stop, the epochs after it are undone: all of them are, and those up to it repeated,
    which gives the same bits.
    """
    trainer._apply_changes()
    trainer._check_epoch()
    updater, count = trainer.updater, _epochs_at_once(trainer)
    if count < 2:
        return False
    sets = {name: examples for name, examples in trainer.sets.items() if examples is not None}
    rows, sizes, states = _draw(trainer, count)
    began, per_epoch, step = trainer.seconds, len(sizes) // count, trainer.step
    with interrupts.held():
        before = updater.snapshot()
        losses, measured = updater.run_epochs([rows], sizes, step, count, list(sets.values()))
        each = (trainer.seconds - began) / max(1, len(measured))
        for number, (state, results) in enumerate(zip(states, measured, strict=False)):
            done = losses[number * per_epoch : (number + 1) * per_epoch].tolist()
            measures = dict(zip(sets, results, strict=True))
            _count_epoch(trainer, done, state, measures, began + (number + 1) * each)
            if trainer.history.stopped and number + 1 < len(measured):
                updater.rewind(before)
                sizes = sizes[: (number + 1) * per_epoch]
                updater.run_epochs([rows[: sum(sizes)]], sizes, step, number + 1, [])
                return True
        trainer._count(losses[len(measured) * per_epoch :].tolist())
    return bool(measured)


def _epochs_at_once(trainer: Any) -> int:
    """How many epochs are worth making in one call.

    0 where somebody looks in between, or where a set is read from a file block by block.
    """
    updater = trainer.updater
    looks = (
        trainer.epochs_are_watched, trainer.steps_are_counted, trainer.gradients_are_watched,
        trainer.batches_done > 0, updater.training_set is not trainer.train,
        updater.batch_size != trainer.batch_size,
        any(data is not None and data.mapped is not None for data in trainer.sets.values()),
    )  # fmt: skip
    if any(looks):
        return 0
    return min(trainer.epochs - trainer.epoch, updater.epochs_at_once // trainer.steps_per_epoch)


def _draw(trainer: Any, count: int) -> tuple[np.ndarray, list[int], list[Any]]:
    """The rows of the batches of some epochs, the sizes of the batches, and, for each epoch, the
    generator's state at its end."""
    rng, n = trainer.rng, len(trainer.train)
    rng.bit_generator.state = trainer.epoch_rng_state
    rows: list[np.ndarray] = []
    sizes: list[int] = []
    states = []
    for _ in range(count):
        if trainer.draw_batches is shuffled_batches:  # the same rows, without cutting them up
            rows.append(rng.permutation(n))
            sizes += batch_sizes(n, trainer.batch_size)
        else:
            batches = list(
                draw_checked(trainer.draw_batches, trainer.train, trainer.batch_size, rng)
            )
            rows += batches
            sizes += map(len, batches)
        states.append(rng.bit_generator.state)
    return np.concatenate(rows), sizes, states


def _count_epoch(
    trainer: Any, losses: Sequence[float], state: Any, measures: Any, seconds: float
) -> None:
    """Count a completed epoch and call the hooks, none of which reads arrays."""
    trainer._count(losses)
    for callback in trainer.callbacks:
        callback.on_step_end(trainer)
    if trainer.history.stopped:
        return
    trainer._end_epoch(state)
    row = trainer._row(measures, seconds)
    trainer.history.rows.append(row)
    for callback in trainer.callbacks:
        callback.on_epoch_end(trainer, row)

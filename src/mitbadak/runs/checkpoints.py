"""A trainer's state as it is stored in a checkpoint, and put back from one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from mitbadak.core.errors import FormatError, RunFolderError, whole
from mitbadak.runs import model_file as weights
from mitbadak.training.trainer import Trainer

if TYPE_CHECKING:
    from mitbadak.runs.folder import RunFolder


def snapshot(trainer: Trainer) -> weights.Stored:
    """All that a run needs to go on to the same bits."""
    arrays = {f"params.{name}": array for name, array in weights.arrays_of(trainer.net).items()}
    optimizer = trainer.optimizer
    for slot, by_name in optimizer.state.items():
        arrays |= {f"optimizer.{slot}.{name}": array for name, array in by_name.items()}
    watchers = {}
    for callback in trainer.callbacks:
        kept, kept_arrays = callback.state()
        name = type(callback).__name__
        if kept:
            watchers[name] = kept
        arrays |= {f"{name}.{key}": array for key, array in kept_arrays.items()}
    values = {
        "net": trainer.net.config(),
        "optimizer": {**optimizer.config(), "steps": optimizer.steps},
        "rng": _plain(trainer.epoch_rng_state),
        "noise_seed": trainer.noise_seed,
        "engine": trainer.engine.name,
        "rows": len(trainer.history.rows),
        "stopped": "" if trainer.interrupted else trainer.history.stopped,
        "callbacks": watchers,
        **{name: getattr(trainer, name) for name in COUNTERS},
        "seconds": trainer.seconds,
    }
    return weights.Stored(arrays, values)


COUNTERS = ("epoch", "step", "batches_done")


def restore(trainer: Trainer, stored: weights.Stored, run: RunFolder) -> None:
    """Put a trainer, freshly made from the same settings, into the state of a checkpoint.

    Raises:
        RunFolderError: the checkpoint belongs to other settings, or history is missing.
    """
    values, where = stored.values, run.checkpoint
    try:
        if values["net"] != trainer.net.config():
            raise FormatError(f"{where} holds another net than config.json describes.")
        weights.take_params(trainer.net, _under("params.", stored.arrays), where)
        optimizer = trainer.optimizer
        kept = dict(values["optimizer"])
        optimizer.steps = whole("optimizer", "steps", kept.pop("steps"), least=0)
        if kept != optimizer.config():
            raise FormatError(f"{where} holds another optimizer than config.json describes.")
        for slot in optimizer.state:
            optimizer.state[slot] = _slot(slot, stored.arrays, trainer)
        for callback in trainer.callbacks:
            name = type(callback).__name__
            if name in values["callbacks"]:
                callback.load_state(values["callbacks"][name], _under(f"{name}.", stored.arrays))
        trainer.rng.bit_generator.state = values["rng"]  # refuses what is no state
        trainer.epoch_rng_state = values["rng"]
        noise_seed = values.get("noise_seed", 0)  # older checkpoints have no noise
        trainer.noise_seed = whole("checkpoint", "noise_seed", noise_seed, least=0)
        for name in COUNTERS:
            setattr(trainer, name, whole("checkpoint", name, values[name], least=0))
        if trainer.batches_done > trainer.steps_per_epoch:
            raise FormatError(f"batches_done {trainer.batches_done}")
        trainer.seconds_before = float(values["seconds"])
        history = run.read_history(up_to_step=trainer.step)
        # A row that was written after the checkpoint is measured again: callbacks must see it.
        rows = whole("checkpoint", "rows", values["rows"], least=0)
        history.rows = history.rows[:rows]
        history.stopped = str(values["stopped"])
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise RunFolderError(f"{where} cannot be resumed: {error}") from None
    if len(history.losses) != trainer.step or len(history.rows) != rows:
        raise RunFolderError(
            f"{run.history} lacks steps: it holds {len(history.losses)} of {trainer.step} losses "
            f"and {len(history.rows)} of {rows} rows. It was cut or edited."
        )
    history.engine = trainer.history.engine
    trainer.history = history


def _under(prefix: str, arrays: dict) -> dict:
    return {n.removeprefix(prefix): a for n, a in arrays.items() if n.startswith(prefix)}


def _slot(slot: str, arrays: dict, trainer: Trainer) -> dict:
    """What an optimizer remembers under a name, each array as large as its parameter."""
    found = _under(f"optimizer.{slot}.", arrays)
    for name, array in found.items():
        if name not in trainer.net.params or array.shape != trainer.net.params[name].shape:
            raise FormatError(f"{slot} of {name!r}, shape {array.shape}, fits no parameter.")
    return found


def _plain(state: object) -> object:
    """A bit generator's state as JSON values."""
    return json.loads(json.dumps(state, default=lambda a: a.tolist()))

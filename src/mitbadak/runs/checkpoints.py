"""The state of a trainer as a checkpoint stores it."""

from __future__ import annotations

import json

from mitbadak.core.errors import FormatError, RunFolderError, whole
from mitbadak.runs import model_file as weights
from mitbadak.runs.folder import RunFolder
from mitbadak.training.trainer import Trainer

COUNTERS = ("epoch", "step", "batches_done")


def snapshot(trainer: Trainer) -> weights.Stored:
    """All that a resumed run needs to reach the same bits."""
    arrays = {f"params.{name}": array for name, array in weights.arrays_of(trainer.net).items()}
    optimizer = trainer.optimizer
    for slot, by_name in optimizer.state.items():
        arrays |= {f"optimizer.{slot}.{name}": array for name, array in by_name.items()}
    callbacks = {}
    for callback in trainer.callbacks:
        kept, kept_arrays = callback.state()
        name = type(callback).__name__
        if kept:
            callbacks[name] = kept
        arrays |= {f"{name}.{key}": array for key, array in kept_arrays.items()}
    values = {
        "net": trainer.net.config(),
        "optimizer": {**optimizer.config(), "steps": optimizer.steps},
        "rng": _plain(trainer.epoch_rng_state),
        "noise_seed": trainer.noise_seed,
        "engine": trainer.engine.name,
        "rows": len(trainer.history.rows),
        "stopped": "" if trainer.interrupted else trainer.history.stopped,
        "callbacks": callbacks,
        **{name: getattr(trainer, name) for name in COUNTERS},
        "seconds": trainer.seconds,
    }
    return weights.Stored(arrays, values)


def restore(trainer: Trainer, stored: weights.Stored, run: RunFolder) -> None:
    """Restore a trainer that was just made from the same settings to the state of a checkpoint.

    Args:
        trainer: not yet run.
        stored: the content of the checkpoint.
        run: the folder, for the history.

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
        trainer.rng.bit_generator.state = values["rng"]  # refuses anything else
        trainer.epoch_rng_state = values["rng"]
        noise_seed = values.get("noise_seed", 0)  # older checkpoints have no noise
        trainer.noise_seed = whole("checkpoint", "noise_seed", noise_seed, least=0)
        for name in COUNTERS:
            setattr(trainer, name, whole("checkpoint", name, values[name], least=0))
        if trainer.batches_done > trainer.steps_per_epoch:
            raise FormatError(f"batches_done {trainer.batches_done}")
        trainer.seconds_before = float(values["seconds"])
        history = run.read_history(up_to_step=trainer.step)
        # A row written after the checkpoint is evaluated again, for the callbacks to see.
        rows = whole("checkpoint", "rows", values["rows"], least=0)
        history.rows = history.rows[:rows]
        history.stopped = str(values["stopped"])
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise RunFolderError(f"{where} cannot be resumed: {error}") from None
    if len(history.losses) != trainer.step or len(history.rows) != rows:
        raise RunFolderError(
            f"{run.history} is incomplete: it holds {len(history.losses)} of {trainer.step} losses "
            f"and {len(history.rows)} of {rows} rows. It was cut or edited."
        )
    history.engine = trainer.history.engine
    trainer.history = history


def _under(prefix: str, arrays: dict) -> dict:
    return {n.removeprefix(prefix): a for n, a in arrays.items() if n.startswith(prefix)}


def _slot(slot: str, arrays: dict, trainer: Trainer) -> dict:
    """One kind of optimizer state, each array of the shape of its parameter."""
    state = _under(f"optimizer.{slot}.", arrays)
    for name, array in state.items():
        if name not in trainer.net.params or array.shape != trainer.net.params[name].shape:
            raise FormatError(f"{slot} of {name!r}, shape {array.shape}, fits no parameter.")
    return state


def _plain(state: object) -> object:
    """A bit generator's state as JSON values."""
    return json.loads(json.dumps(state, default=lambda a: a.tolist()))

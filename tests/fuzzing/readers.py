"""The table of readers. One more reader of files is one more row of ``READERS``."""

from __future__ import annotations

import functools
import gzip
import json
import struct
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from fuzzing.cases import Files, Reader, contents
from mitbadak.data.idx import map_idx, read_idx
from mitbadak.data.preparation import Preparation
from mitbadak.data.stored import idx_dataset
from mitbadak.errors import FormatError
from mitbadak.nn import MLP, Affine, Sequential, Tanh
from mitbadak.training import History, RunFolder, Session, TrainConfig, open_run, weights
from mitbadak.training.weights import Stored
from small_runs import settings


def _idx(array: np.ndarray, code: int) -> bytes:
    sides = struct.pack(f">{array.ndim}I", *array.shape)
    return bytes([0, 0, code, array.ndim]) + sides + array.tobytes()


PIXELS = _idx(np.arange(48, dtype=">u1").reshape(3, 4, 4), 0x08)
CLASSES = _idx(np.array([0, 1, 1], ">u1"), 0x08)


def _idx_seeds() -> dict[str, Files]:
    seeds = {
        "pixels": PIXELS,
        "pixels, gzipped": gzip.compress(PIXELS, mtime=0),
        "floats": _idx(np.linspace(0, 1, 6).astype(">f4").reshape(2, 3), 0x0D),
        "doubles, gzipped": gzip.compress(_idx(np.ones((2, 2), ">f8"), 0x0E), mtime=0),
        "empty": _idx(np.zeros((0, 28, 28), ">i2"), 0x0B),
    }
    return {name: {"a.idx": content} for name, content in seeds.items()}


def _mapped_seeds() -> dict[str, Files]:
    return {name: files for name, files in _idx_seeds().items() if "gzipped" not in name}


def _pair_seeds() -> dict[str, Files]:
    return {
        "plain": {"images.idx": PIXELS, "labels.idx": CLASSES},
        "gzipped": {"images.idx": gzip.compress(PIXELS, mtime=0), "labels.idx": CLASSES},
        "real": {"images.idx": _idx(np.ones((3, 2), ">f4"), 0x0D), "labels.idx": CLASSES},
    }


def _saved(stored: Stored) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        weights.write(Path(folder) / "a.safetensors", stored)
        return (Path(folder) / "a.safetensors").read_bytes()


def _net_seeds() -> dict[str, Files]:
    nets: dict[str, Sequential] = {
        "MLP": MLP([2, 4, 3], rng=0),
        "without bias": Sequential(Affine(2, 3, bias=False, rng=0), Tanh(), Affine(3, 2, rng=0)),
        "float64": MLP([1, 1], "relu", loss="mean_squared_error", rng=0, dtype="float64"),
    }
    return {
        name: {"model.safetensors": _saved(Stored(dict(net.params), {"net": net.config()}))}
        for name, net in nets.items()
    }


@functools.cache
def _run_seeds() -> dict[str, Files]:
    """Small runs, all they left behind: of each kind of state that a checkpoint can hold."""
    kinds = {
        "sgd": {},
        "adam": {"optimizer": "adam", "lr": 0.01},
        "early stopping": {"validation": 0.2, "early_stopping": 2},
        "with replacement": {
            "sampling": "replacement",
            "optimizer": "momentum",
            "dtype": "float64",
        },
    }
    seeds: dict[str, Files] = {}
    for name, given in kinds.items():
        with tempfile.TemporaryDirectory() as folder:
            config = settings(epochs=1, hidden=(2,), batch_size=100, engine="numpy", **given)
            Session.start(config, Path(folder) / "run").train()
            seeds[name] = contents(Path(folder) / "run")
    return seeds


def _only(part: str) -> Callable[[], dict[str, Files]]:
    return lambda: {name: {part: files[part]} for name, files in _run_seeds().items()}


def _json_seeds(*objects: object) -> Callable[[], dict[str, Files]]:
    return lambda: {str(i): {"a.json": json.dumps(o).encode()} for i, o in enumerate(objects)}


def _parsed(folder: Path) -> object:
    """What a program has parsed from JSON before it asks the house; its errors are not ours."""
    try:
        return json.loads((folder / "a.json").read_bytes())
    except (ValueError, RecursionError) as error:
        raise FormatError("no JSON") from error


def _history_text(folder: Path) -> object:
    try:
        text = (folder / "a.json").read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise FormatError("no text") from error
    return _used(History.from_json(text))


def _used(history: History) -> object:
    """A history that was read can be shown, written and read again."""
    history.lines_from(0, 0)
    return history.to_columns(), History.from_json(history.to_json())


def _resume(folder: Path) -> object:
    """Settings that lead to compiled kernels or to MNIST take their memory rightly: not here."""
    texts = b"".join(contents(folder).values())
    if b"mnist" in texts or b"compiled" in texts:
        raise FormatError("not here")
    session = Session.resume(folder)
    release = getattr(session.run, "release", None)
    if release is not None:  # the next input comes in the same folder
        release()
    return session


SETTINGS = json.loads(settings().to_json())
TABLE = Preparation(
    "table", columns=("a", "b"), label="c", mean=(5.0, 3.0), std=(2.0, 0.5), classes=("x", "y")
)
IMAGES = Preparation("images", (28, 28), 255.0, classes=("0", "1"))
HISTORY = {
    "rows": [{"epoch": 0, "step": 0, "train_loss": 1.1}, {"epoch": 1, "step": 2, "seconds": 0.5}],
    "losses": [1.1, None], "stopped": "", "engine": "numpy",
}  # fmt: skip

READERS = {
    reader.name: reader
    for reader in (
        Reader("read_idx", _idx_seeds, lambda folder: read_idx(folder / "a.idx")),
        Reader("map_idx", _mapped_seeds, lambda folder: np.array(map_idx(folder / "a.idx"))),
        Reader(
            "idx_dataset",
            _pair_seeds,
            lambda folder: idx_dataset(folder / "images.idx", folder / "labels.idx").x[0].copy(),
        ),
        Reader("load", _net_seeds, lambda folder: repr(weights.load(folder / "model.safetensors"))),
        Reader(
            "weights",
            _only("checkpoint.safetensors"),
            lambda folder: weights.read(folder / "checkpoint.safetensors"),
        ),
        Reader("config", _only("config.json"), lambda folder: RunFolder(folder).read_config()),
        Reader(
            "history",
            _only("history.jsonl"),
            lambda folder: _used(RunFolder(folder).read_history()),
        ),
        Reader("history_json", _json_seeds(HISTORY), _history_text),
        Reader("open_run", _run_seeds, lambda folder: repr(open_run(folder))),
        Reader("resume", _run_seeds, _resume, rewrites=True),
        Reader(
            "preparation",
            _json_seeds(TABLE.to_config(), IMAGES.to_config()),
            lambda folder: Preparation.from_config(_parsed(folder), "a.json"),
        ),
        Reader(
            "settings",
            _json_seeds(SETTINGS),
            lambda folder: TrainConfig.from_dict(_parsed(folder), "a.json"),
        ),
    )
}
"""Every reader of files from strangers, by name."""

"""The table of readers. One more reader of files is one more row of ``READERS``."""

from __future__ import annotations

import functools
import json
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from fuzzing import seeds as given
from fuzzing.cases import ALLOWANCE, Files, Reader, contents
from mitbadak.core.errors import FormatError, MitbadakError
from mitbadak.data.archive import read_npz
from mitbadak.data.idx import map_idx, read_idx
from mitbadak.data.idx_folder import idx_source
from mitbadak.data.images import image_folder, read_image
from mitbadak.data.images.options import PictureOptions
from mitbadak.data.images.reading import MOST_PIXELS
from mitbadak.data.npz import npz_source
from mitbadak.data.picture_form import MNIST_FORM, PictureForm
from mitbadak.data.preparation import Preparation
from mitbadak.data.stored import idx_dataset
from mitbadak.data.table import csv_source
from mitbadak.data.tables import TableEncoder, read_table
from mitbadak.data.tables.dialect import Dialect
from mitbadak.data.tables.features import ColumnEncoder
from mitbadak.data.tables.numbers import NumberForm
from mitbadak.nn import MLP, Affine, Sequential, Tanh
from mitbadak.runs import (
    Model,
    RunFolder,
    Session,
    TrainConfig,
    load,
    model_file as weights,
    open_run,
)
from mitbadak.runs.fresh import images_for, pictures_for, preparation_of, table_for
from mitbadak.runs.model_file import Stored
from mitbadak.runs.overview import rows_of, summary_of
from mitbadak.training import History
from small_runs import settings

OF_PIXELS = 4 * MOST_PIXELS  # a picture of few bytes may rightly be large, and is copied
OF_COLORS = 3 * OF_PIXELS


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
        "chain": {"optimizer": "adamw", "l2": 0.01, "clip_norm": 1.0, "schedule": "cosine"},
        "norms": {"batch_norm": True, "dropout": 0.5, "activation": "gelu", "warmup": 3},
        "lion": {"optimizer": "lion", "l1": 0.01, "schedule": "onecycle"},
    }
    seeds: dict[str, Files] = {}
    for name, asked in kinds.items():
        with tempfile.TemporaryDirectory() as folder:
            config = settings(epochs=1, hidden=(2,), batch_size=100, engine="numpy", **asked)
            Session.start(config, Path(folder) / "run").train()
            seeds[name] = contents(Path(folder) / "run")
    return seeds


def _only(*parts: str) -> Callable[[], dict[str, Files]]:
    return lambda: {
        name: {part: files[part] for part in parts} for name, files in _run_seeds().items()
    }


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


def _summary(folder: Path) -> object:
    """A summary calls a run damaged and raises nothing, for the others in the list."""
    try:
        summary = summary_of(folder)
    except Exception as error:
        raise AssertionError(f"{type(error).__name__} instead of a summary") from error
    if summary.state == "damaged":
        raise FormatError(summary.why)
    return summary


def _predict_seeds() -> dict[str, Files]:
    """Nets with how their examples were prepared, and new examples."""
    net = MLP([12, 3, 2], rng=0, batch_norm=True)
    images = Preparation("images", (4, 3), 255.0, classes=("a", "b"))
    scaled = Preparation("images", (4, 3), mean=(9.0,) * 12, std=(2.0,) * 12, classes=("a", "b"))
    digits = Preparation(
        "images", (4, 3), 255.0, classes=("a", "b"), pictures=PictureForm("box", 3)
    )
    gray, table = given.pictures()["gray"]["a.png"], given.new_rows()["0"]["a.csv"]
    return {
        "images": {"model.safetensors": _prepared(net, images), "a.png": gray},
        "digits": {"model.safetensors": _prepared(net, digits), "a.png": gray},
        "scaled": {"model.safetensors": _prepared(net, scaled), "a.png": gray},
        "table": {
            "model.safetensors": _prepared(MLP([2, 3, 2], "tanh", rng=0), TABLE),
            "a.csv": table,
        },
        "numbers": {
            "model.safetensors": _prepared(
                MLP([2, 3, 1], loss="mean_squared_error", rng=0), PRICES
            ),
            "a.csv": table,
        },
    }


def _prepared(net: Sequential, preparation: Preparation) -> bytes:
    values = {"net": net.config(), "preparation": preparation.to_config()}
    return _saved(Stored(weights.arrays_of(net), values))


def _predict(folder: Path) -> object:
    """What the command does from files to answers; a net of odd numbers may answer infinity."""
    model = load(folder / "model.safetensors")
    if not isinstance(model, Model):
        raise FormatError("as the command refuses")
    file = "a.png" if model.preparation.kind == "images" else "a.csv"
    with np.errstate(all="ignore"):
        return model.predict(folder / file)


def _table_and_back(folder: Path) -> object:
    """A table that trains a net is read again, by what is stored with the net."""
    source = csv_source(folder / "a.csv", test_share=0.3)
    stored = json.loads(json.dumps(source.preparation.to_config()))
    preparation = Preparation.from_config(stored, "a.json")
    rows = {row.tobytes() for row in table_for(folder / "a.csv", preparation)}
    for part in (source.train, source.test):
        if not rows.issuperset(row.tobytes() for row in part.x):
            raise AssertionError("other rows than in training")
    return preparation.describe()


def _rows(folder: Path) -> object:
    return rows_of(folder).to_columns()


SETTINGS = json.loads(settings().to_json())
TABLE = Preparation(
    "table", columns=("a", "b"), label="c", mean=(5.0, 3.0), std=(2.0, 0.5), classes=("x", "y")
)
ENCODER = TableEncoder(
    Dialect(delimiter=";"),
    (
        ColumnEncoder("size", NumberForm(",", "."), missing=True, fill=1.5),
        ColumnEncoder("day", order="day-month-year", fill=3.0),
        ColumnEncoder("color", kinds=("red", "blue"), other=True),
    ),
    (("id", "row numbers"),),
    unlabeled=2,
)
ENCODED = Preparation(
    "table",
    columns=ENCODER.features,
    label="t",
    mean=(1.0, 0.0, 9.0, 0.0, 0.0, 0.0),
    std=(2.0, 1.0, 5.0, 1.0, 1.0, 1.0),
    table=ENCODER,
)
PRICES = Preparation(
    "table", columns=("a", "b"), label="c", mean=(5.0, 3.0), std=(2.0, 0.5), target_mean=(3e5,),
    target_std=(1e5,),
)  # fmt: skip
COLORS, CENTERED = PictureOptions(color="rgb", size="9x7"), PictureOptions(center=True)
IMAGES = Preparation("images", (28, 28), 255.0, classes=("0", "1"))
DIGITS = Preparation("images", (28, 28), 255.0, classes=tuple("0123456789"), pictures=MNIST_FORM)
PHOTOS = Preparation(
    "images", (9, 7, 3), classes=("a", "b"),
    pictures=PictureForm(tone="dark", inverted=True, color="rgb", paper="black", transposed=True,
                         black=-1.0, white=1.0),
)  # fmt: skip
FROM_FILES = (
    replace(DIGITS, pictures=replace(MNIST_FORM, of_files=True)),
    replace(PHOTOS, divisor=255.0, pictures=PictureForm(tone="light", color="rgb", of_files=True)),
)
HISTORY = {
    "rows": [{"epoch": 0, "step": 0, "train_loss": 1.1}, {"epoch": 1, "step": 2, "seconds": 0.5}],
    "losses": [1.1, None], "stopped": "", "engine": "numpy",
}  # fmt: skip


@functools.cache
def _models() -> list[Model]:
    """Nets on images in arrays, on digits in files, and on files in color."""
    return [Model(MLP([p.n_in or 0, len(p.classes)], rng=0), p) for p in (IMAGES, *FROM_FILES)]


def _as_pictures(folder: Path) -> list[np.ndarray]:
    """Rows of every array of an archive, for every net that takes it."""
    made, refused = [], None
    for x in read_npz(folder / "a.npz").values():
        for model in _models():
            try:
                made.append(model.rows(x))
            except MitbadakError as problem:
                refused = problem
    if refused is not None and not made:
        raise refused
    return made


READERS = {
    reader.name: reader
    for reader in (
        Reader("read_idx", given.idx, lambda folder: read_idx(folder / "a.idx")),
        Reader("map_idx", given.mapped, lambda folder: np.array(map_idx(folder / "a.idx"))),
        Reader(
            "idx_dataset",
            given.pairs,
            lambda folder: idx_dataset(folder / "images.idx", folder / "labels.idx").x[0].copy(),
        ),
        Reader(
            "load", _net_seeds, lambda folder: repr(weights.load_net(folder / "model.safetensors"))
        ),
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
            _json_seeds(*(p.to_config() for p in (TABLE, PRICES, ENCODED, IMAGES, DIGITS, PHOTOS))),
            lambda folder: Preparation.from_config(_parsed(folder), "a.json"),
        ),
        Reader(
            "settings",
            _json_seeds(SETTINGS),
            lambda folder: TrainConfig.from_dict(_parsed(folder)),
        ),
        Reader(
            "idx_source", given.idx_folders, lambda folder: idx_source(folder).train.x[0].copy()
        ),
        Reader("read_npz", given.archives, lambda folder: read_npz(folder / "a.npz")),
        Reader("npz_source", given.archives, lambda folder: npz_source(folder / "a.npz")),
        Reader(
            "npz_numbers",
            given.archives_of_numbers,
            lambda folder: npz_source(folder / "a.npz", targets="numbers"),
        ),
        Reader("read_table", given.tables, lambda folder: read_table(folder / "a.csv")),
        Reader("csv_source", given.tables, _table_and_back),
        Reader("real_tables", given.real_tables, _table_and_back),
        Reader(
            "csv_numbers",
            given.tables_of_numbers,
            lambda folder: csv_source(folder / "a.csv", label="t", targets="numbers"),
        ),
        Reader("table_for", given.new_rows, lambda folder: table_for(folder / "a.csv", TABLE)),
        Reader("encoded", given.encoded_rows, lambda folder: table_for(folder / "a.csv", ENCODED)),
        Reader(
            "read_image",
            given.pictures,
            lambda folder: read_image(folder / "a.png"),
            allowance=ALLOWANCE + OF_PIXELS,
        ),
        Reader(
            "images_for",
            given.pictures,
            lambda folder: pictures_for([folder / "a.png"], DIGITS),
            allowance=ALLOWANCE + OF_PIXELS,
        ),
        Reader(
            "images_for_colors",
            given.pictures,
            lambda folder: images_for([folder / "a.png"], PHOTOS),
            allowance=ALLOWANCE + OF_COLORS,
        ),
        Reader(
            "image_folder",
            given.picture_folders,
            lambda folder: image_folder(folder),
            allowance=ALLOWANCE + OF_PIXELS,
        ),
        Reader(
            "image_folder_colors",
            given.picture_folders,
            lambda folder: image_folder(folder, pictures=COLORS),
            allowance=ALLOWANCE + OF_COLORS,
        ),
        Reader(
            "image_folder_centered",
            given.picture_folders,
            lambda folder: image_folder(folder, pictures=CENTERED),
            allowance=ALLOWANCE + OF_PIXELS,
        ),
        Reader(
            "preparation_of",
            _only("model.safetensors", "config.json"),
            lambda folder: preparation_of(RunFolder(folder)),
        ),
        Reader("arrays", given.arrays, _as_pictures, allowance=ALLOWANCE + OF_COLORS),
        Reader("predict", _predict_seeds, _predict, allowance=ALLOWANCE + OF_PIXELS),
        Reader("summary_of", _run_seeds, _summary),
        Reader("rows_of", _only("history.jsonl"), _rows),
    )
}
"""Every reader of files from strangers, by name."""

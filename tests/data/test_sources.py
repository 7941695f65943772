"""One entry point for all data: names, files and folders, and the errors for anything else."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from PIL import Image

import mitbadak as mb
from mitbadak.core.errors import FormatError, NotASourceError, UnknownNameError
from mitbadak.data import (
    MADE,
    PictureOptions,
    Source,
    TableOptions,
    open_source,
    sources,
    spiral_datasets,
    write_idx,
)


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with data in it, as the working directory."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "iris.csv").write_text("a,b,kind\n" + "1,2,x\n3,4,y\n" * 10)
    (tmp_path / "iris.tsv").write_text("a\tb\tkind\n" + "1\t2\tx\n3\t4\ty\n" * 10)
    (tmp_path / "IRIS.CSV").write_text("a,b,kind\n" + "1,2,x\n3,4,y\n" * 10)
    np.savez(tmp_path / "dots.npz", x=np.eye(4).repeat(5, 0), t=np.arange(20) % 2)
    np.save(tmp_path / "dots.npy", np.eye(4))
    for folder in ("digits", "mnist"):
        (tmp_path / folder).mkdir()
        for part in ("train", "t10k"):
            write_idx(tmp_path / folder / f"{part}-images-idx3-ubyte", np.ones((4, 2, 2), np.uint8))
            write_idx(tmp_path / folder / f"{part}-labels-idx1-ubyte", np.arange(4, dtype=np.uint8))
    (tmp_path / "photos" / "cats").mkdir(parents=True)
    return tmp_path


@pytest.mark.parametrize("name", [name for name in sources.NAMED if name != "mnist"])
def test_a_name_opens_the_same_set_as_its_function(name):
    source = open_source(name)
    parts = spiral_datasets() if name == "spiral" else MADE[name]()
    for part, data in zip((source.train, source.test), parts, strict=True):
        assert np.array_equal(part.x, data.x)
        assert np.array_equal(part.t, data.t)
    assert source.fingerprint.startswith("made: ")


@pytest.mark.parametrize(
    ("where", "kind", "n_in"),
    [("iris.csv", "table", 2), ("iris.tsv", "table", 2), ("IRIS.CSV", "table", 2),
     ("dots.npz", "points", None), ("digits", "images", 4), ("./mnist", "images", 4)],
)  # fmt: skip
def test_a_path_is_opened_by_its_format(here, where, kind, n_in):
    for path in (where, here / where):
        source = open_source(path)
        assert isinstance(source, Source)
        assert (source.preparation.kind, source.preparation.n_in) == (kind, n_in)
    if where.endswith("mnist"):
        assert open_source("mnist").preparation.n_in == 784  # the name comes first


def test_options_reach_the_reader(here):
    source = open_source("iris.csv", label="kind", test_share=0.5, rng=3)
    assert (len(source.train), source.preparation.label) == (10, "kind")
    (here / "line.csv").write_text("y,x\n" + "1.5,2\n3.5,4\n" * 5)
    real = open_source("line.csv", label="y", targets="numbers", table=TableOptions(drop=""))
    assert real.train.t.dtype == np.float64
    np.savez(here / "line.npz", x=np.eye(9), t=np.arange(9) * 0.5)
    assert open_source("line.npz", targets="numbers", test_share=0.5).test.t.shape == (4, 1)
    cases: list[tuple[str, dict[str, Any]]] = [
        ("line.csv", {"targets": "numbers", "label": "y"}), ("dots.npz", {})
    ]  # fmt: skip
    for path, options in cases:
        drawn = [open_source(path, rng=seed, **options).test for seed in range(9)]
        assert len({str((part.x.tolist(), part.t.tolist())) for part in drawn}) > 1


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("mnits", "unknown data 'mnits'; did you mean 'mnist'? Known: mnist, spiral, xor"),
        ("mnits", "There is no file or folder of that name either."),
        ("iris.cvs", "no data at iris.cvs: there is no such file or folder. Did you mean iris.csv"),
        ("./digit", "Did you mean digits? Known by name: mnist"),
        ("nowhere/iris.csv", "there is no folder nowhere"),
        ("iris.csv/a.csv", "there is no folder iris.csv"),
    ],
)
def test_an_unknown_name_or_path_gets_the_closest_one_suggested(here, where, message):
    with pytest.raises(UnknownNameError, match=re.escape(message)):
        open_source(where)


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("photos", "photos should hold a folder of images for each of at least two classes"),
        ("dots.npy", "dots.npy is not in a known format: .csv, .tsv, .txt, .data, .dat, .npz"),
    ],
)
def test_data_in_an_unknown_format_has_its_own_error(here, where, message):
    with pytest.raises(NotASourceError, match=re.escape(message)):
        open_source(where)


@pytest.mark.parametrize(
    ("where", "options", "message"),
    [
        ("dots.npz", {"label": "b"}, "dots.npz is not a table; label='b' is for tables"),
        ("mnist", {"label": "b"}, "mnist is not a table"),
        ("dots.npz", {"table": TableOptions(drop="b")}, "dots.npz is not a table"),
        ("digits", {"targets": "numbers"}, "digits has classes for labels"),
        ("moons", {"targets": "numbers"}, "moons has classes for labels"),
    ],
)
def test_an_option_that_does_not_apply_is_refused(here, where, options, message):
    with pytest.raises(FormatError, match=re.escape(message)):
        open_source(where, **options)


KINDS = {
    "classes": ("size", "color", "paper", "tone", "center"),
    "digits": ("orientation", "first_class"),
    "dots.npz": ("first_class",),
    "iris.csv": (),
    "moons": (),
    "mnist": (),
}  # what each kind of source follows
VALUES = {"size": "3", "color": "rgb", "paper": "black", "tone": "invert", "center": True,
          "orientation": "transposed", "first_class": "0"}  # fmt: skip


@pytest.fixture
def classes(here):
    """A folder of pictures by class beside the other data."""
    for part in ("train", "test"):
        for k in range(2):
            (here / "classes" / part / str(k)).mkdir(parents=True)
            for i in range(5):
                image = np.full((9, 9), 250, np.uint8)
                image[2:7, 3 : 5 + k] = 10 * i
                Image.fromarray(image).save(here / "classes" / part / str(k) / f"{i}.png")


@pytest.mark.parametrize("where", KINDS)
@pytest.mark.parametrize("name", VALUES)
def test_settings_of_pictures_are_followed_or_refused_by_name(classes, where, name):
    options = PictureOptions(**{name: VALUES[name]})
    if name in KINDS[where]:
        open_source(where, pictures=options)
        return
    with pytest.raises(FormatError, match=rf"{where} .*{name}=.* for .*Leave it out"):
        open_source(where, pictures=options)


def test_all_settings_that_do_not_apply_are_named(classes):
    options = PictureOptions(tone="keep", size="20", orientation="upright")
    with pytest.raises(FormatError, match=r"size='20' and tone='keep' are for .*Leave them out"):
        open_source("digits", pictures=options)


@pytest.mark.parametrize("where", ["classes", "digits", "moons", "mnist", "parts.npz"])
def test_a_share_is_refused_where_there_is_a_test_set(classes, here, where):
    x, t = np.eye(4), np.arange(4) % 2
    np.savez(here / "parts.npz", x_train=x, y_train=t, x_test=x, y_test=t)
    with pytest.raises(FormatError, match=r"comes with its test set; test_share=0\.5 is for"):
        open_source(where, test_share=0.5)


def test_a_table_trains(here):
    source = open_source("iris.csv")
    net = mb.MLP([2, 2], rng=0)
    history = mb.fit(net, source.train, test=source.test, epochs=5, batch_size=8, rng=0,
                     optimizer=mb.SGD(1.0), callbacks=[])  # fmt: skip
    assert history["test_accuracy"][-1] == 1


def test_a_curve_trains():
    source = open_source("regression")
    net = mb.MLP([1, 20, 1], "tanh", loss="mean_squared_error", init="xavier", rng=0)
    mb.fit(net, source.train, test=source.test, optimizer=mb.Adam(0.03), epochs=60, batch_size=20,
           rng=0, callbacks=[])  # fmt: skip
    x, t = source.test.batch(slice(None))
    error = np.mean((net.predict(x) - t) ** 2)
    assert error < 0.1 < 0.4 < np.var(t)


def test_labels_count_from_the_smallest_one_or_from_0(tmp_path):
    x, t = np.random.default_rng(0).integers(0, 256, (60, 4, 4)).astype(np.uint8), np.arange(60) % 5
    np.savez(tmp_path / "letters.npz", x=x, t=t + 1)
    source = open_source(tmp_path / "letters.npz")
    assert source.preparation.classes == ("1", "2", "3", "4", "5")
    assert sorted(set(source.train.t.tolist())) == [0, 1, 2, 3, 4]
    assert source.notes[1:] == ("labels from 1 to 5; the first class is 1 (first_class='0')",)
    counted = open_source(tmp_path / "letters.npz", pictures=PictureOptions(first_class="0"))
    assert counted.preparation.classes == ("0", "1", "2", "3", "4", "5")
    assert counted.notes[1:] == ()
    np.savez(tmp_path / "digits.npz", x=x, t=t)
    assert open_source(tmp_path / "digits.npz").notes[1:] == ()

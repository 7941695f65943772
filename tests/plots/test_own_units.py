"""Pictures of tables: classes and columns by name, and numbers in the units of the file."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from mitbadak import plots
from mitbadak.cli.app import main
from mitbadak.nn import MLP
from mitbadak.plots import boundary_film, style
from mitbadak.plots.own_units import OwnUnits, class_label

COLUMNS = ("길이 (cm)", "width (mm)")
CLASSES = ("붓꽃", "rose", "tulip")
PRICE = "가격 (원)"
NUMBERED = re.compile(r"\bx[01]\b|\bclass \d|클래스 \d")
MEANS = np.array([500.0, -3.0])  # far from those of standardized rows


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tables of two columns and classes, of two columns and a number, and of one and a number."""
    folder = tmp_path_factory.mktemp("tables")
    rng = np.random.default_rng(0)
    x = rng.normal(MEANS, [30.0, 0.5], (60, 2)).round(3)
    kinds = [CLASSES[k % 3] for k in range(60)]
    prices = [f"{3 * a + b:.3f}" for a, b in x]
    tables = {
        "classes.csv": ([*COLUMNS, "종"], [[*row, k] for row, k in zip(x, kinds, strict=True)]),
        "prices.csv": ([*COLUMNS, PRICE], [[*row, p] for row, p in zip(x, prices, strict=True)]),
        "line.csv": ([COLUMNS[0], PRICE], [[a, p] for a, p in zip(x[:, 0], prices, strict=True)]),
    }  # fmt: skip
    for name, (heading, rows) in tables.items():
        with open(folder / name, "w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([heading, *rows])
    return folder


@pytest.fixture
def figures(monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    """The figures that are saved, or filmed, while the test runs."""
    saved: list[Figure] = []
    drawn, screen = style._drawn, boundary_film._Screen.__init__

    def keep(figure: Figure, form: str) -> bytes:
        saved.append(figure)
        return drawn(figure, form)

    def keep_screen(self: Any, *given: Any) -> None:
        screen(self, *given)
        saved.append(self.ax.figure)

    monkeypatch.setattr(style, "_drawn", keep)
    monkeypatch.setattr(boundary_film._Screen, "__init__", keep_screen)
    return saved


def texts(figure: Figure) -> set[str]:
    return {text.get_text() for text in figure.findobj(Text) if isinstance(text, Text)}


def in_the_plane(figure: Figure) -> Iterator[Axes]:
    """The axes whose points are examples."""
    yield from (ax for ax in figure.axes if ax.get_xlabel() == COLUMNS[0])


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_every_picture_of_a_table_of_classes_names_them(
    lang: str, folder: Path, figures: list[Figure], tmp_path: Path
) -> None:
    run, how = str(tmp_path / "run"), ["--epochs", "2", "--quiet", "--engine", "numpy"]
    film, weights = str(tmp_path / "a.gif"), str(tmp_path / "w.png")
    data = str(folder / "classes.csv")
    assert main(["train", data, *how, "--out", run, "--film", film, "--lang", lang]) == 0
    assert main(["evaluate", run, "--weights", weights, "--lang", lang]) == 0
    planes = [figure for figure in figures if any(in_the_plane(figure))]
    assert len(planes) == 3  # the boundary, its film, and the mistakes of evaluate
    for figure in planes:
        assert {*COLUMNS, *CLASSES} <= texts(figure)
        (ax,) = in_the_plane(figure)
        low, high = ax.get_xlim()
        assert 300 < low < 500 < high < 700  # as in the file
    for figure in figures:
        assert not [text for text in texts(figure) if NUMBERED.search(text)]
    assert any({*COLUMNS, *CLASSES} <= texts(f) and "W1 (2, " in str(texts(f)) for f in figures)


@pytest.mark.parametrize("table", ["prices.csv", "line.csv"])
def test_every_picture_of_a_table_of_numbers_names_the_target(
    table: str, folder: Path, figures: list[Figure], tmp_path: Path
) -> None:
    run = str(tmp_path / "run")
    how = ["--epochs", "2", "--quiet", "--engine", "numpy", "--out", run]
    assert main(["train", str(folder / table), *how]) == 0
    assert main(["evaluate", run]) == 0
    named = [figure for figure in figures if any(PRICE in text for text in texts(figure))]
    assert len(named) == (2 if table == "line.csv" else 1)
    if table == "line.csv":
        assert {COLUMNS[0], PRICE} <= texts(named[0])


def test_examples_are_drawn_as_they_stand_in_the_file(folder: Path) -> None:
    from mitbadak.data import csv_source

    source = csv_source(folder / "classes.csv", rng=0)
    ax = plots.new_figure().subplots()
    net = MLP([2, 3], rng=0)
    plots.decision_boundary(net, source.train, ax, preparation=source.preparation, points=20)
    drawn = np.concatenate([np.asarray(c.get_offsets()) for c in ax.collections[-3:]])
    with open(folder / "classes.csv", encoding="utf-8") as file:
        rows = [(float(a), float(b)) for a, b, _ in list(csv.reader(file))[1:]]
    distances = np.abs(drawn[:, None] - np.array(rows)).max(axis=2).min(axis=1)
    assert distances.max() < 1e-3  # float32 rows, undone


def test_dates_beside_an_axis_are_dates(tmp_path: Path) -> None:
    from mitbadak.data import csv_source

    lines = [f"2024-{1 + k % 12:02}-15,{k % 7}.5,{'ab'[k % 2]}" for k in range(60)]
    (tmp_path / "d.csv").write_text("\n".join(["day,size,kind", *lines]))
    source = csv_source(tmp_path / "d.csv", rng=0)
    figure = plots.new_figure()
    own = source.preparation
    ax = plots.decision_boundary(
        MLP([2, 2], rng=0), source.train, figure.subplots(), preparation=own, points=20
    )
    figure.canvas.draw()
    ticks = [text.get_text() for text in ax.get_xticklabels() if text.get_text()]
    assert ticks
    assert all(re.fullmatch(r"202[345]-\d\d-\d\d", tick) for tick in ticks)


def test_what_has_no_name_keeps_its_number() -> None:
    own = OwnUnits.of(MLP([2, 3], rng=0), None)
    assert (own.column(1), own.class_label(2, str)) == ("x1", "class 2")
    assert [class_label(name, str) for name in ("7", "-1.5", "seven")] == [
        "class 7", "class -1.5", "seven",
    ]  # fmt: skip
    assert np.array_equal(own.rows(np.eye(2)), np.eye(2))

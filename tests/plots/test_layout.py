"""Every picture in both languages: nothing is cut off or overlaps, and one font carries it."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from matplotlib.artist import Artist
from matplotlib.axis import Axis
from matplotlib.cbook import is_math_text
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, fontManager, get_font
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from gallery import GALLERY, ROOMS
from mitbadak.plots import new_figure
from mitbadak.plots.axes import class_style
from mitbadak.plots.style import DOTS_PER_INCH, korean_font, missing_letters_as_boxes

QUICK = [f"{room}: {next(iter(cases))}" for room, cases in ROOMS.items()]
PICTURES = [
    pytest.param(name, id=name, marks=() if name in QUICK else pytest.mark.slow) for name in GALLERY
]
every_picture = pytest.mark.parametrize("name", PICTURES)
both = pytest.mark.parametrize("lang", ["en", "ko"])
TOUCH = 1.5  # pixels by which boxes of letters may overlap: they have room above and below


def drawn(name: str, lang: str) -> Figure:
    """A picture, drawn once, so that its layout is done."""
    return laid_out(GALLERY[name](lang))


def laid_out(figure: Figure) -> Figure:
    figure.set_dpi(DOTS_PER_INCH)
    with missing_letters_as_boxes():
        figure.canvas.draw()
    return figure


def texts(figure: Figure) -> Iterator[Text]:
    """All that is written in a drawn picture."""
    hidden = {id(inner) for artist in figure.findobj(Artist) if not artist.get_visible()
              for inner in artist.findobj(Text)}  # fmt: skip
    hidden |= {id(inner) for ax in figure.axes if not ax.axison
               for axis in (ax.xaxis, ax.yaxis) for inner in axis.findobj(Text)}  # fmt: skip
    hidden |= {id(text) for ax in figure.axes for axis in (ax.xaxis, ax.yaxis)
               for text in _undrawn(axis)}  # fmt: skip
    for text in figure.findobj(Text):
        assert isinstance(text, Text)
        if text.get_text().strip() and text.get_visible() and id(text) not in hidden:
            yield text


def _undrawn(axis: Axis) -> set[Text]:
    """Labels of ticks that an axis keeps for later, or that lie outside of it."""
    scale = axis.get_transform()
    low, high = sorted(scale.transform(np.array(axis.get_view_interval())))
    slack = 1e-9 * (high - low)
    ticks = [*zip(axis.get_major_ticks(), axis.get_ticklocs(), strict=False),
             *zip(axis.get_minor_ticks(), axis.get_ticklocs(minor=True), strict=False)]  # fmt: skip
    drawn = {axis.label, axis.get_offset_text()}
    for tick, place in ticks:
        if low - slack <= float(scale.transform(np.array([place]))[0]) <= high + slack:
            drawn |= {tick.label1, tick.label2}
    return {text for text in axis.findobj(Text) if isinstance(text, Text)} - drawn


def box(text: Text, figure: Figure) -> Bbox:
    canvas: Any = figure.canvas
    with missing_letters_as_boxes():
        return text.get_window_extent(canvas.get_renderer())


def is_slanted(text: Text) -> bool:
    return text.get_rotation() % 90 != 0


def overlapping(figure: Figure) -> list[tuple[str, str]]:
    """Pairs of texts that run into each other.

    Boxes of slanted labels overlap where their letters do not; their distance is checked instead.
    """
    boxes = [(text, box(text, figure)) for text in texts(figure)]
    pairs = []
    for (a, box_a), (b, box_b) in combinations(boxes, 2):
        if is_slanted(a) and is_slanted(b):
            apart = abs(box_a.x1 - box_b.x1) * np.sin(np.radians(a.get_rotation()))
            if apart < float(a.get_fontsize()) * figure.dpi / 72 * 0.8:
                pairs.append((a.get_text(), b.get_text()))
            continue
        wide = min(box_a.x1, box_b.x1) - max(box_a.x0, box_b.x0)
        high = min(box_a.y1, box_b.y1) - max(box_a.y0, box_b.y0)
        if wide > TOUCH and high > TOUCH:
            pairs.append((a.get_text(), b.get_text()))
    return pairs


def cut_off(figure: Figure) -> list[str]:
    """Texts that leave the picture."""
    inside = Bbox.from_bounds(-1, -1, figure.bbox.width + 2, figure.bbox.height + 2)
    boxes = [(text.get_text(), box(text, figure)) for text in texts(figure)]
    return [t for t, b in boxes if not (inside.contains(*b.p0) and inside.contains(*b.p1))]


def fonts_of(text: Text) -> dict[str, str]:
    """The font that draws each character: the first of the text's that has it."""
    with warnings.catch_warnings(action="ignore"):
        files = [
            fontManager.findfont(FontProperties(family=[family]))
            for family in text.get_fontfamily()
        ]
    fonts = [get_font(file) for file in files]
    return {
        letter: next((f.family_name for f in fonts if f.get_char_index(ord(letter))), "none")
        for letter in text.get_text()
        if not letter.isspace()
    }


@both
@every_picture
def test_nothing_is_cut_off_and_nothing_overlaps(name: str, lang: str) -> None:
    figure = drawn(name, lang)
    assert overlapping(figure) == []
    assert cut_off(figure) == []
    assert all(ax.bbox.width > 8 and ax.bbox.height > 8 for ax in figure.axes if ax.axison)


@every_picture
def test_a_korean_picture_has_one_font(name: str) -> None:
    font = korean_font()
    if font is None:
        pytest.skip("no Korean font is installed")
    for text in texts(drawn(name, "ko")):
        assert not is_math_text(text.get_text()), text.get_text()  # which has a font of its own
        assert set(fonts_of(text).values()) <= {font}, (text.get_text(), fonts_of(text))


@every_picture
def test_without_a_korean_font_there_are_no_boxes(name, korean) -> None:
    if korean.has_font:
        return
    with warnings.catch_warnings(action="ignore"):
        figure = drawn(name, "ko")
    if not any("wide" in part for part in name.split()) and name != "race: long names":
        for text in texts(figure):
            assert "none" not in fonts_of(text).values(), text.get_text()


def test_axes_that_were_made_before_get_the_font_too() -> None:
    from mitbadak import History, plots

    font = korean_font()
    if font is None:
        pytest.skip("no Korean font is installed")
    figure = new_figure()  # in the user's own settings
    ax = figure.subplots()
    ax.plot([-3, -1], [-1, 2])
    plots.loss_curve(History([], [2.0, 1.0]), ax, lang="ko")
    ax.set_xlim(-3, 3)
    laid_out(figure)
    fonts = {letter: f for text in texts(figure) for letter, f in fonts_of(text).items()}
    assert "손" in fonts
    assert set(fonts.values()) == {font}


def test_sixty_four_classes_can_be_told_apart() -> None:
    assert len({class_style(k) for k in range(64)}) == 64


def test_the_tests_notice_what_is_cut_off_or_overlaps() -> None:
    figure = new_figure(4, 3)
    figure.set_layout_engine("none")
    figure.text(0.5, 0.5, "one")
    figure.text(0.51, 0.5, "two")
    figure.text(0.97, 0.2, "cut off")
    laid_out(figure)
    assert overlapping(figure) == [("one", "two")]
    assert cut_off(figure) == ["cut off"]

"""The evidence of a checkup as pictures: SVG within the page, which needs nothing else."""

from __future__ import annotations

import math
from collections.abc import Sequence

from mitbadak.core.printing import display_width
from mitbadak.doctor import svg
from mitbadak.doctor.checkup.items import Item
from mitbadak.doctor.words.checkup_items import PICTURES

BARS, MOST_BARS = 18, 12  # pixels from bar to bar; bars at most
NAME_CELLS = 20  # letters of a name beside a bar; Hangul counts twice
HIGHEST = 2.0  # times the first loss is the top of the picture


def picture_of(item: Item, lang: str) -> str:
    """The picture of an item; "" if it has none.

    Example:
        >>> item = Item("zeroed-inputs", {"real": 0.1, "zeroed": 2.0})
        >>> picture_of(item, "en")
        ''
    """
    if item.name == "learning-rate":
        return _rates(item, lang)
    if item.name == "sizes" and item.measures["matrices"]:
        return _sizes(item, lang)
    if item.name == "labels" and item.measures.get("counts"):
        return _counts(item, lang)
    return ""


def _rates(item: Item, lang: str) -> str:
    """The loss after a short training over the learning rate, with the suggested range."""
    m, words = item.measures, PICTURES[lang]
    points = m["losses"]
    rates = [point["rate"] for point in points]
    top = HIGHEST * m["first"] if m["first"] > 0 else 1.0
    left, right = math.log10(rates[0]), math.log10(rates[-1])

    def place(rate: float) -> float:
        share = (math.log10(rate) - left) / (right - left) if right > left else 0.5
        return svg.LEFT + min(max(share, 0), 1) * (svg.RIGHT - svg.LEFT)

    def level(loss: float | None) -> float:
        shown = top if loss is None or not loss < top else max(loss, 0.0)
        return svg.BOTTOM - shown / top * (svg.BOTTOM - svg.TOP)

    parts = []
    if "low" in m:
        x, width = place(m["low"]), max(3, place(m["high"]) - place(m["low"]))
        parts += [
            f'<rect x="{x:.1f}" y="{svg.TOP}" width="{width:.1f}" height="{svg.BOTTOM - svg.TOP}" '
            f'fill="{svg.SHADE}"/>',
            svg.label(x + width / 2, svg.TOP - 8, words["range"].format(**m), middle=True),
        ]
    before = level(m["first"])
    parts.append(svg.line(svg.LEFT, before, svg.RIGHT, before, svg.GRAY, dashed=True))
    for draw in range(len(points[0]["losses"])):
        path = " ".join(f"{place(p['rate']):.1f},{level(p['losses'][draw]):.1f}" for p in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{svg.LINE}" opacity=".75"/>')
    parts.append(svg.label(svg.RIGHT - 2, before - 4, words["first"], end=True))  # over the curves
    parts += [svg.line(place(m["asked"]), svg.TOP, place(m["asked"]), svg.BOTTOM, svg.ASKED),
              svg.label(place(m["asked"]) + 4, svg.BOTTOM - 6, words["asked"].format(**m),
                    color=svg.ASKED)]  # fmt: skip
    for power in range(math.ceil(left - 1e-9), math.floor(right + 1e-9) + 1):
        parts.append(
            svg.label(place(10.0**power), svg.BOTTOM + 16, f"{10.0**power:g}", middle=True)
        )
    parts += [svg.label(svg.LEFT - 6, level(value) + 4, f"{value:.3g}", end=True)
              for value in (0.0, top / 2, top)]  # fmt: skip
    middle = (svg.LEFT + svg.RIGHT) / 2
    parts += [svg.frame(), svg.label(middle, svg.HEIGHT - 8, words["rate"], middle=True),
              svg.label(6, 16, words["loss"].format(**m))]  # fmt: skip
    return svg.picture(parts, svg.HEIGHT, item.sentence(lang))


def _sizes(item: Item, lang: str) -> str:
    """Bars for the spread of each layer's answers, each gradient, and each first update."""
    m, words = item.measures, PICTURES[lang]
    groups = [
        (words["answers"], [(layer["name"], layer["std"]) for layer in m["layers"]]),
        (words["gradients"], [(one["name"], one["gradient"]) for one in m["matrices"]]),
        (words["updates"], [(one["name"], one["ratio"]) for one in m["matrices"]]),
    ]
    return _bars(groups, item.sentence(lang), logarithmic=True)


def _counts(item: Item, lang: str) -> str:
    """Bars for the examples of each class."""
    counts = item.measures["counts"]
    called = item.measures["names"]["counts"]
    rows = [(name, float(count)) for name, count in zip(called, counts, strict=True)]
    return _bars([(PICTURES[lang]["counts"], rows)], item.sentence(lang), logarithmic=False)


def _bars(
    groups: Sequence[tuple[str, Sequence[tuple[str, float]]]], caption: str, *, logarithmic: bool
) -> str:
    parts, y, start = [], 18.0, 150.0
    for title, rows in groups:
        parts.append(svg.label(6, y, title, bold=True))
        y += 6
        values = [value for _, value in rows if value > 0]
        high, low = max(values, default=1.0), min(values, default=1.0)
        for name, value in rows[:MOST_BARS]:
            share = _logarithmic(value, low, high) if logarithmic else value / high
            width = share * (svg.WIDTH - start - 90)
            parts += [
                svg.label(start - 8, y + 12, _fitting(name), end=True),
                _bar(start, y + 2, width),
                svg.label(
                    start + width + 6, y + 12, f"{value:.3g}" if logarithmic else f"{value:,.0f}"
                ),
            ]
            y += BARS
        if len(rows) > MOST_BARS:
            parts.append(svg.label(start, y + 10, "..."))
            y += BARS
        y += 20
    return svg.picture(parts, y - 14, caption)


def _fitting(name: str) -> str:
    """A name that has room beside its bar."""
    plain, cells = "", 0
    for letter in name:
        cells += display_width(letter)
        if cells > NAME_CELLS:
            return f"{plain[:-1]}..."
        plain += letter
    return plain


def _logarithmic(value: float, low: float, high: float) -> float:
    """The length of a bar on a logarithmic scale; that of the lowest value can still be seen."""
    if not value > 0:
        return 0.0
    return (math.log10(value / low) + 0.3) / (math.log10(high / low) + 0.3)


def _bar(x: float, y: float, width: float) -> str:
    return f'<rect x="{x}" y="{y:.0f}" width="{width:.1f}" height="12" fill="{svg.LINE}"/>'

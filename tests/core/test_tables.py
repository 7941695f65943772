"""Columns of tables line up in a terminal, whatever the script of their cells."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st
from rich.cells import cell_len

from mitbadak.core.printing import display_width, padded, table_lines, visible
from mitbadak.nn import MLP
from mitbadak.nn.activations import ReLU
from mitbadak.nn.affine import Affine
from mitbadak.nn.network import Sequential

WORDS = ("고양이", "犬", "cat", "né", "ne\u0301", "한글", "\u1112\u1161\u11ab", "😀", "👩\u200d👧",
         "👍🏽", "❤\ufe0f", "🇰🇷", "１２", "ﾊﾝ", "", "a b", "\x1b[31m", "عربي")  # fmt: skip
LETTERS = st.one_of(
    st.sampled_from(WORDS),
    st.text(st.characters(blacklist_categories=("Cs", "Cn", "Co", "Mc", "So", "No", "Cf", "Lo"))),
    st.text("가각힣あア犬猫ａ", max_size=6),
)
CELLS = st.lists(LETTERS, min_size=1, max_size=3).map(" ".join)
TABLES = st.integers(1, 4).flatmap(
    lambda n: st.lists(st.lists(CELLS, min_size=n, max_size=n), min_size=1, max_size=5)
)


@given(CELLS)
def test_the_width_of_a_text_is_that_of_rich(text: str) -> None:
    """Its tables and ours agree; rare scripts aside, about which terminals differ."""
    assert display_width(visible(text)) == cell_len(visible(text))


@given(CELLS, st.integers(0, 30))
def test_padding_reaches_a_width_and_never_cuts(text: str, width: int) -> None:
    for right in (False, True):
        whole = padded(text, width, right=right)
        assert display_width(whole) == max(width, display_width(text))
        assert whole.strip(" ") == text.strip(" ")


@given(TABLES, st.sets(st.integers(0, 3)))
def test_columns_line_up(rows: list[list[str]], right: set[int]) -> None:
    marked = [[f"<{visible(cell)}>" for cell in row] for row in rows]  # spaces of cells aside
    lines = table_lines(marked, right)
    for k in range(len(marked[0])):
        edge = 0 if k in right else 1  # of the cell: its end, or its beginning
        places = set()
        for line, row in zip(lines, marked, strict=True):
            before = line[: _begin(line, row, k) + (0 if edge else len(row[k]))]
            places.add(cell_len(before))
        assert len(places) == 1, lines


def _begin(line: str, row: list[str], k: int) -> int:
    """Where the k-th cell begins: cells are separated by spaces outside of <>."""
    place = 0
    for cell in row[:k]:
        place = line.index(cell, place) + len(cell)
    return line.index(row[k], place)


class 계층(Affine):  # noqa: N801
    """A layer of a user, with a name in Hangul."""


@pytest.mark.parametrize("net", [MLP([4, 8, 3], "relu", rng=0), Sequential([계층(4, 3), ReLU()])])
def test_the_summary_of_a_net_lines_up(net: Sequential) -> None:
    from mitbadak.nn.summary import summary_lines

    header, *rows = summary_lines(net)[:-1]
    ends = {cell_len(row[: row.index("  ")]) for row in rows}
    column = cell_len(header[: header.index("parameters") + len("parameters")])
    for row, layer in zip(rows, net.layers, strict=True):
        count = sum(a.size for n, a in net.params.items() if net.params.owner(n)[0] is layer)
        end = row.index(f"{count:,}", len(repr(layer)) + 2) + len(f"{count:,}")
        assert cell_len(row[:end]) == column, (ends, rows)
    assert np.isfinite(column)

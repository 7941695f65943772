"""What every view's sources have to hold, read without building them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[2] / "frontend" / "src"
VIEWS = sorted(path.parent for path in SOURCES.glob("*/view.ts"))


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_a_view_is_laid_out_by_its_own_width(view: Path) -> None:
    """In a notebook that is not the window's."""
    for sheet in view.glob("*.css"):
        asked = re.findall(r"@media\s*\(([\w-]+)", sheet.read_text(encoding="utf-8"))
        assert [feature for feature in asked if "width" in feature] == []


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_a_view_says_what_needs_python(view: Path) -> None:
    """A file shows it without Python, all but the one that keeps its answers to itself."""
    text = (view / "view.ts").read_text(encoding="utf-8")
    views = (SOURCES / "views.ts").read_text(encoding="utf-8")
    lasts = not re.search(rf"\b{view.name}: {{[^}}]*lasting: false", views)
    assert ("inRecording(model" in text) == lasts


def test_there_are_views() -> None:
    assert len(VIEWS) >= 7
